"""The score sheet: each line of a rubric against the deeds of a call.

In: a rubric and a call's log. Out: a sheet. Deadlines count from the second at which the call was answered, that of
answering itself from the call's start. On time earns all points, late half (a judgement of this project), missed none.
A critical line that is missed or a forbidden deed that was done means not passed, whatever the score.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from dispatch.contract.timeline import TimelineEntry
from dispatch.contract.training import (
    DeedView,
    ExpectedAction,
    ForbiddenAction,
    Rubric,
    ScoreLine,
    ScoreSheet,
    Verdict,
)

from .answers import category_right, last_card, wrong_fields
from .deeds import deeds_of
from .scorecard import scorecard_of

LATE_SHARE: Final = 0.5
ANSWER: Final = "answer"


def score(rubric: Rubric, entries: Iterable[TimelineEntry]) -> ScoreSheet:
    """The sheet of a call. An empty log is a legal one: everything is missed."""
    log = tuple(entries)
    deeds = deeds_of(log)
    card = last_card(log)
    answered_s = next((deed.at_s for deed in deeds if deed.action == ANSWER), None)
    lines = [
        *(_expected(wanted, deeds, answered_s or 0.0) for wanted in rubric.expect),
        *(_forbidden(bad, deeds) for bad in rubric.forbid),
    ]
    points, of = sum(line.points for line in lines), sum(line.of for line in lines)
    percent = round(100 * points / of, 1) if of else 100.0
    missed = tuple(line.label for line in lines if line.critical and line.verdict is Verdict.MISSED)
    broken = tuple(line.label for line in lines if line.verdict is Verdict.BROKEN)
    return ScoreSheet(
        rubric_id=rubric.rubric_id,
        passed=percent >= rubric.pass_score and not missed and not broken,
        score=percent,
        critical_missed=missed,
        forbidden_done=broken,
        category=card.category if card else None,
        category_right=category_right(rubric.gold, card),
        answered_s=answered_s,
        lines=tuple(lines),
        scorecard=scorecard_of(rubric, log, deeds),
        wrong_fields=tuple(wrong_fields(rubric.gold, card)),
        deeds=deeds,
    )


def _expected(wanted: ExpectedAction, deeds: Sequence[DeedView], answered_s: float) -> ScoreLine:
    first = next((deed for deed in deeds if deed.action in wanted.action), None)
    since_s = 0.0 if ANSWER in wanted.action else answered_s
    deadline_s = None if wanted.by_s is None else since_s + wanted.by_s
    latest_s = None if wanted.latest_s is None else since_s + wanted.latest_s
    verdict = _verdict(None if first is None else first.at_s, deadline_s, latest_s)
    label = wanted.label or " or ".join(wanted.action)
    return ScoreLine(
        label=label,
        actions=wanted.action,
        verdict=verdict,
        points={Verdict.ON_TIME: 1.0, Verdict.LATE: LATE_SHARE}.get(verdict, 0.0) * wanted.points,
        of=wanted.points,
        critical=wanted.critical,
        deadline_s=deadline_s,
        at_s=None if first is None else first.at_s,
        seq=None if first is None else first.seq,
        explanation=_why(label, verdict, first, deadline_s, latest_s),
    )


def _verdict(at_s: float | None, deadline_s: float | None, latest_s: float | None) -> Verdict:
    if at_s is None or (latest_s is not None and at_s > latest_s):
        return Verdict.MISSED
    return Verdict.LATE if deadline_s is not None and at_s > deadline_s else Verdict.ON_TIME


def _why(label: str, verdict: Verdict, first: DeedView | None, deadline_s: float | None, latest_s: float | None) -> str:
    due = f"due by {clock(deadline_s)}" if deadline_s is not None else "due at any time"
    if first is None:
        return f"{label}: not found in the log ({due})."
    shown = f"{first.action} at {clock(first.at_s)} (entry {first.seq})"
    if verdict is Verdict.MISSED and latest_s is not None:
        return f"{label}: {shown}, after {clock(latest_s)}, which is too late to count ({due})."
    if verdict is Verdict.LATE and deadline_s is not None:
        return f"{label}: {shown}, {first.at_s - deadline_s:.1f} s late ({due}); half the points."
    return f"{label}: {shown} ({due})."


def _forbidden(bad: ForbiddenAction, deeds: Sequence[DeedView]) -> ScoreLine:
    done = next((deed for deed in deeds if deed.action == bad.action), None)
    found = f"done at {clock(done.at_s)} (entry {done.seq})" if done else "not done"
    return ScoreLine(
        label=f"Must not: {bad.action}",
        actions=(bad.action,),
        verdict=Verdict.KEPT if done is None else Verdict.BROKEN,
        points=0,
        of=0,
        at_s=done.at_s if done else None,
        seq=done.seq if done else None,
        explanation=f"{bad.action}: {found}. {bad.why}.",
    )


def clock(at_s: float) -> str:
    """A second of the call as minutes and seconds: 1:04.5."""
    minutes, seconds = divmod(round(at_s, 1), 60)
    return f"{int(minutes)}:{seconds:04.1f}"
