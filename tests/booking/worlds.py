"""A small world for the tests of bookings: a centre, a hospital, a community, and people in every role that books."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from dispatch.booking import Actor, NewBooking, Scope
from dispatch.contract.base import CentreId, PersonId
from dispatch.storage import Context, Database, DatabaseRole
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import (
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    HospitalCommunityRow,
    HospitalRow,
    PersonRow,
    ResidentRow,
    RoleGrantRow,
    StaffRow,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROLES = {
    "operator": "centre",
    "nurse": "hospital",
    "hospital_admin": "hospital",
    "community_manager": "community",
    "resident": "community",
}


@dataclass(frozen=True)
class World:
    """Ids are new in every test, so that tests can share a database."""

    mark: str

    def id_of(self, kind: str) -> str:
        return f"{kind}-{self.mark}"

    def person(self, role: str) -> PersonId:
        return PersonId(f"p-{role}-{self.mark}")

    def context(self, role: str) -> Context:
        kind = ROLES[role]
        covers = frozenset({(kind, self.id_of(kind))})
        return Context(DatabaseRole(f"kiwimesh_{role}"), self.person(role), CentreId(self.id_of("centre")), covers)

    def actor(self, role: str) -> Actor:
        return Actor(role, self.person(role))

    @property
    def scope(self) -> Scope:
        """Of a booking for the resident, dispatched by the centre and served by the hospital."""
        return Scope(self.person("resident"), self.id_of("community"), self.id_of("hospital"), self.id_of("centre"))

    def booking(self, service_type: str = "ambulance", **more: object) -> NewBooking:
        return NewBooking(service_type, self.scope, self.actor("operator"), NOON, **more)  # type: ignore[arg-type]


async def settle(database: Database) -> World:
    """Writes the world."""
    world = World(secrets.token_hex(4))
    centre, hospital, community = (world.id_of(kind) for kind in ("centre", "hospital", "community"))
    async with database.transaction(REGISTRY) as session:
        session.add(DispatchCentreRow(centre_id=centre, name=centre, public_number="112"))
        session.add(HospitalRow(hospital_id=hospital, name=hospital))
        session.add(CommunityRow(community_id=community, name=community))
        session.add_all(PersonRow(person_id=world.person(role), display_name=role) for role in ROLES)
        await session.flush()
        session.add(HospitalCommunityRow(hospital_id=hospital, community_id=community))
        session.add(CentreCommunityRow(centre_id=centre, community_id=community))
        session.add_all(
            RoleGrantRow(
                grant_id=f"g-{world.person(role)}", person_id=world.person(role), role=role, scope_kind=kind,
                scope_id=world.id_of(kind),
            )
            for role, kind in ROLES.items()
        )  # fmt: skip
        session.add(StaffRow(staff_id=world.id_of("staff"), person_id=world.person("nurse"), hospital_id=hospital))
        resident, person = world.id_of("resident"), world.person("resident")
        session.add(ResidentRow(resident_id=resident, person_id=person, community_id=community, name="R"))
    return world
