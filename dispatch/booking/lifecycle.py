"""The lifecycle of every booking: one table of transitions, and what a command does to a booking.

In: where a booking stands, its type's policy, a command. Out: a `Step` (the new status, what becomes of its responders)
or `Forbidden`. Pure. Invariants: a status is only ever reached by the table; a type never enters a status that its
policy does not use; a status without responders is `requested` or an end; at an end nobody is on the booking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.contract.booking import BookingAction, BookingStatus, ResponderKind

S = BookingStatus
A = BookingAction

ENDS: Final = frozenset({S.COMPLETED, S.CANCELLED, S.NO_SHOW})
OPEN: Final = frozenset(S) - ENDS

TRANSITIONS: Final[Mapping[tuple[S, A], S]] = {
    (S.REQUESTED, A.ASSIGN): S.ASSIGNED,
    (S.REQUESTED, A.RESCHEDULE): S.REQUESTED,
    (S.REQUESTED, A.CANCEL): S.CANCELLED,
    (S.ASSIGNED, A.ASSIGN): S.ASSIGNED,
    (S.ASSIGNED, A.UNASSIGN): S.ASSIGNED,
    (S.ASSIGNED, A.REASSIGN): S.ASSIGNED,
    (S.ASSIGNED, A.DEPART): S.EN_ROUTE,
    (S.ASSIGNED, A.START): S.IN_SERVICE,
    (S.ASSIGNED, A.RESCHEDULE): S.REQUESTED,
    (S.ASSIGNED, A.CANCEL): S.CANCELLED,
    (S.ASSIGNED, A.NO_SHOW): S.NO_SHOW,
    (S.EN_ROUTE, A.ASSIGN): S.EN_ROUTE,
    (S.EN_ROUTE, A.UNASSIGN): S.EN_ROUTE,
    (S.EN_ROUTE, A.REASSIGN): S.ASSIGNED,
    (S.EN_ROUTE, A.START): S.IN_SERVICE,
    (S.EN_ROUTE, A.CANCEL): S.CANCELLED,
    (S.EN_ROUTE, A.NO_SHOW): S.NO_SHOW,
    (S.IN_SERVICE, A.ASSIGN): S.IN_SERVICE,
    (S.IN_SERVICE, A.UNASSIGN): S.IN_SERVICE,
    (S.IN_SERVICE, A.COMPLETE): S.COMPLETED,
}
"""Where each action leads. `unassign` of the last responder leads back to `requested`; the last one who is already
serving cannot be taken away, only followed by another (`assign`, then `unassign`)."""


class Why(StrEnum):
    """Why a command is forbidden."""

    NOT_FROM_HERE = "not_from_here"
    NOT_THIS_TYPE = "not_this_type"
    TOO_MANY_RESPONDERS = "too_many_responders"
    WRONG_RESPONDER = "wrong_responder"
    NOBODY_NAMED = "nobody_named"
    LAST_RESPONDER = "last_responder"
    CHANGED_SINCE = "changed_since"
    NOT_THIS_ROLE = "not_this_role"
    UNSUITED = "unsuited"


class Forbidden(Exception):  # noqa: N818 - named by what happened
    """A command that does not go together with where the booking stands."""

    code = "forbidden_transition"
    retryable = False

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why: Final = why


@dataclass(frozen=True)
class Rules:
    """What of a type's policy the lifecycle needs."""

    states: frozenset[BookingStatus]
    actions: frozenset[BookingAction]
    responder_kinds: frozenset[ResponderKind]
    most_responders: int
    cancelled_from: frozenset[BookingStatus]
    """From where it may be called off."""


@dataclass(frozen=True)
class Standing:
    """Where a booking stands."""

    status: BookingStatus
    version: int
    responders: int
    """How many are on it now."""


@dataclass(frozen=True, order=True)
class Responder:
    """Somebody who can be sent: a unit, a member of staff, a neighbour."""

    responder_id: str
    kind: ResponderKind


@dataclass(frozen=True)
class Step:
    """What a command does."""

    status: BookingStatus
    version: int
    take: tuple[Responder, ...] = ()
    """Put on the booking, in the order in which they have to be locked."""
    release: tuple[str, ...] = ()
    """Taken off it, by id."""
    release_all: bool = False
    entered: bool = False
    """Whether the status is entered anew, so that its clocks start."""


def decide(
    rules: Rules,
    standing: Standing,
    action: BookingAction,
    *,
    take: tuple[Responder, ...] = (),
    release: tuple[str, ...] = (),
    expected_version: int | None = None,
) -> Step:
    """What `action` does to a booking. Raises Forbidden."""
    if expected_version not in (None, standing.version):
        raise Forbidden(Why.CHANGED_SINCE, "Somebody changed this booking since you read it.")
    target = _target(rules, standing, action)
    _check_responders(rules, action, take, release)
    everybody = action is A.REASSIGN and not release
    release_all = target in ENDS or action is A.RESCHEDULE or everybody
    left = len(take) + (0 if release_all else standing.responders - len(release))
    if left > rules.most_responders:
        raise Forbidden(Why.TOO_MANY_RESPONDERS, f"At most {rules.most_responders} can be on this booking.")
    if action is A.UNASSIGN and left <= 0:
        if standing.status is S.IN_SERVICE:
            raise Forbidden(Why.LAST_RESPONDER, "Whoever serves the patient stays until somebody else is there.")
        target = S.REQUESTED
    entered = target is not standing.status or action in (A.REASSIGN, A.RESCHEDULE)
    return Step(target, standing.version + 1, tuple(sorted(take)), tuple(sorted(release)), release_all, entered)


def _target(rules: Rules, standing: Standing, action: BookingAction) -> BookingStatus:
    if action not in rules.actions:
        raise Forbidden(Why.NOT_THIS_TYPE, f"This service has no {action.replace('_', '-')}.")
    target = TRANSITIONS.get((standing.status, action))
    if target is None:
        raise Forbidden(Why.NOT_FROM_HERE, f"This booking is {standing.status.replace('_', ' ')}; not possible now.")
    if target not in rules.states:
        raise Forbidden(Why.NOT_THIS_TYPE, f"This service is never {target.replace('_', ' ')}.")
    if action is A.CANCEL and standing.status not in rules.cancelled_from:
        raise Forbidden(Why.NOT_FROM_HERE, "It is too late to call this service off.")
    if action is A.START and standing.status is S.ASSIGNED and S.EN_ROUTE in rules.states:
        raise Forbidden(Why.NOT_FROM_HERE, "Somebody has to be on the way first.")
    return target


def possible(rules: Rules, standing: Standing, action: BookingAction) -> bool:
    """Whether an action leads anywhere from where a booking stands, whoever it is done with."""
    try:
        _target(rules, standing, action)
    except Forbidden:
        return False
    return True


def _check_responders(
    rules: Rules, action: BookingAction, take: tuple[Responder, ...], release: tuple[str, ...]
) -> None:
    if bool(take) != (action in (A.ASSIGN, A.REASSIGN)) or (action is A.UNASSIGN and not release):
        raise Forbidden(Why.NOBODY_NAMED, "Say who is to be sent, or taken off, and only then.")
    if release and action not in (A.UNASSIGN, A.REASSIGN):
        raise Forbidden(Why.NOBODY_NAMED, "Nobody is taken off by this.")
    if any(responder.kind not in rules.responder_kinds for responder in take):
        raise Forbidden(Why.WRONG_RESPONDER, "This service is not done by such a responder.")
