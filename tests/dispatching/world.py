"""A centre of its own for each test: units, a call that rings, and everything that carries commands out."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from dispatch.booking import RememberedJobs, Transitions, read_catalogue
from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId
from dispatch.contract.console import Command, DeliveryBody
from dispatch.contract.timeline import Actor, TimelineBody, TimelineEntry
from dispatch.dispatching import (
    CallFacts,
    Commander,
    DispatchDesk,
    Follower,
    KnownAddresses,
    Means,
    Missions,
    RememberedNotices,
    Searches,
    Timers,
)
from dispatch.observability.clock import VirtualClock
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY, sending
from dispatch.storage.tables import (
    AssignmentRow,
    BookingRow,
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    IncidentRow,
    UnitRow,
)

HERE = (-41.29, 174.78)


@dataclass
class RememberedCalls:
    """Calls and their logs, in memory."""

    facts: dict[str, CallFacts] = field(default_factory=dict)
    logs: dict[str, list[TimelineEntry]] = field(default_factory=dict)
    incidents: dict[str, IncidentId] = field(default_factory=dict)

    def find(self, call_id: str) -> CallFacts | None:
        return self.facts.get(call_id)

    def of_incident(self, incident_id: str) -> Sequence[CallFacts]:
        return [call for call in self.facts.values() if self.incidents[call.call_id] == incident_id]

    def visible_to(self, call_id: str, centre_id: str) -> bool:
        return self.facts[call_id].centre_id == centre_id

    def entry_of(self, call_id: str, key: str) -> TimelineEntry | None:
        return next((entry for entry in self.logs[call_id] if entry.command_id == key), None)

    def enter(self, call_id: str, body: TimelineBody, actor: Actor, key: str) -> TimelineEntry | None:
        if call_id not in self.facts:
            return None
        if (entry := self.entry_of(call_id, key)) is None:
            log = self.logs[call_id]
            at = self.facts[call_id].started_at
            entry = TimelineEntry(
                call_id=CallId(call_id), seq=len(log) + 1, at=at, call_s=0, actor=actor, command_id=key, body=body
            )
            log.append(entry)
            if body.kind == "incident.regrouped":
                self.incidents[call_id] = body.incident_id
        return entry

    def kinds(self, call_id: str) -> list[str]:
        return [entry.body.kind for entry in self.logs[call_id]]


@dataclass
class RememberedConsoles:
    """What consoles were told."""

    told: list[tuple[str, DeliveryBody]] = field(default_factory=list)

    def tell_centre(self, centre_id: str, body: DeliveryBody, *, supervisors: bool = False) -> None:
        self.told.append((f"supervisors of {centre_id}" if supervisors else centre_id, body))

    def tell_call(self, call_id: str, body: DeliveryBody) -> None:
        self.told.append((call_id, body))

    def tell_seats(self, seats: Collection[str], body: DeliveryBody) -> None:
        self.told += [(seat_id, body) for seat_id in seats]


class World:
    """One centre."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.mark = secrets.token_hex(4)
        self.centre = CentreId(f"centre-{self.mark}")
        self.community = f"community-{self.mark}"
        self.clock = VirtualClock()
        self.calls, self.consoles, self.notices = RememberedCalls(), RememberedConsoles(), RememberedNotices()
        self.searches = Searches(Missions(Transitions(read_catalogue(), RememberedJobs())), self.notices)
        self.operator = Commander(self.centre, "operator", PersonId(f"olive-{self.mark}"))
        self.start()

    def start(self) -> None:
        """A server process: whatever it remembers is new."""
        self.follower = Follower(self.database, self.clock, self.calls, self.consoles, lambda: [self.centre])
        self.timers = Timers(self.database, self.clock, self.searches, lambda: [self.centre])
        means = Means(
            self.database, self.clock, self.calls, self.searches, self.notices,
            KnownAddresses({"14 mill lane": HERE}), self.follower.look,
        )  # fmt: skip
        self.desk = DispatchDesk(means)

    async def settle(self) -> "World":
        """Writes the centre and its community."""
        async with self.database.transaction(REGISTRY) as session:
            session.add(DispatchCentreRow(centre_id=self.centre, name="C", public_number="112"))
            session.add(CommunityRow(community_id=self.community, name="Kōwhai Bay"))
            await session.flush()
            session.add(CentreCommunityRow(centre_id=self.centre, community_id=self.community))
        return self

    async def unit(self, name: str, metres_north: float = 0, **more: object) -> str:
        """A unit on duty, so far from the incident."""
        unit_id = f"{name}-{self.mark}"
        values = {
            "unit_id": unit_id, "centre_id": self.centre, "call_sign": name, "capabilities": ["ambulance"],
            "on_duty": True, "latitude": HERE[0] + metres_north / 111_195, "longitude": HERE[1],
            "state_since": self.clock.now(), "changed_at": self.clock.now(),
        } | more  # fmt: skip
        async with self.database.transaction(REGISTRY) as session:
            session.add(UnitRow(**values))
        return unit_id

    def call(self, name: str = "call", *, exercise: bool = False, phone: str | None = None) -> CallFacts:
        """A call that has just begun: its rows are not in the database yet."""
        call_id, incident_id = CallId(f"{name}-{self.mark}"), IncidentId(f"inc-{name}-{self.mark}")
        facts = CallFacts(call_id, incident_id, self.centre, self.clock.now(), exercise, phone=phone)
        self.calls.facts[call_id], self.calls.logs[call_id] = facts, []
        self.calls.incidents[call_id] = incident_id
        return facts

    async def do(self, kind: type[Command], **values: object) -> None:
        """Commands as the operator."""
        await self.desk.carry_out(self.operator, kind(command_id=secrets.token_hex(8), **values))

    async def unit_row(self, unit_id: str) -> UnitRow:
        async with self.database.transaction(sending(self.centre)) as session:
            return await session.get_one(UnitRow, unit_id)

    async def incident_row(self, incident_id: str) -> IncidentRow:
        async with self.database.transaction(sending(self.centre)) as session:
            return await session.get_one(IncidentRow, incident_id)

    async def bookings(self, incident_id: str) -> list[tuple[str, str]]:
        """Service types and statuses of an incident's bookings."""
        query = select(BookingRow.service_type, BookingRow.status).where(BookingRow.incident_id == incident_id)
        async with self.database.transaction(sending(self.centre)) as session:
            return [(kind, status) for kind, status in await session.execute(query.order_by(BookingRow.requested_at))]

    async def assigned(self, unit_id: str) -> int:
        """On how many open bookings a unit is."""
        query = select(AssignmentRow).where(AssignmentRow.responder_id == unit_id, AssignmentRow.released_at.is_(None))
        async with self.database.transaction(sending(self.centre)) as session:
            return len((await session.scalars(query)).all())

    def pass_time(self, seconds: float) -> datetime:
        """Moves the clock; nobody sleeps on it."""
        self.clock._elapsed += seconds
        return self.clock.now()
