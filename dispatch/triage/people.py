"""Who the patient is: their sex, what the caller is to them, and how many there are.

In: a caller's chunk, what it says of findings, and what the operator had asked. Out: the next `People`. The words are
data (`people.yaml`). A relative who tells, helps or comes is not taken for the patient; a pronoun gives the sex only
where the chunk has those of one sex and a symptom of somebody else's; nothing is guessed, so an unsaid count is none.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from .ages import has_number
from .context import Subject, Time
from .findings import Mention, catalogue
from .relations import options, relations
from .resources import document
from .values import Quote, Value

STATED: Final = 4
"""Score of what callers say they are to the patient; it outranks what their words leave to be inferred."""

Quoted = Callable[[int, int], Quote]
"""The words under a span of the chunk's text."""


@dataclass(frozen=True, slots=True)
class People:
    """What is known of who is ill. Of two values the higher score stands, of equal ones the first said."""

    sex: Value | None = None
    """Of somebody who is not the caller."""
    own_sex: Value | None = None
    relation: Value | None = None
    """What the caller is to a patient who is somebody else."""
    own: Value | None = None
    """The caller's own symptoms, first told."""
    count: Value | None = None

    def relation_of(self, caller_is_patient: bool) -> Value | None:
        """What the caller is to the patient, by what they said of it or by whose symptoms they told."""
        stated = self.relation is not None and self.relation.score >= STATED
        return self.own if caller_is_patient and not stated else self.relation

    def after(self, text: str, said: Sequence[Mention], asked: set[str], quoted: Quoted) -> "People":
        """What is known after a chunk."""
        symptoms = [m for m in said if m.present and catalogue()[m.code].kind in ("symptom", "sign", "mechanism")]
        others = any(m.subject is Subject.OTHER and m.time is not Time.PAST for m in symptoms)
        own = next((m for m in symptoms if m.subject is Subject.CALLER), None)
        count, known = _better(self.count, _count(text, asked, quoted)), self
        if count is not self.count:
            known = replace(known, count=count)
        if own is not None and known.own is None:
            known = replace(known, own=Value("self", 1, quoted(own.begin, own.end)))
        return known._named(text, others, quoted) if _speaks_of_people(text) else known

    def _named(self, text: str, others: bool, quoted: Quoted) -> "People":
        relation, sex = _relative(text, others, quoted)
        role = _role(text, quoted)
        return replace(
            self,
            relation=_better(_better(self.relation, relation), role),
            sex=_better(
                _better(self.sex, sex), _described(text, quoted) or (_pronoun(text, quoted) if others else None)
            ),
            own_sex=_better(self.own_sex, _own_sex(text, quoted)),
        )


def _better(old: Value | None, new: Value | None) -> Value | None:
    return new if new is not None and (old is None or new.score > old.score) else old


@dataclass(frozen=True)
class _Words:
    """The words of `people.yaml`, compiled."""

    relation: dict[str, str]
    """What the caller is to somebody they call so."""
    sex: dict[str, str]
    role: dict[str, str]
    """What somebody is to the patient who calls themselves so."""
    labels: dict[str, str]
    named: re.Pattern[str]
    stranger: re.Pattern[str]
    own_role: re.Pattern[str]
    own_sex: re.Pattern[str]
    all: frozenset[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = document("people.yaml")
    relation, role = relations().caller, relations().role
    sex = {word: name for name in ("male", "female") for word in raw[name]} | relations().sex
    helps = "|".join(raw["helps"])
    own = "|".join(raw["own_female"])
    gendered = "|".join(
        word for word in ("man", "woman", "lady", "gentleman", "male", "female", "boy", "girl", "bloke")
    )
    return _Words(
        relation,
        sex,
        role,
        {entry["caller"]: entry["label"] for entry in raw["relations"]},
        re.compile(rf"(?<= )(?:my|our) (?:[a-z]+ ){{0,2}}?({options(relation)}) (?!(?:has |just )?(?:{helps}) )"),
        re.compile(rf"(?<= )(?:there is|a|an|this|some) (?:[a-z0-9]+ ){{0,2}}?({options(raw['strangers'])}) "),
        re.compile(rf"(?<= )i am (?:only |just )?(?:his|her|their|a|the|an) (?:[a-z]+ )?({options(role)}) "),
        re.compile(rf"(?<= )i am (?:a |an )?(?:[0-9]+ )?(?:years? )?(?:old )?(?:[0-9]+ weeks )?({gendered}|{own}) "),
        frozenset(word.split()[0] for word in (*relation, *sex, *role, *raw["strangers"])),
    )


def _speaks_of_people(text: str) -> bool:
    return not _words().all.isdisjoint(text.split())


def _relative(text: str, others: bool, quoted: Quoted) -> tuple[Value | None, Value | None]:
    """What the caller is to the first one named, and that one's sex; a stranger only where no relative is named."""
    words, score = _words(), 3 if others else 2
    if match := words.named.search(text):
        quote, sex = quoted(match.start(), match.end()), words.sex.get(match[1])
        return Value(words.relation[match[1]], score, quote), Value(sex, score + 1, quote) if sex else None
    if others and (match := words.stranger.search(text)):
        quote, sex = quoted(match.start(), match.end()), words.sex.get(match[1])
        return Value("bystander", 1, quote), Value(sex, score, quote) if sex else None
    return None, None


def _role(text: str, quoted: Quoted) -> Value | None:
    match = _words().own_role.search(text)
    return Value(_words().role[match[1]], STATED, quoted(match.start(), match.end())) if match else None


def _own_sex(text: str, quoted: Quoted) -> Value | None:
    match = _words().own_sex.search(text)
    return Value(_words().sex[match[1]], 2, quoted(match.start(), match.end())) if match else None


def _described(text: str, quoted: Quoted) -> Value | None:
    """ "A 58 year old man": only with an age, since any other man may be anybody."""
    match = _AGED.search(text)
    return Value(_words().sex[match[1]], 5, quoted(match.start(), match.end())) if match else None


def _pronoun(text: str, quoted: Quoted) -> Value | None:
    """The sex of the pronouns, where all are of one."""
    said = {(_PRONOUNS[match[1]], match.start(), match.end()) for match in _PRONOUN.finditer(text)}
    sexes = {sex for sex, _, _ in said}
    if len(sexes) != 1:
        return None
    sex, begin, end = min(said, key=lambda one: one[1])
    return Value(sex, 1, quoted(begin, end))


_PRONOUNS: Final = {"he": "male", "him": "male", "his": "male", "she": "female", "her": "female"}
_PRONOUN: Final = re.compile(r"(?<= )(he|him|his|she|her) ")
_AGED: Final = re.compile(
    r"(?<= )[0-9]+ (?:years?|months?|weeks?)? ?(?:old )?(man|woman|lady|gentleman|male|female|boy|girl|bloke) "
)
_HURT: Final = (
    r"(?:hurt|injured|ill|sick|poorly|unwell|unconscious|collapsed|down|dead|burned|burnt|trapped|bleeding|shot|stabbed"
    r"|not breathing|casualties|victims|patients|wounded|vomiting|dizzy|drowsy|affected|cut|in pain|passed out)"
)
_WHO: Final = r"(?:people|persons|men|women|kids|children|adults|passengers|patients|casualties|victims|of them|of us)"
_HURT_PEOPLE: Final = re.compile(
    rf"(?<= )(?:all |about |at least |maybe |around )?(\d+) (?:of (?:them|us) )?(?:other )?"
    rf"(?:(?:{_WHO} )?(?:are |were |is |have |look |feel |been )?"
    rf"(?:all |both |badly |very |really |seriously |slightly )?{_HURT} )"
)
_BOTH: Final = re.compile(
    rf"(?<= )(?:both|both of (?:them|us)|the 2 of (?:them|us)) "
    rf"(?:are |were |have |feel |look |got )?(?:been )?(?:badly |very |really )?(?:{_HURT}|hurting|ill)"
)
_BARE: Final = re.compile(r"^ (?:(?:yes|er|um|oh|just|only|about|maybe|there is|there are|it is|i think|so|,) )*(\d+) ")
_ALONE: Final = re.compile(
    r" (?:(?:just|only) (?:him|her|me|one|1|the one)|nobody else|no one else|no 1 else|him alone|her alone) "
)
_COUNT_QUESTION: Final = "how_many_hurt"
_MANY: Final = 1000
"""More than anybody counts at a scene; such a number is something else."""


def _count(text: str, asked: set[str], quoted: Quoted) -> Value | None:
    match = None
    if has_number(text):
        match = _HURT_PEOPLE.search(text) or (_BARE.search(text) if _COUNT_QUESTION in asked else None)
    if match and 1 <= int(match[1]) <= _MANY:
        return Value(str(int(match[1])), 2, quoted(match.start(), match.end()))
    if match := _BOTH.search(text):
        return Value("2", 2, quoted(match.start(), match.end()))
    match = _ALONE.search(text) if _COUNT_QUESTION in asked else None
    return Value("1", 1, quoted(match.start(), match.end())) if match else None


def relation_code(said: str) -> str:
    """What somebody is to the patient who is called so: `parent` for "mother"; a code is itself."""
    word = said.strip().lower()
    return _words().role.get(word, {"caller": "self", "patient": "self"}.get(word, word))


def relation_label(code: str) -> str:
    """A relation for people: what the caller is to the patient."""
    return "The patient" if code == "self" else _words().labels[code]
