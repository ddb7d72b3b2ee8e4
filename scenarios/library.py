"""The library of recorded calls: one YAML file a call, with what is said when and the right answers, and its sound.

In: the folder `library/`. Out: `Scenario`s. Invariants: a file that does not fit its model is an error, never skipped;
the two sound files of a call are on one clock, so that second 0 of both is the same moment.
"""

from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dispatch.contract.audio import Channel, Encoding, SampleRate
from dispatch.contract.base import Identifier, LanguageCode, Seconds, ShortText
from dispatch.contract.card import Category

LIBRARY: Final = Path(__file__).parent / "library"
DEMO_CALL: Final = "cardiac-arrest-kitchen"
"""The call that `kiwimesh demo` replays."""


class ScenarioPart(BaseModel):
    """Base of everything in a scenario file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Gold(ScenarioPart):
    """The right answers. None means that the call does not say."""

    category: Category
    complaint: Identifier
    address: ShortText | None = None
    callback: ShortText | None = None
    age: int | None = Field(default=None, ge=0, le=120)
    conscious: bool | None = None
    breathing: Literal["normal", "abnormal", "absent"] | None = None


class CallerManner(ScenarioPart):
    """How the caller sounds, and where they call from."""

    emotion: Annotated[int, Field(ge=1, le=5)]
    """1 calm to 5 hysterical."""
    lang: LanguageCode
    noise: Identifier
    snr_db: float
    """Level of the speech above the noise, decibels."""
    seed: int
    pitch_cents: float
    tempo: float


class Recording(ScenarioPart):
    """The sound of both sides: mono WAV files beside the scenario."""

    sample_rate: SampleRate
    encoding: Encoding
    caller: str
    operator: str


class Turn(ScenarioPart):
    """What one side says, with its place on the call's clock, measured on the sound."""

    speaker: Channel
    text: str
    start_s: Seconds
    end_s: Seconds


class Scenario(ScenarioPart):
    """One recorded call."""

    id: Identifier
    title: ShortText
    type: Identifier
    gold: Gold
    caller: CallerManner
    audio: Recording
    seconds: Seconds
    red_flag_end_s: Seconds | None
    """End of the first words that make the call category 1; None where no words do."""
    turns: tuple[Turn, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _turns_follow_each_other(self) -> "Scenario":
        times = [time for turn in self.turns for time in (turn.start_s, turn.end_s)] + [self.seconds]
        if times != sorted(times):
            raise ValueError("turns overlap, or run past the end of the sound")
        return self

    def sound(self, channel: Channel) -> Path:
        """The WAV file of one side."""
        return LIBRARY / (self.audio.caller if channel is Channel.CALLER else self.audio.operator)

    def said_by(self, channel: Channel) -> str:
        """Everything that one side says."""
        return " ".join(turn.text for turn in self.turns if turn.speaker is channel)


def scenario_ids() -> tuple[str, ...]:
    """The ids of all calls of the library, sorted."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.yaml")))


def load(scenario_id: str) -> Scenario:
    """One call of the library. Raises LookupError for an unknown id, ValidationError for a broken file."""
    if scenario_id not in scenario_ids():
        raise LookupError(f"no recorded call {scenario_id}; there are: {', '.join(scenario_ids())}")
    return Scenario.model_validate(yaml.safe_load((LIBRARY / f"{scenario_id}.yaml").read_text(encoding="utf-8")))
