"""What is told of each of several people, as far as it is said whom words are about.

In: a caller's statements and whom their words name, in their order. Out: the next `Everybody`. What fits more than one
of those who are known, or nobody, is nobody's here: it stays with the call. What is said of all takes no danger from
anybody.
Invariant: nothing else of the picture depends on it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from .apart import GROUP, Named, Person, apart, parts
from .context import Subject
from .findings import catalogue
from .patterns import lexicon
from .relations import options
from .states import put, reassures
from .values import State

MAX_KNOWN: Final = 8
"""People told apart in one call; of a ninth, what is said stays with the call."""
CALLER: Final = Person(what="self")
ANSWER: Final = 0
NOT_OF_ONESELF: Final = frozenset({"unresponsive", "breathing_absent", "dead", "breathing_unsure"})
"""What nobody says of themselves."""
_OF_THE_MOTHER: Final = frozenset(
    (
        *("labour", "labour_imminent", "born", "pregnant", "waters_broken", "preterm", "multiple_birth"),
        *("postpartum_bleed", "pregnancy_bleeding", "pregnancy_danger", "cord_prolapse", "fetal_movement"),
    )
)
"""Said with the baby's name in it, and never of the baby."""
_SHAKEN: Final = frozenset({"panic"})
"""What makes no patient of a caller who rings for somebody else."""
_OF_SEVERAL: Final = frozenset({"several_ill", "many_of_them"})
_OF_PEOPLE: Final = frozenset({"symptom", "sign", "mechanism", "condition", "patient"})
_ALL: Final = re.compile(
    r" (?:(?:they|them|we|us|you) (?:(?:are|were|have|seem|look) )?(?:all|both)|(?:all|both|each) of (?:them|us|you)|"
    r"(?:all|both) (?:are|were|have)|everyone|everybody)(?= )"
)
_LIMBS: Final = frozenset({"arm", "leg", "legs", "wrist", "ankle", "knee", "shoulder", "elbow", "hip", "finger", "toe"})
_OWN_REACH: Final = 25
"""Characters before a finding in which callers must speak of themselves."""
_IS: Final = re.compile(r" (?:is|was|has|had|can|will|just|keeps|looks|seems|feels|got|did|does|could|would) ")
_IS_A: Final = re.compile(r" (?:he|she) (?:is|was) (?:only |just )?(?:a|an) $")
_HOLDS: Final = re.compile(
    r" (?:he|she) (?:has |is |was )?(?:just |already |now )?(?:had|having|got|has|delivered|holding|held|with|carrying|"
    r"hit|pushed|dropped) (?:(?:the|a|an|her|his|my|our|their) )?$"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One person, and what is told of them."""

    person: Person
    who: str = field(repr=False)
    """The name in the call's words."""
    named: bool
    """By more than a pronoun."""
    states: Mapping[str, State] = field(default_factory=dict)
    ever: frozenset[str] = frozenset()
    """Findings that ever counted, but for those that somebody is well."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement about a finding; of whom, as the grammar says."""

    code: str
    state: State
    subject: Subject = Subject.UNSAID
    begin: int = 0
    end: int | None = None
    """Where it ends in the chunk's text, `ANSWER` for a yes or no to what was asked, None for what all of it says."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """All who are told of, in the order in which they were named."""

    people: tuple[Told, ...] = ()
    last: int | None = None
    """Who was spoken of last; None where that cannot be told."""

    def naming(self, text: str, named: Sequence[Named]) -> "Everybody":
        """After the operator has spoken: their question may be about somebody."""
        if self.last is not None and _ALL.search(text):
            return replace(self, last=None)
        return _after_names(self, text, named)

    def told(self, text: str, named: Sequence[Named], said: Sequence[Said], caller_ill: bool) -> "Everybody":
        """After a caller's chunk. `caller_ill`: what is said of nobody may be of the caller."""
        last = None if caller_ill else self.last
        known, spoken_of = self, [(-1, last)]
        for name in named:
            if _belongs(text, name):
                continue
            known = _after_names(known, text, (name,))
            spoken_of.append((name.begin, known.last))
        own = -1
        for one in said:
            if catalogue()[one.code].kind not in _OF_PEOPLE or one.code in _OF_SEVERAL:
                continue
            begin, at = _spoken_of_in(spoken_of, one)
            if one.subject is Subject.CALLER and _own(text, begin, one):
                known, own = _of_caller(known, one), one.begin
            elif own <= begin:  # else it may be of the caller still: "he cut my hand, it won't stop bleeding"
                known = _after(known, one, at, text, begin)
        return known


def _belongs(text: str, name: Named) -> bool:
    """Only named as somebody's, and nothing is said of them: "she called for her mother"."""
    return name.who.startswith(("his ", "her ", "their ")) and not _IS.match(text, name.end - 1)


def _spoken_of_in(spoken_of: Sequence[tuple[int, int | None]], said: Said) -> tuple[int, int | None]:
    """The last name before a statement ends: where it begins, and whom it means."""
    first, last = spoken_of[0], spoken_of[-1]
    if first is last or (first[1] is None and not said.end):
        return last
    if said.end is None:
        return last if all(at == first[1] for _, at in spoken_of) else (last[0], None)
    return first if said.end == ANSWER else next(spoken for spoken in reversed(spoken_of) if spoken[0] < said.end)


def _of_all(text: str, begin: int, end: int | None) -> bool:
    """Whether all are spoken of, and nobody by name since."""
    return any(match.end() > begin for match in _ALL.finditer(text, 0, len(text) if end is None else end))


def _after(known: Everybody, said: Said, at: int | None, text: str, begin: int) -> Everybody:
    if said.subject is Subject.CALLER and begin < 0:
        return known  # "he won't answer me" is of him, "I can't see anybody" of nobody
    if known.people and _of_all(text, begin, said.end) and (at is None or known.people[at].person.what != GROUP):
        return replace(known, people=tuple(_with_all(told, said) for told in known.people))
    at = _mother(known, at) if said.code in _OF_THE_MOTHER else at
    return known if at is None else _put_at(known, at, said)


def _own(text: str, begin: int, said: Said) -> bool:
    """Whether callers say it of themselves in so many words, and name nobody between."""
    match = _i_am().search(text, max(begin, said.begin - _OWN_REACH, 0), said.end or len(text))
    return match is not None and said.code not in _SHAKEN


@lru_cache(maxsize=1)
def _i_am() -> re.Pattern[str]:
    body = options({*lexicon()["torso"], *lexicon()["skin"], *_LIMBS})
    return re.compile(
        r" (?:i (?:am|was|feel|broke|cut|hit|hurt|banged|burned|burnt|fell|keep|can not (?:feel|move|bend)|"
        r"(?:have|got)(?: just| also| got)* (?:an?|some|bad|really|pain|broken|cut|hurt|hit|banged|burnt|fallen|lost|"
        rf"been (?:hit|stabbed|shot|cut|burned|bitten|stung|sick|bleeding|vomiting)|{body}))|"
        rf"(?:my|i have got my) (?:own |left |right |whole )?(?:{body})) "
    )


def _with_all(told: Told, said: Said) -> Told:
    danger = said.state.present and catalogue()[said.code].flag
    return _with(told, said) if danger or not any(catalogue()[code].flag for code in told.ever) else told


def _of_caller(known: Everybody, said: Said) -> Everybody:
    if said.code in NOT_OF_ONESELF:
        return known
    at = next((at for at, told in enumerate(known.people) if told.person == CALLER), None)
    if at is None:
        known, at = _joined(known, Told(CALLER, "the caller", True))
    return known if at is None else replace(_put_at(known, at, said), last=None)


def _mother(known: Everybody, at: int | None) -> int | None:
    """Whom a birth is about: not the baby."""
    if at is not None and not known.people[at].person.young:
        return at
    grown = [at for at, told in enumerate(known.people) if not told.person.young and told.person != CALLER]
    return grown[0] if len(grown) == 1 else None


def _put_at(known: Everybody, at: int, said: Said) -> Everybody:
    people = known.people
    return Everybody((*people[:at], _with(people[at], said), *people[at + 1 :]), known.last)


def _with(told: Told, said: Said) -> Told:
    states, said_of = dict(told.states), said.state
    put(states, said.code, replace(said_of, about=()) if said_of.about else said_of)
    lasting = said_of.counts and not reassures(said.code)
    ever = told.ever | {said.code} if lasting and said.code not in told.ever else told.ever
    return Told(told.person, told.who, told.named, states, ever)


def _after_names(known: Everybody, text: str, named: Sequence[Named]) -> Everybody:
    for name in named:
        fits = [at for at, told in enumerate(known.people) if _fits(told, name)]
        if known.last in fits and not name.pronoun and _HOLDS.search(text, 0, name.begin):
            fits.remove(known.last)  # "she's had the baby"
        same = not name.pronoun and _IS_A.search(text, 0, name.begin)
        at = known.last if same else _meant(known, name, fits)
        if at is not None:
            known = _renamed(known, at, name)
        else:
            known = replace(known, last=None) if fits else _as_new(known, name)
    return known


def _fits(told: Told, name: Named) -> bool:
    """Whether a name may mean somebody; one that brings somebody in does not."""
    alone, person = name.alone, told.person
    if person == CALLER or ((alone.what == GROUP) != (person.what == GROUP) and not _anybody(name)):
        return False
    if alone.young and not told.ever.isdisjoint(_OF_THE_MOTHER):
        return False
    if alone.what in parts() and told.named and told.states and person.what is None:
        return False  # somebody's part in it is said at once: "a woman's been hit by a car; the driver"
    if name.who.startswith(("a ", "an ")) and told.named and told.who != name.who:
        return False
    return not apart(replace(alone, other=person.other) if name.pronoun else alone, person)


def _anybody(name: Named) -> bool:
    """ "They", "the patient"."""
    return name.pronoun and name.alone.sex is None


def _meant(known: Everybody, name: Named, fits: Sequence[int]) -> int | None:
    """Which of those whom a name fits it means; None where it may be any of them."""
    people, last = known.people, known.last
    if name.alone.other and name.alone.what is None and not fits:
        return _other_of_two(known, name)
    if len(fits) == 1:
        return fits[0]
    same = [at for at in fits if people[at].who == name.who or people[at].person.what == name.alone.what is not None]
    if not name.pronoun and len(same) == 1:
        return same[0]
    return last if last in fits and not _mother_or_baby(known, name, fits) else None


def _mother_or_baby(known: Everybody, name: Named, fits: Sequence[int]) -> bool:
    """ "She", after the baby."""
    people, last = known.people, known.last
    after_baby = name.pronoun and last is not None and people[last].person.sex is None and people[last].person.young
    return bool(after_baby) and any(not people[at].ever.isdisjoint(_OF_THE_MOTHER) for at in fits)


def _other_of_two(known: Everybody, name: Named) -> int | None:
    """ "The other one", where two are known and one of them was spoken of last."""
    out = (CALLER.what, GROUP)
    others = [at for at, told in enumerate(known.people) if told.person.what not in out and at != known.last]
    if known.last is None or len(others) != 1:
        return None
    return others[0] if not apart(replace(name.alone, other=False), known.people[others[0]].person) else None


def _as_new(known: Everybody, name: Named) -> Everybody:
    known, at = _joined(known, Told(name.alone, name.who, not name.pronoun))
    return replace(known, last=at)


def _joined(known: Everybody, new: Told) -> tuple[Everybody, int | None]:
    """With somebody more; where there are too many, in the place of somebody of whom nothing was said."""
    people = known.people
    if len(people) < MAX_KNOWN:
        return replace(known, people=(*people, new)), len(people)
    at = next((at for at, told in enumerate(people) if not told.states), None)
    if at is None:
        return known, None
    return replace(known, people=(*people[:at], new, *people[at + 1 :])), at


def _renamed(known: Everybody, at: int, name: Named) -> Everybody:
    """With what the name adds; a name takes the place of a pronoun."""
    old, is_a, alone = known.people[at], known.people[at].person, name.alone
    young = alone.young if is_a.young is None else is_a.young
    person = Person(is_a.what or alone.what, is_a.sex or alone.sex, is_a.other, young)
    kept = old.named or name.pronoun
    if kept and person == is_a:
        return known if known.last == at else Everybody(known.people, at)
    new = Told(person, old.who if kept else name.who, old.named or not name.pronoun, old.states, old.ever)
    return Everybody((*known.people[:at], new, *known.people[at + 1 :]), at)
