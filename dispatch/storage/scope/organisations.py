"""Which organisations and people a role reaches."""

from sqlalchemy import Select, select

from dispatch.storage.context import Context, DatabaseRole
from dispatch.storage.tables import (
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    EntryRow,
    HospitalCommunityRow,
    HospitalRow,
    IdempotencyKeyRow,
    InvitationRow,
    PersonMergeRow,
    PersonRow,
    ResidentRow,
    RoleGrantRow,
    Row,
    SignInFamilyRow,
    StaffRow,
)

from .rules import (
    CENTRE_ROLES,
    COMMUNITY_ROLES,
    HOSPITAL_ROLES,
    PERSON_ROLES,
    BoundCentre,
    Everything,
    Managed,
    Own,
    ScopeOfTable,
    Through,
    Within,
    communities_of_centre,
    each,
    hospitals_of_centre,
    served_communities,
    serving_hospitals,
)

R = DatabaseRole
ALL_OF_IT: ScopeOfTable = {R.SUPER_ADMIN: Everything(writes=True)}
SEATED = (*CENTRE_ROLES, R.TRAINER)


def my_staff(context: Context) -> Select[str]:
    return select(StaffRow.person_id).where(StaffRow.hospital_id.in_(sorted(context.covered("hospital"))))


def my_residents(context: Context) -> Select[str | None]:
    return select(ResidentRow.person_id).where(ResidentRow.community_id.in_(sorted(context.covered("community"))))


ORGANISATIONS: dict[type[Row], ScopeOfTable] = {
    CommunityRow: {
        **ALL_OF_IT,
        **each(COMMUNITY_ROLES, Within("community", "community_id")),
        **each(HOSPITAL_ROLES, Through("community_id", served_communities)),
        R.DISPATCH: Through("community_id", communities_of_centre),
    },
    HospitalRow: {
        **ALL_OF_IT,
        **each(HOSPITAL_ROLES, Within("hospital", "hospital_id")),
        **each(COMMUNITY_ROLES, Through("hospital_id", serving_hospitals)),
        R.SUPERVISOR: Through("hospital_id", hospitals_of_centre),
    },
    HospitalCommunityRow: {
        **ALL_OF_IT,
        **each(HOSPITAL_ROLES, Within("hospital", "hospital_id")),
        **each(COMMUNITY_ROLES, Within("community", "community_id")),
        R.SUPERVISOR: Through("community_id", communities_of_centre),
    },
    DispatchCentreRow: {**ALL_OF_IT, **each(SEATED, Within("centre", "centre_id"))},
    CentreCommunityRow: {
        **ALL_OF_IT,
        R.DISPATCH: BoundCentre(),
        **each(CENTRE_ROLES, Within("centre", "centre_id")),
    },
    EntryRow: ALL_OF_IT,
}

HOSPITAL_STAFF = frozenset({"hospital_admin", "nurse", "paramedic"})
CENTRE_STAFF = frozenset({"operator", "trainer"})
RESIDENTS = frozenset({"resident"})


def my_colleagues(context: Context) -> Select[str]:
    return select(RoleGrantRow.person_id).where(
        RoleGrantRow.scope_kind == "centre", RoleGrantRow.scope_id.in_(sorted(context.covered("centre")))
    )


PEOPLE: dict[type[Row], ScopeOfTable] = {
    PersonRow: {
        **ALL_OF_IT,
        **each((R.NURSE, R.PARAMEDIC, R.RESIDENT, R.OPERATOR, R.TRAINER), Own()),
        R.SUPERVISOR: Through("person_id", my_colleagues),
        R.HOSPITAL_ADMIN: Through("person_id", my_staff),
        R.COMMUNITY_MANAGER: Through("person_id", my_residents),
    },
    RoleGrantRow: {
        **each(PERSON_ROLES, Own()),
        **ALL_OF_IT,
        R.HOSPITAL_ADMIN: Managed("hospital", HOSPITAL_STAFF, "person_id"),
        R.SUPERVISOR: Managed("centre", CENTRE_STAFF, "person_id"),
        R.COMMUNITY_MANAGER: Managed("community", RESIDENTS, "person_id"),
    },
    InvitationRow: {
        **ALL_OF_IT,
        R.HOSPITAL_ADMIN: Managed("hospital", HOSPITAL_STAFF),
        R.SUPERVISOR: Managed("centre", CENTRE_STAFF),
    },
    PersonMergeRow: ALL_OF_IT,
    SignInFamilyRow: each(PERSON_ROLES, Own(writes=True)),
    IdempotencyKeyRow: each(PERSON_ROLES, Own(writes=True)),
    StaffRow: {
        **ALL_OF_IT,
        R.HOSPITAL_ADMIN: Within("hospital", "hospital_id", writes=True),
        **each((R.NURSE, R.PARAMEDIC), Within("hospital", "hospital_id")),
    },
    ResidentRow: {
        **ALL_OF_IT,
        R.COMMUNITY_MANAGER: Within("community", "community_id", writes=True),
        R.RESIDENT: Own(),
        R.DISPATCH: Through("community_id", communities_of_centre),
    },
}
