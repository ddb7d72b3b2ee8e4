"""Where a call stands: folded from its log by one set of rules, for the live call and for its row in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.call import CallStatus
from dispatch.calls.lifecycle import TRANSITIONS, Move, after
from dispatch.contract.audio import AudioFormat
from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId, SeatId
from dispatch.contract.console import CallState
from dispatch.contract.timeline import (
    Actor,
    ActorKind,
    CallAnswered,
    CallDisposed,
    CallEnded,
    CallHeld,
    CallInterrupted,
    CallOfferedBack,
    CallRang,
    CallReconnected,
    CallRecovered,
    CallStarted,
    CallUnheld,
    Disposition,
    EndReason,
    EscalationStep,
    TimelineEntry,
)

pytestmark = pytest.mark.property

START = datetime(2026, 1, 1, tzinfo=UTC)
STARTED = CallStarted(centre_id=CentreId("c"), incident_id=IncidentId("i"), entry="web", format=AudioFormat())
MOVES = {
    Move.ANSWER: CallAnswered(waited_s=1),
    Move.HOLD: CallHeld(),
    Move.UNHOLD: CallUnheld(),
    Move.END: CallEnded(reason=EndReason.CALLER_HUNG_UP),
    Move.DISPOSE: CallDisposed(disposition=Disposition.ADVICE_GIVEN),
}
HAPPENINGS = (
    CallInterrupted(),
    CallReconnected(away_s=1),
    CallRecovered(),
    CallOfferedBack(),
    CallRang(step=EscalationStep.ALL_SEATS, seats=()),
)
OVER = (CallState.ENDED, CallState.CLOSED)


def entry(seq: int, body: object) -> TimelineEntry:
    actor = Actor(kind=ActorKind.OPERATOR, person_id=PersonId("p"), seat_id=SeatId("s"))
    at = START + timedelta(seconds=seq)
    return TimelineEntry.model_validate(
        {"call_id": CallId("call-1"), "seq": seq, "at": at, "call_s": seq, "actor": actor, "body": body}
    )


@given(st.lists(st.sampled_from([*MOVES, *range(len(HAPPENINGS))]), max_size=40))
def test_a_call_whose_caller_is_away_goes_on_from_where_it_stood_and_one_that_is_over_stays_over(
    steps: list[Move | int],
) -> None:
    status, seq = CallStatus(), 1
    status.apply(entry(seq, STARTED))
    for step in steps:
        before = status.state
        if isinstance(step, Move):
            expected = after(before, step)
            if expected is None:
                continue
            body = MOVES[step]
        elif before in OVER:
            continue
        else:
            body = HAPPENINGS[step]
            expected = CallState.RINGING if isinstance(body, CallRecovered | CallOfferedBack) else before
        seq += 1
        status.apply(entry(seq, body))
        away = status.interrupted_at is not None
        assert status.state is expected
        assert status.record is not None
        assert status.record.state is (CallState.INTERRUPTED if away and expected not in OVER else expected)
        assert (status.seat_id is None) == (expected is CallState.RINGING) or expected in OVER


def test_every_move_that_the_table_does_not_name_is_impossible() -> None:
    assert {(s, m) for s in CallState for m in Move if after(s, m) is not None} == set(TRANSITIONS)


def test_a_closed_call_stays_closed() -> None:
    assert all(after(CallState.CLOSED, move) is None for move in Move)
