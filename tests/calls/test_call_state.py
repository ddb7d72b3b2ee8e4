"""Where a call stands: the live call and the row in PostgreSQL fold the same log, and must agree on every log."""

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
from dispatch.storage.projection import applied, opened

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
def test_the_live_call_and_its_row_in_the_database_agree_after_every_entry(steps: list[Move | int]) -> None:
    first = entry(1, STARTED)
    status, record, seq = CallStatus(), opened(first, STARTED), 1
    status.apply(first)
    for step in steps:
        if isinstance(step, Move):
            if after(status.state, step) is None:
                continue
            body = MOVES[step]
        elif status.state in OVER:
            continue
        else:
            body = HAPPENINGS[step]
        seq += 1
        made = entry(seq, body)
        status.apply(made)
        record = applied(record, made)
        interrupted = status.interrupted_at is not None and status.state not in OVER
        assert record.state is (CallState.INTERRUPTED if interrupted else status.state)
        assert record.seat_id == status.seat_id or status.state in OVER


def test_every_move_that_the_table_does_not_name_is_impossible() -> None:
    assert {(s, m) for s in CallState for m in Move if after(s, m) is not None} == set(TRANSITIONS)


def test_a_closed_call_stays_closed() -> None:
    assert all(after(CallState.CLOSED, move) is None for move in Move)
