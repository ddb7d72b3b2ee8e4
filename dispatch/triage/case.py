"""One call's case: an immutable value that holds everything known, and the functions that make the next one.

In: words as they settle (`hear`), what the operator did (`act`), what a model proposes (`propose`). Out: a new `Case`.
Invariants: the shown category never falls except by an operator's override, and a red flag that is new after an
override raises it again; words that the recogniser takes back leave their category standing, marked withdrawn; words
fed a few at a time and the same words at once give the same findings; no clock, no I/O, no exception for any input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dispatch.contract.audio import Channel
from dispatch.contract.base import UtteranceId
from dispatch.contract.card import FieldName, Narrative, SetBy
from dispatch.contract.transcript import Word

from .actions import Log
from .context import Time
from .picture import Picture, with_chunk, with_marked
from .protocols import Facts, Fired, fired
from .values import Quote, State, Value
from .wording import MAX_TOKENS, REFERENCE, suggested, telling
from .words import chunk_of, cut


class HeardStatus(StrEnum):
    """How settled words are."""

    STABLE = "stable"
    """Appended to their utterance."""
    FINAL = "final"
    """The utterance's words, replacing the stable ones."""


@dataclass(frozen=True)
class Heard:
    """Words from the recogniser, on one side of the call."""

    utterance_id: str
    channel: Channel
    words: tuple[Word, ...] = field(repr=False)
    status: HeardStatus


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance, with the picture before it, after its closed chunks, and after all of it."""

    utterance_id: UtteranceId
    channel: Channel
    words: tuple[Word, ...] = field(repr=False)
    before: Picture
    closed: Picture
    closed_words: int
    after: Picture
    marked: tuple[str, ...] = ()
    """Questions that the operator marked as asked before the caller said this."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A reason that has held at some time, with the findings' states as they were then."""

    fired: Fired
    states: tuple[tuple[str, State], ...]
    set_by: SetBy = SetBy.RULE
    reference: str = "protocol"


@dataclass(frozen=True, slots=True)
class Case:
    """Everything known of one call."""

    start: Picture = field(default_factory=Picture)
    turns: tuple[Turn, ...] = ()
    picture: Picture = field(default_factory=Picture)
    marked: tuple[str, ...] = ()
    """Questions marked as asked, not answered yet by the operator's key: topics for the caller's next utterance."""
    raised: Mapping[str, Raised] = field(default_factory=dict)
    """Every reason that ever held, by its id; none is ever removed."""
    withdrawn: Mapping[str, State] = field(default_factory=dict)
    """Findings whose words the recogniser took back."""
    log: Log = field(default_factory=Log)
    language: str | None = None
    position: tuple[float, float] | None = field(default=None, repr=False)
    known_location: str | None = field(default=None, repr=False)
    model_category: int | None = None
    claimed: Mapping[str, State] = field(default_factory=dict)
    """Findings that a model read. They outlast the picture, which is read anew whenever words are revised."""
    suggested: Mapping[str, State] = field(default_factory=dict)
    """Findings that the wording suggested at the end of an utterance; none is ever removed."""
    narrative: Narrative | None = field(default=None, repr=False)
    """The newest summary by a model."""
    facts: Facts = field(default_factory=lambda: Facts(frozenset(), None))
    """What the rules look at; kept in step by `assessed`."""

    @staticmethod
    def new(
        *,
        phone: str | None = None,
        position: tuple[float, float] | None = None,
        language: str | None = None,
        known_location: str | None = None,
    ) -> "Case":
        """A call just begun, with what the caller's device sent along."""
        number = Value(phone, 1, None, SetBy.CALLER_DEVICE) if phone else None
        start = Picture(phone=number)
        return Case(start=start, picture=start, language=language, position=position, known_location=known_location)


def _facts(case: Case) -> Facts:
    """Heard findings and the operator's own."""
    said, stated = case.picture.present, case.log.findings
    extra = {"caller_is_patient"} if case.picture.caller_is_patient else set()
    present = (said - {c for c, p in stated.items() if not p}) | {c for c, p in stated.items() if p} | extra
    return Facts(present.union(case.suggested), _years(case))


def _years(case: Case) -> float | None:
    edited = case.log.edits.get(FieldName.AGE)
    if edited is None:
        return case.picture.years
    try:
        return float(edited)
    except ValueError:
        return None


def hear(case: Case, heard: Heard) -> Case:
    """The case after more words."""
    at = _place_of(case, heard.utterance_id)
    left = () if at < 0 and heard.channel is Channel.CALLER else case.marked
    if heard.status is HeardStatus.STABLE:
        return replace(_settled(case, _appended(case, at, heard), None), marked=left)
    return replace(_settled(case, _replaced(case, at, heard), case.picture), marked=left)


def _place_of(case: Case, uid: str) -> int:
    return next((at for at in range(len(case.turns) - 1, -1, -1) if case.turns[at].utterance_id == uid), -1)


def _appended(case: Case, at: int, heard: Heard) -> tuple[Turn, ...]:
    if at < 0:
        return (*case.turns, _turn(heard, case.picture, case.marked))
    old = case.turns[at]
    words = old.words + heard.words
    turn = _heard_on(old, words)
    return (*case.turns[:at], turn, *_refolded(case.turns[at + 1 :], turn.after))


def _replaced(case: Case, at: int, heard: Heard) -> tuple[Turn, ...]:
    if at < 0:
        return (*case.turns, _turn(heard, case.picture, case.marked))
    turn = _turn(heard, case.turns[at].before, case.turns[at].marked)
    return (*case.turns[:at], turn, *_refolded(case.turns[at + 1 :], turn.after))


def revise(case: Case, replaces: Sequence[str], said: Sequence[Heard]) -> Case:
    """The case after a better reading of utterances, in the order in which they were said.

    Each stands where the words stood that it replaces, between the same questions: the operator's voice, and what was
    marked as asked.
    """
    gone = {*replaces, *(heard.utterance_id for heard in said)}
    old = [at for at, turn in enumerate(case.turns) if turn.utterance_id in gone]
    said = [heard for heard in said if heard.words]
    first = old[0] if old else len(case.turns)
    marked = {heard.utterance_id: list[str]() for heard in said}
    for at in old if said else ():
        marked[_answer_to(case.turns[at], said).utterance_id] += case.turns[at].marked
    told, left = list[Turn | Heard](), list(said)
    for at, turn in enumerate(case.turns[first:], first):
        if at not in old:
            told.append(turn)
        while at in old and left and (at == old[-1] or _end(turn) > left[0].words[0].start_s):
            told.append(left.pop(0))
    turns, before = list(case.turns[:first]), case.turns[first].before if old else case.picture
    for one in (*told, *left):  # what is left replaces nothing that was ever heard
        new = (
            _turn(one, before, tuple(marked[one.utterance_id]))
            if isinstance(one, Heard)
            else _refolded([one], before)[0]
        )
        turns.append(new)
        before = new.after
    return _settled(case, tuple(turns), case.picture)


def _answer_to(old: Turn, said: Sequence[Heard]) -> Heard:
    """Which of the new utterances says what an old one began to say."""
    begin = old.words[0].start_s if old.words else 0.0
    return next((heard for heard in said if heard.words[-1].end_s > begin), said[-1])


def _end(turn: Turn) -> float:
    return turn.words[-1].end_s if turn.words else 0.0


def _turn(heard: Heard, before: Picture, marked: tuple[str, ...]) -> Turn:
    if heard.channel is Channel.OPERATOR:
        marked = ()  # they wait for the caller
    return _heard_on(_empty_turn(heard.utterance_id, heard.channel, before, marked), heard.words)


def _empty_turn(uid: str, channel: Channel, before: Picture, marked: tuple[str, ...]) -> Turn:
    start = with_marked(before, marked)
    return Turn(UtteranceId(uid), channel, (), before, start, 0, start, marked)


def _heard_on(turn: Turn, words: tuple[Word, ...]) -> Turn:
    """The turn with all of `words`; chunks closed before are not read again."""
    closed, rest = cut(words, turn.closed_words)
    picture = turn.closed
    for begin, end in closed:
        picture = with_chunk(picture, chunk_of(words, begin, end), words, turn.channel, turn.utterance_id)
    after = picture
    if rest < len(words):
        after = with_chunk(picture, chunk_of(words, rest, len(words)), words, turn.channel, turn.utterance_id)
    return replace(turn, words=words, closed=picture, closed_words=rest, after=after)


def _refolded(turns: Sequence[Turn], before: Picture) -> list[Turn]:
    out: list[Turn] = []
    for turn in turns:
        fresh = _empty_turn(turn.utterance_id, turn.channel, before, turn.marked)
        out.append(_heard_on(fresh, turn.words))
        before = out[-1].after
    return out


def _settled(case: Case, turns: tuple[Turn, ...], replaced: Picture | None) -> Case:
    """The case with new turns; `replaced` is the picture before words were taken back, if any could have been."""
    picture = _with_claims(turns[-1].after if turns else case.start, case.claimed)
    withdrawn = case.withdrawn
    if replaced is not None:
        lost = {code: s for code, s in replaced.states.items() if s.counts and not _known(picture, code)}
        withdrawn = {**withdrawn, **lost}
        case = replace(case, suggested=_suggested(case, picture, turns))
    if withdrawn:
        withdrawn = {code: state for code, state in withdrawn.items() if not _known(picture, code)}
    return assessed(replace(case, turns=turns, picture=picture, withdrawn=withdrawn))


def _suggested(case: Case, picture: Picture, turns: Sequence[Turn]) -> Mapping[str, State]:
    """What the wording suggests once an utterance is over; half a sentence alarms too easily."""
    absent = [code for code, state in picture.states.items() if not state.present]
    codes = suggested(picture.lines, picture.present, absent, late=picture.caller_words > MAX_TOKENS)
    news = {code: _by_wording(picture, turns, code) for code in codes if code not in case.suggested}
    return {**case.suggested, **news} if news else case.suggested


def _by_wording(picture: Picture, turns: Sequence[Turn], code: str) -> State:
    line = telling(picture.lines, code)
    said = next(turn for turn in reversed(turns) if turn.utterance_id == line.utterance_id)
    words = said.words[line.first : line.last + 1]
    text = " ".join(word.text for word in words)
    quote = Quote(text, said.channel, said.utterance_id, words[0].start_s, max(words[-1].end_s, words[0].start_s))
    return State(True, Time.NOW, True, (quote,), picture.order, SetBy.MODEL, REFERENCE)


def _with_claims(picture: Picture, claimed: Mapping[str, State]) -> Picture:
    """The picture with what a model read and the words, as the rules read them now, do not say."""
    missing = {code: state for code, state in claimed.items() if code not in picture.states}
    return replace(picture, states={**picture.states, **missing}) if missing else picture


def _known(picture: Picture, code: str) -> bool:
    return code in picture.states


def assessed(case: Case) -> Case:
    """The case with every reason that holds now added to those that ever held."""
    facts = _facts(case)
    case = case if facts == case.facts else replace(case, facts=facts)
    news = {f.id: _raised(case, f) for f in fired(facts) if _may_be_new(case.raised.get(f.id))}
    added = {key: raised for key, raised in news.items() if raised != case.raised.get(key)}
    return replace(case, raised={**case.raised, **added}) if added else case


def _may_be_new(known: Raised | None) -> bool:
    """A reason that only a model's finding bore out becomes the rules' own once the words bear it out."""
    return known is None or known.set_by is SetBy.MODEL


def _raised(case: Case, reason: Fired) -> Raised:
    states = _states(case, reason.codes)
    known = case.raised.get(reason.id)
    by_model = next((state for _, state in states if state.set_by is SetBy.MODEL), None)
    if by_model is None:
        return Raised(reason, states)
    return known or Raised(reason, states, SetBy.MODEL, by_model.reference)


def _states(case: Case, codes: Sequence[str]) -> tuple[tuple[str, State], ...]:
    known = {**case.suggested, **case.picture.states}
    return tuple((code, known[code]) for code in codes if code in known)


def category_of(case: Case) -> int | None:
    """The shown category: the most urgent reason that ever held, unless an operator has decided since."""
    shown = min((c for c in (floor_of(case), model_category_of(case)) if c is not None), default=None)
    override = case.log.override
    if override is None:
        return shown
    lowered = min((case.raised[key].fired.category for key in override.known), default=9)
    later = [r.fired.category for key, r in case.raised.items() if key not in override.known and _is_news(r, lowered)]
    if case.model_category is not None and case.model_category != override.model_category:
        later.append(case.model_category)
    return min([override.category, *later])


def _is_news(raised: Raised, lowered: int) -> bool:
    """Whether a reason that is new after an override raises again.

    What the wording suggests names no finding: it is news only where it is more urgent than what was lowered.
    """
    return raised.reference != REFERENCE or raised.fired.category < lowered


def floor_of(case: Case) -> int | None:
    """The rules' own category: the most urgent reason that the words alone ever bore out."""
    return min((r.fired.category for r in case.raised.values() if r.set_by is SetBy.RULE), default=None)


def model_category_of(case: Case) -> int | None:
    """The model's category: its own, or that of a reason which a finding of the model's bears out."""
    by_model = (r.fired.category for r in case.raised.values() if r.set_by is SetBy.MODEL)
    return min((c for c in (case.model_category, *by_model) if c is not None), default=None)
