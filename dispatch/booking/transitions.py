"""Carrying a command out: lock, guard, version, assignment, event and jobs, in the transaction of the caller.

In: a session of whoever acts, a `NewBooking` or a `Command`. Out: the `BookingState` that follows, or an error, and
then nothing was done. Invariants: a version is the number of events; a responder who may be on one booking
alone is on one (the database's indexes decide, not what was read before); at an end nobody is on the booking.

Locks are taken in one order, so that no two transactions wait for each other: bookings (by id, where a transaction has
several), then calendars (by id), then responders (by id). A responder is put on before another one is taken off.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.booking import BookingAction, BookingStatus
from dispatch.observability.logs import current_correlation_id
from dispatch.storage.prepared import PreparedInsert, driver_of
from dispatch.storage.tables import AssignmentRow, BookingEventRow, BookingRow

from .catalogue import Catalogue
from .errors import ResponderTaken
from .lifecycle import ENDS, Forbidden, Step, Why, decide
from .policy import ServicePolicy
from .ports import EnqueueJob
from .promises import Moved, jobs_of
from .slots import give_back, lock_name
from .state import Actor, BookingState, Command, NewBooking, lock, lock_and_look

CREATED: Final = "created"
RESPONDER_LOCK: Final = 1
"""Seeds the hash of advisory locks on responders."""

SCOPE: Final = ("person_id", "community_id", "hospital_id", "centre_id")
MAKE: Final = PreparedInsert(
    BookingRow,
    (
        "booking_id", "service_type", "policy_version", "status", "version", "responders", "resident_id",
        "incident_id", "category", "exercise", "place", "note", "requested_at", "starts_at", "ends_at", *SCOPE,
    ),
)  # fmt: skip
WRITE_EVENT: Final = PreparedInsert(
    BookingEventRow,
    (
        "booking_id", "version", "at", "kind", "status", "entered", "actor_person_id", "actor_role", "reason",
        "responder_ids", "detail", "correlation_id", *SCOPE,
    ),
)  # fmt: skip
ASSIGN: Final = PreparedInsert(
    AssignmentRow,
    (
        "booking_id", "responder_id", "responder_kind", "exclusive", "during", "assigned_at", "assigned_by", *SCOPE,
    ),
    once=True,
)  # fmt: skip

MOVE: Final = """
    UPDATE booking SET status = $2, version = $3, responders = $4, starts_at = $5, ends_at = $6, closed_at = $7
    WHERE booking_id = $1
"""
"""Of a booking that was locked, within the scope of whoever locked it."""
TAKEN: Final = "Whoever you want to send is on another booking."


class Transitions:
    """Carries commands out. Whatever it does is committed, or not, by the caller's transaction."""

    def __init__(self, catalogue: Catalogue, enqueue: EnqueueJob) -> None:
        self.catalogue: Final = catalogue
        self._enqueue = enqueue

    async def create(self, session: AsyncSession, new: NewBooking, *, waiting: bool = False) -> BookingState:
        """Makes a booking in `requested`, under the newest policy of its type. Raises UnknownServiceType.

        While it is `waiting` for a slot, no clock runs.
        """
        policy = self.catalogue.current(new.service_type)
        state = BookingState(
            booking_id=new.booking_id,
            service_type=policy.service_type,
            policy_version=policy.version,
            status=BookingStatus.REQUESTED,
            version=1,
            responders=0,
            scope=new.scope,
            requested_at=new.at,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            incident_id=new.incident_id,
            exercise=new.exercise,
        )
        await MAKE.write(session, booking_values(state, new))
        event = event_values(state, CREATED, new.actor, new.at, entered=not waiting)
        await self._follow_up(session, policy, state, event, None)
        return state

    async def apply(self, session: AsyncSession, command: Command) -> BookingState:
        """Carries a command out. Raises NoSuchBooking, Forbidden, ResponderTaken."""
        wanted = [responder.responder_id for responder in command.take]
        before, held = await lock_and_look(session, command.booking_id, wanted)
        policy = self.catalogue.of(before.service_type, before.policy_version)
        check_role(policy, command)
        step = decide(
            policy.rules, before.standing, command.action, take=command.take, release=command.release,
            expected_version=command.expected_version,
        )  # fmt: skip
        if held and policy.responders.exclusive and before.during is None:
            raise ResponderTaken(TAKEN)  # seen without waiting for anybody
        after = moved(before, step, command)
        taken = await take(session, after, step, command, exclusive=policy.responders.exclusive)
        released = await release(session, before, step, command)
        after = replace(after, responders=before.responders + len(taken) - len(released))
        closed_at = command.at if after.status in ENDS else None
        await (await driver_of(session)).execute(
            MOVE, after.booking_id, after.status, after.version, after.responders, after.starts_at, after.ends_at,
            closed_at,
        )  # fmt: skip
        event = event_values(
            after, command.action, command.actor, command.at, entered=step.entered, reason=command.reason,
            responder_ids=[*taken, *released], detail=command.detail,
        )  # fmt: skip
        await self._follow_up(session, policy, after, event, command.action)
        if (
            policy.slots
            and after.status is BookingStatus.CANCELLED
            and (job := await give_back(session, after, command.at))
        ):
            await self._enqueue(session, job)
        return after

    async def note(
        self, session: AsyncSession, booking_id: str, kind: str, actor: Actor, at: datetime,
        detail: Mapping[str, Any] | None = None,
    ) -> BookingState:  # fmt: skip
        """Writes into a booking's log what does not move it. Raises NoSuchBooking."""
        before = await lock(session, booking_id)
        after = replace(before, version=before.version + 1)
        await session.execute(
            update(BookingRow)
            .where(BookingRow.booking_id == booking_id)
            .values(version=after.version)
            .execution_options(synchronize_session=False)
        )
        event = event_values(after, kind, actor, at, entered=False, detail=detail or {})
        await WRITE_EVENT.write(session, event)
        return after

    async def _follow_up(
        self, session: AsyncSession, policy: ServicePolicy, state: BookingState, event: dict[str, Any],
        action: BookingAction | None,
    ) -> None:  # fmt: skip
        await WRITE_EVENT.write(session, event)
        step = Moved(
            booking_id=state.booking_id,
            version=state.version,
            status=state.status,
            action=action,
            entered=event["entered"],
            at=event["at"],
            starts_at=state.starts_at,
            hospital_id=state.scope.hospital_id,
            centre_id=state.scope.centre_id,
            exercise=state.exercise,
        )
        for job in jobs_of(policy, step):
            await self._enqueue(session, job)


def check_role(policy: ServicePolicy, command: Command) -> None:
    """Raises Forbidden for a person whose role the policy does not name; the server itself may do everything."""
    role = command.actor.role
    if command.actor.person_id is not None and role not in policy.roles.may(command.action):
        raise Forbidden(Why.NOT_THIS_ROLE, f"With this service, that is not for a {role.replace('_', ' ')} to do.")


def moved(before: BookingState, step: Step, command: Command) -> BookingState:
    """The booking after a step, responders aside."""
    after = replace(before, status=step.status, version=step.version)
    if command.action is BookingAction.RESCHEDULE:
        return replace(after, starts_at=command.starts_at, ends_at=command.ends_at)
    return after


async def take(
    session: AsyncSession, booking: BookingState, step: Step, command: Command, *, exclusive: bool
) -> list[str]:
    """Puts responders on a booking. Raises ResponderTaken when one of them is on another."""
    during = booking.during
    if during is not None:
        for responder in step.take:
            await lock_name(session, responder.responder_id, RESPONDER_LOCK)
    for responder in step.take:
        values = {
            "booking_id": booking.booking_id,
            "responder_id": responder.responder_id,
            "responder_kind": responder.kind,
            "exclusive": exclusive,
            "during": during,
            "assigned_at": command.at,
            "assigned_by": command.actor.person_id,
            **vars(booking.scope),
        }
        if not await ASSIGN.write(session, values):
            raise ResponderTaken(TAKEN)
    return [responder.responder_id for responder in step.take]


async def release(session: AsyncSession, before: BookingState, step: Step, command: Command) -> list[str]:
    """Takes responders off a booking. Raises Forbidden when one of them is not on it."""
    if not before.responders or not (step.release or step.release_all):
        return []
    statement = (
        update(AssignmentRow)
        .where(AssignmentRow.booking_id == before.booking_id, AssignmentRow.released_at.is_(None))
        .values(released_at=command.at)
        .returning(AssignmentRow.responder_id)
        .execution_options(synchronize_session=False)
    )
    if step.release:
        statement = statement.where(AssignmentRow.responder_id.in_(step.release))
    elif step.take:
        kept = [responder.responder_id for responder in step.take]
        statement = statement.where(AssignmentRow.responder_id.not_in(kept))
    released = sorted(await session.scalars(statement))
    if step.release and len(released) != len(step.release):
        raise Forbidden(Why.WRONG_RESPONDER, "Whoever you want to take off is not on this booking.")
    return released


def booking_values(state: BookingState, new: NewBooking) -> dict[str, Any]:
    """A new booking's row."""
    return {
        "booking_id": state.booking_id,
        "service_type": state.service_type,
        "policy_version": state.policy_version,
        "status": state.status,
        "version": state.version,
        "responders": state.responders,
        "resident_id": new.resident_id,
        "incident_id": new.incident_id,
        "category": new.category,
        "exercise": new.exercise,
        "place": new.place,
        "note": new.note,
        "requested_at": new.at,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        **vars(new.scope),
    }


def event_values(
    state: BookingState, kind: str, actor: Actor, at: datetime, *, entered: bool, reason: str | None = None,
    responder_ids: list[str] | None = None, detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The row of an event that led to `state`."""
    return {
        "booking_id": state.booking_id,
        "version": state.version,
        "at": at,
        "kind": kind,
        "status": state.status,
        "entered": entered,
        "actor_person_id": actor.person_id,
        "actor_role": actor.role,
        "reason": reason,
        "responder_ids": responder_ids or [],
        "detail": dict(detail or {}),
        "correlation_id": current_correlation_id(),
        **vars(state.scope),
    }
