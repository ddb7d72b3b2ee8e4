"""The public-safety call-taking scorecard, as far as a log can show it.

The sixteen lines and their points are those of the public rubric of the Texas Public Safety Association (dispatch.md,
T1). How each is read off a log is this project's judgement and said in the line's explanation. What a log cannot show
(control of the caller, calmness) gets no points and is named for a person; nothing here judges how a voice sounds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dispatch.contract.audio import Channel
from dispatch.contract.timeline import ActorKind, CallEnded, SpeechFinal, TimelineEntry
from dispatch.contract.training import DeedView, Rubric, ScorecardLine
from dispatch.contract.transcript import Utterance

from .answers import last_card, wrong_fields

FULL: Final = 5
GREETING_S: Final = 5.0
"""The first words come within so long after answering."""
QUICK_S: Final = 60.0
"""NFPA 1225 (2022): answer to dispatch within 60 s, 90 %."""
OVERLAP_S: Final = 0.5
"""An operator who begins so long before the caller's words end interrupts."""
VIOLENT: Final = frozenset({"assault", "suicide_risk", "mental_health"})
UNSAFE: Final = frozenset({"road_crash", "house_fire", "carbon_monoxide", "drowning", "assault", "burns"})
ORDER: Final = ("ask:location", "ask:what_happened", "ask:conscious", "ask:breathing")
SCENE: Final = ("ask:hazards_q", "ask:trapped_q", "ask:everyone_out", "ask:attacker_near", "ask:out_of_water")
PEOPLE: Final = ("ask:attacker_near", "ask:how_many_hurt", "ask:wound_where")

Mark = tuple[int | None, str]
"""Points and why; no points where a person has to judge or the line does not apply."""


@dataclass(frozen=True)
class _Call:
    """What the lines look at."""

    rubric: Rubric
    log: Sequence[TimelineEntry]
    deeds: Sequence[DeedView]
    complaints: frozenset[str]

    def first(self, *names: str) -> DeedView | None:
        return next((deed for deed in self.deeds if deed.action in names), None)

    def spoken(self, channel: Channel) -> list[Utterance]:
        finals = [entry.body.utterance for entry in self.log if isinstance(entry.body, SpeechFinal)]
        return [utterance for utterance in finals if utterance.channel is channel and utterance.words]

    @property
    def answered_s(self) -> float:
        deed = self.first("answer")
        return deed.at_s if deed else 0.0


def scorecard_of(rubric: Rubric, log: Sequence[TimelineEntry], deeds: Sequence[DeedView]) -> tuple[ScorecardLine, ...]:
    """The sixteen lines."""
    named = frozenset(deed.action.partition(":")[2] for deed in deeds if deed.action.startswith("complaint:"))
    call = _Call(rubric, log, deeds, named | ({rubric.gold.complaint} if rubric.gold else set()))
    return tuple(_lines(call))


def _lines(call: _Call) -> Iterator[ScorecardLine]:
    for code, (label, of, mark) in LINES.items():
        points, why = mark(call)
        yield ScorecardLine(code=code, label=label, points=points, of=of, explanation=why)


def _inputs(call: _Call) -> Mark:
    ended = next((entry.call_s for entry in call.log if isinstance(entry.body, CallEnded)), None)
    acts = [
        d
        for d in call.deeds
        if d.by is ActorKind.OPERATOR and not d.words and d.action.startswith(("ask", "instruct", "confirm", "note"))
    ]
    during = [deed for deed in acts if ended is None or deed.at_s <= ended]
    return _share(len(during), len(acts)), f"{len(during)} of {len(acts)} entries were made while the call was open."


def _accuracy(call: _Call) -> Mark:
    if call.rubric.gold is None:
        return None, "The right answers are not known; a person compares the card with the recording."
    wrong = list(wrong_fields(call.rubric.gold, last_card(tuple(call.log))))
    names = ", ".join(name.value for name in wrong) or "none"
    return max(0, FULL - len(wrong)), f"Fields that are wrong or empty at the end: {names}."


def _organised(call: _Call) -> Mark:
    times = [deed.at_s for name in ORDER if (deed := call.first(name)) is not None]
    swaps = sum(a > b for a, b in pairwise(times))
    return max(
        0, FULL - 2 * swaps
    ), f"{swaps} of the opening questions came out of order (place, what, awake, breathing)."


def _repeats(call: _Call) -> Mark:
    asked = Counter(deed.action for deed in call.deeds if deed.action.startswith("ask:"))
    again = sum(count - 1 for count in asked.values())
    return max(0, FULL - again), f"{again} questions were asked a second time."


def _quick(call: _Call) -> Mark:
    sent = call.first("dispatch")
    if sent is None:
        return (0, "No help was sent.") if call.rubric.expects("dispatch") else (None, "Nothing had to be sent.")
    took = sent.at_s - call.answered_s
    return max(
        0, FULL - int(max(0.0, took - QUICK_S) // 15)
    ), f"Help was sent {took:.1f} s after answering; goal 60 s, one point a quarter minute."


def _greeting(call: _Call) -> Mark:
    first = call.spoken(Channel.OPERATOR)[:1]
    if not first:
        return None, "The operator's voice is not in the log."
    waited = first[0].start_s - call.answered_s
    return int(waited <= GREETING_S), f"First words {waited:.1f} s after answering."


def _kept(call: _Call) -> Mark:
    hung = call.first("hang_up")
    sent = call.first("dispatch")
    early = hung is not None and call.rubric.expects("dispatch") and (sent is None or hung.at_s < sent.at_s)
    return (
        (0, f"Hung up at {hung.at_s:.1f} s, before help was sent.")
        if early and hung
        else (FULL, "The caller was not cut off.")
    )


def _safety(call: _Call) -> Mark:
    given = [deed for deed in call.deeds if deed.action.startswith("instruct:") and "/" in deed.action]
    if not given and not any("instruct:" in name for line in call.rubric.expect for name in line.action):
        return None, "No instruction was called for."
    return min(FULL, len(given)), f"{len(given)} steps of instructions were given."


def _coming(call: _Call) -> Mark:
    if not call.spoken(Channel.OPERATOR):
        return None, "The operator's voice is not in the log."
    told = call.first("tell_help")
    return (FULL, f"Told at {told.at_s:.1f} s.") if told else (0, "The caller was never told that help is coming.")


def _interrupting(call: _Call) -> Mark:
    ours, theirs = call.spoken(Channel.OPERATOR), call.spoken(Channel.CALLER)
    if not ours:
        return None, "The operator's voice is not in the log."
    cut = sum(any(said.start_s + OVERLAP_S < own.start_s < said.end_s - OVERLAP_S for said in theirs) for own in ours)
    return max(0, FULL - cut), f"{cut} times the operator began in the middle of the caller's words."


def _location(call: _Call) -> Mark:
    asked = call.first("ask:location", "ask:location_confirm", "know:location", "confirm:location")
    return int(asked is not None), "The place is known." if asked else "The place was neither asked for nor known."


def _asked_when(relevant: frozenset[str], names: Sequence[str], what: str) -> Callable[[_Call], Mark]:
    def mark(call: _Call) -> Mark:
        if not call.complaints & relevant:
            return None, f"No sign that {what} matters on this call."
        found = call.first(*names)
        return (FULL, f"Asked at {found.at_s:.1f} s.") if found else (0, f"Nobody asked about {what}.")

    return mark


def _person(what: str) -> Callable[[_Call], Mark]:
    return lambda _: (None, f"A person judges {what}; a log cannot show it.")


def _share(done: int, of: int) -> int | None:
    return round(FULL * done / of) if of else None


LINES: Final[dict[str, tuple[str, int, Callable[[_Call], Mark]]]] = {
    "inputs": ("Inputs while talking", FULL, _inputs),
    "accuracy": ("Accurate", FULL, _accuracy),
    "organised": ("Pertinent and organised", FULL, _organised),
    "control": ("Controls the caller", FULL, _person("control of the call")),
    "repeats": ("Does not repeat questions", FULL, _repeats),
    "time": ("Least time, in order", FULL, _quick),
    "greeting": ("Greeting", 1, _greeting),
    "on_line": ("Keeps the caller on the line", FULL, _kept),
    "instructions": ("Safety instructions", FULL, _safety),
    "coming": ("Says what is coming", FULL, _coming),
    "interrupting": ("Does not interrupt", FULL, _interrupting),
    "location": ("Location", 1, _location),
    "weapon": ("Weapon information", FULL, _asked_when(VIOLENT, ("ask:weapon_q", "ask:suicide_means_q"), "weapons")),
    "scene": ("Scene safety", FULL, _asked_when(UNSAFE, SCENE, "the safety of the scene")),
    "people": ("Suspects and victims", FULL, _asked_when(VIOLENT | UNSAFE, PEOPLE, "those involved")),
    "calm": ("Calm", FULL, _person("calmness")),
}
