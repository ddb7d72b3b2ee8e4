"""What a booking is between two commands, and what is asked of it. Values; only `lock` touches the database."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.booking import BookingAction, BookingStatus
from dispatch.storage.prepared import driver_of
from dispatch.storage.scope import may_write
from dispatch.storage.tables import BookingRow

from .errors import NoSuchBooking
from .lifecycle import Responder, Standing

COLUMNS: Final = (
    "booking_id", "service_type", "policy_version", "status", "version", "responders", "requested_at", "starts_at",
    "ends_at", "incident_id", "exercise", "person_id", "community_id", "hospital_id", "centre_id",
)  # fmt: skip
LOCK: Final = f"SELECT {', '.join(COLUMNS)} FROM booking WHERE booking_id = $1 FOR UPDATE"  # noqa: S608 - constants
LOCK_NOW: Final = f"{LOCK} NOWAIT"
LOCK_AND_LOOK: Final = f"""
    SELECT {", ".join(COLUMNS)}, ARRAY(
        SELECT responder_id FROM assignment
        WHERE responder_id = ANY($2) AND released_at IS NULL AND exclusive AND during IS NULL AND booking_id <> $1
    ) AS held
    FROM booking WHERE booking_id = $1 FOR UPDATE
"""  # noqa: S608 - constants
"""The same index that keeps a unit on one booking says who is on another one."""


def new_id() -> str:
    """An id that nobody can guess."""
    return f"b{secrets.token_hex(10)}"


@dataclass(frozen=True)
class Actor:
    """Who acts: a person in a role, or the server itself."""

    role: str
    person_id: str | None = None


@dataclass(frozen=True)
class Scope:
    """To whom a booking belongs."""

    person_id: str | None = None
    community_id: str | None = None
    hospital_id: str | None = None
    centre_id: str | None = None


@dataclass(frozen=True)
class NewBooking:
    """What is asked for."""

    service_type: str
    scope: Scope
    actor: Actor
    at: datetime
    resident_id: str | None = None
    incident_id: str | None = None
    category: int | None = None
    exercise: bool = False
    place: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    booking_id: str = field(default_factory=new_id)


@dataclass(frozen=True)
class Command:
    """What is to be done to a booking."""

    booking_id: str
    action: BookingAction
    actor: Actor
    at: datetime
    take: tuple[Responder, ...] = ()
    """Whom to send."""
    release: tuple[str, ...] = ()
    """Whom to take off, by responder id."""
    expected_version: int | None = None
    """The version that was read; None acts on whatever is there."""
    reason: str | None = None
    """A code, never words of a person."""
    starts_at: datetime | None = None
    """The new appointment, when it is rescheduled."""
    ends_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BookingState:
    """Where a booking stands after a command."""

    booking_id: str
    service_type: str
    policy_version: int
    status: BookingStatus
    version: int
    responders: int
    scope: Scope
    requested_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    incident_id: str | None = None
    exercise: bool = False

    @property
    def standing(self) -> Standing:
        return Standing(self.status, self.version, self.responders)

    @property
    def during(self) -> Range[datetime] | None:
        """The appointment, if it is one."""
        return Range(self.starts_at, self.ends_at) if self.starts_at else None


async def lock(session: AsyncSession, booking_id: str, *, nowait: bool = False) -> BookingState:
    """Locks a booking until the end of the transaction and reads where it stands. Raises NoSuchBooking.

    With `nowait`, a booking that another transaction holds is an error of the database that is worth another try.
    """
    driver = await driver_of(session)
    row = await driver.fetchrow(LOCK_NOW if nowait else LOCK, booking_id)
    return _reached(session, row)


async def lock_and_look(
    session: AsyncSession, booking_id: str, wanted: Collection[str]
) -> tuple[BookingState, Collection[str]]:
    """Locks a booking, and reads which of the wanted responders another booking holds now. Raises NoSuchBooking.

    Whoever is not among them may still be taken before us: the index decides when they are written.
    """
    if not wanted:
        return await lock(session, booking_id), ()
    row = await (await driver_of(session)).fetchrow(LOCK_AND_LOOK, booking_id, wanted)
    return _reached(session, row), row["held"] if row else ()


def _reached(session: AsyncSession, row: Mapping[str, Any] | None) -> BookingState:
    if row is None or not may_write(session.sync_session, BookingRow, row):
        raise NoSuchBooking("There is no such booking.")
    return state_from(row)


def state_from(values: Mapping[str, Any]) -> BookingState:
    """Where a booking stands, from its stored values."""
    return BookingState(
        booking_id=values["booking_id"],
        service_type=values["service_type"],
        policy_version=values["policy_version"],
        status=BookingStatus(values["status"]),
        version=values["version"],
        responders=values["responders"],
        scope=Scope(values["person_id"], values["community_id"], values["hospital_id"], values["centre_id"]),
        requested_at=values["requested_at"],
        starts_at=values["starts_at"],
        ends_at=values["ends_at"],
        incident_id=values["incident_id"],
        exercise=values["exercise"],
    )
