"""The states of a call and the moves between them: one table, pure.

An interruption (the caller's connection broke) is not a state of its own here: it lies over `ringing`, `answered` and
`on_hold`, and goes away when the caller returns.
"""

from enum import StrEnum
from typing import Final

from dispatch.contract.caller import CallPhase
from dispatch.contract.console import CallState


class Move(StrEnum):
    """What can happen to a call."""

    ANSWER = "answer"
    HOLD = "hold"
    UNHOLD = "unhold"
    END = "end"
    DISPOSE = "dispose"


TRANSITIONS: Final[dict[tuple[CallState, Move], CallState]] = {
    (CallState.RINGING, Move.ANSWER): CallState.ANSWERED,
    (CallState.RINGING, Move.END): CallState.ENDED,
    (CallState.ANSWERED, Move.HOLD): CallState.ON_HOLD,
    (CallState.ANSWERED, Move.END): CallState.ENDED,
    (CallState.ON_HOLD, Move.UNHOLD): CallState.ANSWERED,
    (CallState.ON_HOLD, Move.END): CallState.ENDED,
    (CallState.ENDED, Move.DISPOSE): CallState.CLOSED,
}

PHASES: Final[dict[CallState, CallPhase]] = {
    CallState.RINGING: CallPhase.RINGING,
    CallState.ANSWERED: CallPhase.ANSWERED,
    CallState.ON_HOLD: CallPhase.ON_HOLD,
    CallState.ENDED: CallPhase.ENDED,
    CallState.CLOSED: CallPhase.ENDED,
}


def after(state: CallState, move: Move) -> CallState | None:
    """The state after a move, or None where the move is not possible."""
    return TRANSITIONS.get((state, move))
