"""Routes about people: oneself, staff, residents, roles and invitations, and one human being under two ids."""

from typing import Final

from dispatch.contract.http import Me, PageQuery
from dispatch.contract.people import (
    AppCode,
    Enrolment,
    GrantQuery,
    Invitation,
    InvitationLink,
    Invitations,
    Matches,
    Merge,
    NewGrant,
    NewInvitation,
    NewResident,
    People,
    Person,
    Resident,
    Residents,
    RoleGrant,
    RoleGrants,
    SignedInPlaces,
    StaffList,
    StaffMember,
)
from dispatch.contract.roles import Role

from .spec import Method, guarded

EVERYBODY: Final = tuple(Role)
PASSWORD_ROLES: Final = tuple(role for role in Role if role is not Role.RESIDENT)
SUPER: Final = (Role.SUPER_ADMIN,)
HIRING: Final = (Role.SUPER_ADMIN, Role.HOSPITAL_ADMIN, Role.SUPERVISOR)
STAFF_KEEPERS: Final = (Role.SUPER_ADMIN, Role.HOSPITAL_ADMIN)
STAFF_READERS: Final = (*STAFF_KEEPERS, Role.NURSE, Role.PARAMEDIC)
RESIDENT_KEEPERS: Final = (Role.SUPER_ADMIN, Role.COMMUNITY_MANAGER)

MYSELF: Final = (
    guarded("who_am_i", Method.GET, "/v1/me", "Who is signed in, and in which roles.", EVERYBODY, answer=Me),
    guarded("list_my_sessions", Method.GET, "/v1/me/sessions", "Where I am signed in.", EVERYBODY,
            answer=SignedInPlaces),
    guarded("end_my_session", Method.DELETE, "/v1/me/sessions/{session_id}", "Signs me out of one place.", EVERYBODY),
    guarded("sign_out_everywhere", Method.DELETE, "/v1/me/sessions", "Signs me out of every place, this one too.",
            EVERYBODY),
    guarded("enrol_second_factor", Method.POST, "/v1/me/second-factor", "A secret for my authenticator app.",
            PASSWORD_ROLES, answer=Enrolment, refusals=(409,)),
    guarded("confirm_second_factor", Method.POST, "/v1/me/second-factor/confirm",
            "From now on signing in wants a code of my authenticator app.", PASSWORD_ROLES, request=AppCode),
    guarded("remove_second_factor", Method.POST, "/v1/me/second-factor/remove",
            "Signing in wants no code of my authenticator app any more.", PASSWORD_ROLES, request=AppCode),
)  # fmt: skip

STAFF: Final = (
    guarded("list_staff", Method.GET, "/v1/hospitals/{hospital_id}/staff", "Who works for the hospital.",
            STAFF_READERS, query=PageQuery, answer=StaffList),
    guarded("read_staff", Method.GET, "/v1/staff/{staff_id}", "One member of staff.", STAFF_READERS,
            answer=StaffMember),
    guarded("suspend_staff", Method.POST, "/v1/staff/{staff_id}/suspend",
            "Takes the member's roles at this hospital away for a while.", STAFF_KEEPERS, answer=StaffMember,
            versioned=True),
    guarded("reinstate_staff", Method.POST, "/v1/staff/{staff_id}/reinstate",
            "Gives the member's roles at this hospital back.", STAFF_KEEPERS, answer=StaffMember, versioned=True),
)  # fmt: skip

RESIDENTS: Final = (
    guarded("register_resident", Method.POST, "/v1/communities/{community_id}/residents",
            "Registers a resident of the community.", RESIDENT_KEEPERS, request=NewResident, answer=Resident,
            status=201, keyed=True),
    guarded("list_residents", Method.GET, "/v1/communities/{community_id}/residents", "Who lives in the community.",
            RESIDENT_KEEPERS, query=PageQuery, answer=Residents),
    guarded("read_resident", Method.GET, "/v1/residents/{resident_id}", "One resident.",
            (*RESIDENT_KEEPERS, Role.RESIDENT), answer=Resident),
    guarded("change_resident", Method.PUT, "/v1/residents/{resident_id}", "Changes a resident's record.",
            RESIDENT_KEEPERS, request=NewResident, answer=Resident, versioned=True),
    guarded("suspend_resident", Method.POST, "/v1/residents/{resident_id}/suspend",
            "Takes the resident's role in this community away for a while.", RESIDENT_KEEPERS, answer=Resident,
            versioned=True),
    guarded("reinstate_resident", Method.POST, "/v1/residents/{resident_id}/reinstate",
            "Gives the resident's role in this community back.", RESIDENT_KEEPERS, answer=Resident, versioned=True),
)  # fmt: skip

ROLES: Final = (
    guarded("list_grants", Method.GET, "/v1/grants", "Who has which role, as far as the acting role reaches.", HIRING,
            query=GrantQuery, answer=RoleGrants),
    guarded("grant_role", Method.POST, "/v1/grants", "Gives somebody who has an account a role.", HIRING,
            request=NewGrant, answer=RoleGrant, status=201, keyed=True),
    guarded("revoke_grant", Method.DELETE, "/v1/grants/{grant_id}", "Takes a role away.", HIRING),
    guarded("invite", Method.POST, "/v1/invitations", "Offers somebody a role.", HIRING, request=NewInvitation,
            answer=Invitation, status=201, keyed=True),
    guarded("list_invitations", Method.GET, "/v1/invitations", "Offers of roles, the newest first.", HIRING,
            query=PageQuery, answer=Invitations),
    guarded("read_invitation_link", Method.GET, "/v1/invitations/{invitation_id}/link",
            "The link that takes the invitation up.", HIRING, answer=InvitationLink, audited=True, refusals=(409,)),
    guarded("withdraw_invitation", Method.DELETE, "/v1/invitations/{invitation_id}", "Takes an offer back.", HIRING),
)  # fmt: skip

REGISTER: Final = (
    guarded("list_people", Method.GET, "/v1/people", "Everybody.", SUPER, query=PageQuery, answer=People,
            audited=True),
    guarded("list_matches", Method.GET, "/v1/people/matches", "Records that may be one human being.", SUPER,
            answer=Matches, audited=True),
    guarded("read_person", Method.GET, "/v1/people/{person_id}", "One person, by any id they have ever had.", SUPER,
            answer=Person, audited=True),
    guarded("suspend_person", Method.POST, "/v1/people/{person_id}/suspend",
            "Shows a person out everywhere, within a minute.", SUPER, answer=Person, versioned=True),
    guarded("reinstate_person", Method.POST, "/v1/people/{person_id}/reinstate", "Lets a person in again.", SUPER,
            answer=Person, versioned=True),
    guarded("merge_people", Method.POST, "/v1/people/{person_id}/merge", "Two records are one human being.", SUPER,
            request=Merge, answer=Person, keyed=True),
    guarded("unmerge_person", Method.POST, "/v1/people/{person_id}/unmerge",
            "This record was another human being after all.", SUPER, answer=Person, keyed=True),
)  # fmt: skip

PEOPLE: Final = (*MYSELF, *STAFF, *RESIDENTS, *ROLES, *REGISTER)
