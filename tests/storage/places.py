"""Two hospitals and two communities with their people, for the tests of who sees whom."""

import secrets
from dataclasses import dataclass

from dispatch.contract.base import PersonId
from dispatch.storage import Database, DatabaseRole
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import CommunityRow, HospitalRow, PersonRow, ResidentRow, RoleGrantRow, StaffRow

HOSPITAL_ROLES = (DatabaseRole.HOSPITAL_ADMIN, DatabaseRole.NURSE, DatabaseRole.PARAMEDIC)
COMMUNITY_ROLES = (DatabaseRole.COMMUNITY_MANAGER, DatabaseRole.RESIDENT)


@dataclass(frozen=True)
class Places:
    """Ids are new in every test."""

    mark: str

    @property
    def hospital(self) -> str:
        return f"hospital-{self.mark}"

    @property
    def foreign_hospital(self) -> str:
        return f"other-hospital-{self.mark}"

    @property
    def community(self) -> str:
        return f"community-{self.mark}"

    @property
    def foreign_community(self) -> str:
        return f"other-community-{self.mark}"

    @property
    def foreign_nurse(self) -> PersonId:
        return PersonId(f"foreign-nurse-{self.mark}")

    def person_of(self, role: DatabaseRole) -> PersonId:
        return PersonId(f"{role}-{self.mark}")


async def settle_places(database: Database) -> Places:
    """Writes both hospitals, both communities, one person for every role in the first ones, and foreign people."""
    places = Places(secrets.token_hex(4))
    people = {places.person_of(role): (role, places.hospital) for role in HOSPITAL_ROLES}
    people |= {places.person_of(role): (role, places.community) for role in COMMUNITY_ROLES}
    people[places.foreign_nurse] = (DatabaseRole.NURSE, places.foreign_hospital)
    async with database.transaction(REGISTRY) as session:
        session.add_all(HospitalRow(hospital_id=h, name=h) for h in (places.hospital, places.foreign_hospital))
        session.add_all(CommunityRow(community_id=c, name=c) for c in (places.community, places.foreign_community))
        session.add_all(PersonRow(person_id=person, display_name=person) for person in people)
        await session.flush()
        for person, (role, scope) in people.items():
            kind = "hospital" if role in HOSPITAL_ROLES else "community"
            name = role.removeprefix("kiwimesh_")
            session.add(
                RoleGrantRow(grant_id=f"g-{person}", person_id=person, role=name, scope_kind=kind, scope_id=scope)
            )
            if kind == "hospital":
                session.add(StaffRow(staff_id=person, person_id=person, hospital_id=scope))
        resident = places.person_of(DatabaseRole.RESIDENT)
        session.add(ResidentRow(resident_id=resident, person_id=resident, community_id=places.community, name="R"))
        session.add(ResidentRow(resident_id=f"n-{resident}", community_id=places.community, name="Neighbour"))
        session.add(ResidentRow(resident_id=f"f-{resident}", community_id=places.foreign_community, name="Foreign"))
    return places
