"""The YAML form of a training call: who calls, what they know, what they say when, and what a good call-taker does.

In: `library/scripts/*.yaml` and `standards.yaml`. Out: `Script`s, frozen and complete. Invariants: an unknown
key, a turn without exactly one trigger, an action that does not exist or a fact revealed that is not written down is an
error that names the file, the place, what is wrong and what to write instead. docs/scenarios.md explains every field.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dispatch.contract.base import Identifier, LanguageCode, LongText, Seconds, ShortText
from dispatch.contract.training import ExpectedAction, ForbiddenAction, Gold, Rubric
from dispatch.quality import unknown_action

LIBRARY: Final = Path(__file__).parent / "library"
SCRIPTS: Final = LIBRARY / "scripts"
STANDARDS: Final = LIBRARY.parent / "standards.yaml"
OTHER: Final = "other"
"""Stands for every question or instruction that no turn of the script names."""
LONGEST_S: Final = 180.0
"""The caller ends a training call that has not ended by then, unless the script says otherwise."""


class CallType(StrEnum):
    """The 32 call types of the domain list, in its order."""

    CARDIAC_ARREST = "cardiac_arrest"
    AGONAL_BREATHING = "agonal_breathing"
    CHILD_ARREST = "child_arrest"
    CHOKING = "choking"
    CHEST_PAIN = "chest_pain"
    STROKE = "stroke"
    ANAPHYLAXIS = "anaphylaxis"
    MILD_ALLERGY = "mild_allergy"
    OVERDOSE = "overdose"
    SEVERE_BLEEDING = "severe_bleeding"
    CHILDBIRTH = "childbirth"
    PREGNANCY_PROBLEM = "pregnancy_problem"
    DROWNING = "drowning"
    BURNS = "burns"
    SEIZURE = "seizure"
    FEBRILE_CHILD = "febrile_child"
    DIABETIC = "diabetic"
    BREATHING_PROBLEM = "breathing_problem"
    FALL = "fall"
    ROAD_CRASH = "road_crash"
    ASSAULT = "assault"
    SUICIDE_PSYCHIATRIC = "suicide_psychiatric"
    CARBON_MONOXIDE = "carbon_monoxide"
    HOUSE_FIRE = "house_fire"
    HEAT_COLD = "heat_cold"
    UNCONSCIOUS = "unconscious"
    SILENT_CALLER = "silent_caller"
    NON_ENGLISH = "non_english"
    WRONG_NUMBER = "wrong_number"
    REPEAT_INCIDENT = "repeat_incident"
    BOOKING_TURNS_EMERGENCY = "booking_turns_emergency"
    THIRD_PARTY = "third_party"


class ScriptError(Exception):
    """A script that cannot be used. The message names the file, the place, what is wrong and how to put it right."""

    code = "bad_scenario"
    retryable = False


class Part(BaseModel):
    """Base of everything in a script: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _one_or_many(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _known_action(name: str) -> str:
    wrong = unknown_action(name)
    if wrong is not None:
        raise ValueError(wrong)
    return name


class Persona(Part):
    """Who calls, how they sound, and where they stand."""

    who: ShortText
    voice: Identifier
    """One of the recording's voices."""
    lang: LanguageCode = "en"
    emotion: int = Field(ge=1, le=5)
    """1 calm to 5 hysterical; a higher one speaks faster and higher."""
    erratic: int = Field(ge=1, le=5)
    """1 to the point to 5 incoherent; the adaptive caller rambles by it."""
    noise: Identifier
    snr_db: float = Field(ge=-5, le=60)
    """Level of the speech above the noise, decibels."""


class Clip(Part):
    """A recorded voice instead of a spoken text; its source and licence are in recording/clips/SOURCES.md."""

    file: str = Field(pattern=r"^[A-Za-z0-9_.-]+\.wav$")


class Turn(Part):
    """Something that the caller says, and what brings it about: exactly one of the triggers."""

    id: Identifier
    say: LongText
    at_s: Seconds | None = None
    """Trigger: so many seconds after the call was answered, as soon as the line is free."""
    ask: tuple[Identifier, ...] = ()
    """Trigger: the trainee asks one of these; `other` for any that no turn names. Said again when asked again.

    With `after_s` the caller volunteers it so many seconds after answering when nobody has asked."""
    instruct: tuple[ShortText, ...] = ()
    """Trigger: the trainee gives a step (`script/step`) or any step of a script; `other` for the rest."""
    dispatch: bool = False
    """Trigger: the trainee sends help."""
    unasked: Identifier | None = None
    """Trigger: this question has not been asked `after_s` seconds after answering."""
    after_s: Seconds | None = None
    closing: bool = False
    """Trigger: all is done, or the time is up. The caller hangs up after it."""
    lang: LanguageCode | None = None
    emotion: int | None = Field(default=None, ge=1, le=5)
    voice: Identifier | None = None
    clip: Clip | None = None
    red_flag: bool = False
    """With the end of these words the call's category must be known."""
    reveals: tuple[Identifier, ...] = ()
    distractor: bool = False
    trap: ShortText = ""
    """What a careless call-taker would do here, and why it is wrong."""
    hang_up: bool = False
    """The caller hangs up after it."""

    @field_validator("instruct")
    @classmethod
    def _real_steps(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name if name == OTHER else _known_action(f"instruct:{name}").partition(":")[2] for name in names)

    @field_validator("ask")
    @classmethod
    def _real_questions(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(code if code == OTHER else _known_action(f"ask:{code}").partition(":")[2] for code in codes)

    @model_validator(mode="after")
    def _one_trigger(self) -> "Turn":
        triggers = {
            "at_s": self.at_s is not None,
            "ask": bool(self.ask),
            "instruct": bool(self.instruct),
            "dispatch": self.dispatch,
            "unasked": self.unasked is not None,
            "closing": self.closing,
        }
        given = [name for name, there in triggers.items() if there]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(triggers)}; here: {', '.join(given) or 'none'}")
        if self.unasked is not None and self.after_s is None:
            raise ValueError("`unasked` needs `after_s`: so many seconds after answering")
        if self.after_s is not None and self.unasked is None and not self.ask:
            raise ValueError("`after_s` belongs to `unasked` or `ask`; for a fixed second use `at_s`")
        return self


Action = Annotated[str, AfterValidator(_known_action)]


class Expect(Part):
    """An expected action as a script writes it; one action or a list of which any will do."""

    action: tuple[Action, ...] = Field(min_length=1)
    label: ShortText = ""
    by_s: Seconds | None = None
    latest_s: Seconds | None = None
    points: int = Field(default=5, ge=0, le=100)
    critical: bool = False

    @field_validator("action", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return _one_or_many(value)


class Forbid(Part):
    """A forbidden action, with the reason that the report gives."""

    action: Action
    why: ShortText


class Script(Part):
    """One training call."""

    id: Identifier
    title: ShortText
    type: CallType
    brief: LongText
    """For the trainer: what the call is about and where it goes wrong."""
    persona: Persona
    gold: Gold
    facts: Mapping[Identifier, LongText] = {}
    """What may be revealed. An adaptive caller may say these and what the turns say, and nothing else."""
    standard: Identifier = "none"
    """Expected actions that many scripts share, from standards.yaml."""
    turns: tuple[Turn, ...] = Field(min_length=2, max_length=60)
    expect: tuple[Expect, ...] = ()
    forbid: tuple[Forbid, ...] = ()
    step_answers: Mapping[str, ShortText] = {}
    """What the caller would answer to a step that branches: `script/step` to the answer."""
    limit_s: Seconds = LONGEST_S
    pass_score: int = Field(default=80, ge=0, le=100)

    @model_validator(mode="after")
    def _holds_together(self) -> "Script":
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        ids = [turn.id for turn in self.turns]
        yield from (f"turn `{name}` is there twice; give it another id" for name in ids if ids.count(name) > 1)
        for turn in self.turns:
            yield from (
                f"turn `{turn.id}` reveals `{fact}`, which `facts` does not hold; add it there"
                for fact in turn.reveals
                if fact not in self.facts
            )
        if not any(turn.at_s is not None for turn in self.turns):
            yield "nobody begins; give one turn `at_s: 0.5`"
        if sum(turn.closing for turn in self.turns) != 1:
            yield "exactly one turn is `closing: true`: what the caller says when all is done"
        if self.standard not in standards():
            yield f"there is no standard `{self.standard}`; there are: {', '.join(standards())}"

    @cached_property
    def rubric(self) -> Rubric:
        """What the trainee is measured against: the standard's actions and the script's own."""
        wanted = (*standards()[self.standard], *self.expect)
        return Rubric(
            rubric_id=self.id,
            title=self.title,
            expect=tuple(ExpectedAction(**line.model_dump()) for line in wanted),
            forbid=tuple(ForbiddenAction(**bad.model_dump()) for bad in self.forbid),
            gold=self.gold,
            pass_score=self.pass_score,
        )

    @property
    def closing(self) -> Turn:
        """What the caller says at the end."""
        return next(turn for turn in self.turns if turn.closing)


@lru_cache(maxsize=1)
def standards() -> Mapping[str, tuple[Expect, ...]]:
    """The shared expected actions by name. Raises ScriptError."""
    content = _read(STANDARDS)
    try:
        return {name: tuple(Expect.model_validate(line) for line in lines) for name, lines in content.items()}
    except ValidationError as error:
        raise ScriptError(_explained(STANDARDS, error)) from None


def script_ids() -> tuple[str, ...]:
    """The ids of all scripts of the library, sorted."""
    return tuple(sorted(path.stem for path in SCRIPTS.glob("*.yaml")))


def load_script(name: str) -> Script:
    """A script by its id, or by the path of a file. Raises ScriptError."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else SCRIPTS / f"{name}.yaml"
    if not path.exists():
        raise ScriptError(f"There is no scenario {name}. `kiwimesh scenarios list` names those that exist.")
    return read_script(path)


def read_script(path: Path) -> Script:
    """A script from a file. Raises ScriptError, which says what to put right."""
    content = _read(path)
    try:
        script = Script.model_validate(content)
    except ValidationError as error:
        raise ScriptError(_explained(path, error)) from None
    if script.id != path.stem:
        raise ScriptError(
            f"{path.name}: id: the file is named {path.stem}, the id says {script.id}; make them the same"
        )
    return script


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "somewhere"
        raise ScriptError(
            f"{path.name}: {place}: not YAML ({getattr(error, 'problem', error)}); put texts with a colon in quotes"
        ) from None
    if not isinstance(content, dict):
        raise ScriptError(f"{path.name}: the file holds no mapping; begin with `id: {path.stem}`")
    return content


def _explained(path: Path, error: ValidationError) -> str:
    """Each problem on a line: file, line, place, what is wrong, what to do."""
    tree = yaml.compose(path.read_text(encoding="utf-8"))
    return "\n".join(
        f"{path.name}: line {_line(tree, detail['loc'])}: {_place(detail['loc'])}: "
        f"{_what(detail['type'], detail['msg'])}"
        for detail in error.errors(include_url=False, include_input=False)
    )


def _line(node: yaml.Node | None, parts: tuple[int | str, ...]) -> int:
    """Where a place of the form lies in the file; what is not there lies where it would belong."""
    line = int(node.start_mark.line) + 1 if node else 1
    for part in parts:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        else:
            found = None
        if found is None:
            break
        line, node = int(found[0].start_mark.line) + 1, found[1]
    return line


def _place(parts: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in parts) or "file"


def _what(kind: str, message: str) -> str:
    hints = {
        "missing": "is missing; add it",
        "extra_forbidden": "is no field of this form; check its spelling in docs/scenarios.md, or take it out",
    }
    return hints.get(kind, message.removeprefix("Value error, "))
