"""HTTP bodies: people, their roles, staff, residents, invitations, sessions, and one human being under two ids."""

from pydantic import Field

from .base import CommunityId, Identifier, Message, Moment, PersonId, PhoneNumber, ShortText
from .http import PageQuery
from .roles import Role, ScopeKind


class Person(Message):
    """A human being, once, whatever roles they have."""

    person_id: PersonId
    """The id that counts: an id that was merged into it reads as this one."""
    display_name: ShortText = Field(repr=False)
    email: ShortText | None = Field(repr=False)
    phone: ShortText | None = Field(repr=False)
    also_known_as: tuple[PersonId, ...]
    """Ids that were merged into this one."""
    suspended_at: Moment | None
    version: int


class People(Message):
    """One page of people."""

    people: tuple[Person, ...]
    next_cursor: str | None


class StaffMember(Message):
    """Somebody who works for a hospital, with the roles that count there."""

    staff_id: Identifier
    person_id: PersonId
    hospital_id: Identifier
    display_name: ShortText = Field(repr=False)
    roles: tuple[Role, ...]
    suspended_at: Moment | None
    version: int


class StaffList(Message):
    """One page of a hospital's staff."""

    staff: tuple[StaffMember, ...]
    next_cursor: str | None


class NewResident(Message):
    """A resident as the community's manager registers them."""

    name: ShortText = Field(min_length=1, repr=False)
    flat: ShortText = Field(default="", repr=False)
    phone: PhoneNumber | None = Field(default=None, repr=False)
    """Whoever proves to hold this phone signs in as this resident."""


class Resident(Message):
    """Somebody who lives in a community."""

    resident_id: Identifier
    community_id: CommunityId
    person_id: PersonId | None
    """Empty until they have signed in."""
    name: ShortText = Field(repr=False)
    flat: ShortText = Field(repr=False)
    phone: ShortText | None = Field(repr=False)
    suspended_at: Moment | None
    version: int


class Residents(Message):
    """One page of a community's residents."""

    residents: tuple[Resident, ...]
    next_cursor: str | None


class NewGrant(Message):
    """A role for somebody who has an account."""

    person_id: Identifier
    role: Role
    scope_id: Identifier | None = None
    """The hospital, community or centre that the role is for; nothing for a super admin."""


class GrantQuery(PageQuery):
    """Which grants; all that the acting role may see without it."""

    scope_id: Identifier | None = None
    person_id: Identifier | None = None


class RoleGrant(Message):
    """A role that somebody has somewhere."""

    grant_id: Identifier
    person_id: PersonId
    role: Role
    scope_kind: ScopeKind
    scope_id: str
    granted_at: Moment
    lost_at: Moment | None
    """When it stopped to count: revoked, or suspended with its holder or organisation."""


class RoleGrants(Message):
    """One page of grants."""

    grants: tuple[RoleGrant, ...]
    next_cursor: str | None


class NewInvitation(Message):
    """An offer of a role to somebody with an e-mail address."""

    email: ShortText = Field(min_length=3, pattern=r"^[^@\s]+@[^@\s]+$", repr=False)
    display_name: ShortText = Field(min_length=1, repr=False)
    role: Role
    scope_id: Identifier | None = None


class Invitation(Message):
    """An offer of a role. The link that takes it up is read apart, and works once."""

    invitation_id: Identifier
    email: ShortText = Field(repr=False)
    display_name: ShortText = Field(repr=False)
    role: Role
    scope_kind: ScopeKind
    scope_id: str
    invited_by: PersonId
    created_at: Moment
    expires_at: Moment
    accepted_at: Moment | None
    withdrawn_at: Moment | None


class Invitations(Message):
    """One page of invitations."""

    invitations: tuple[Invitation, ...]
    next_cursor: str | None


class InvitationLink(Message):
    """What the invited person needs. It works once, until it runs out."""

    token: str = Field(repr=False)
    expires_at: Moment


class AcceptInvitation(Message):
    """Takes an invitation up: with a new account, or, with `account`, for an account that exists."""

    token: ShortText = Field(repr=False)
    password: str = Field(min_length=12, max_length=200, repr=False)
    """The new account's, or the existing one's."""
    account: ShortText | None = Field(default=None, repr=False)
    """E-mail of the account that gets the role."""
    code: ShortText | None = Field(default=None, repr=False)
    """Of the authenticator app, where the existing account has one."""


class CodeRequest(Message):
    """Asks for a one-time code by phone."""

    phone: PhoneNumber = Field(repr=False)


class CodeTicket(Message):
    """Goes back with the code. The answer is the same for a number that is nobody's."""

    ticket: str = Field(repr=False)
    lives_s: int
    """Seconds that the code works for."""


class CodeRedemption(Message):
    """The code that came by phone."""

    ticket: ShortText = Field(repr=False)
    code: ShortText = Field(repr=False)


class SignedInPlace(Message):
    """A place where somebody is signed in."""

    session_id: Identifier
    client: ShortText = Field(repr=False)
    created_at: Moment
    last_used_at: Moment
    this_one: bool
    """Whether the request came out of this session."""


class SignedInPlaces(Message):
    """Where somebody is signed in, the last used first; at most 100."""

    sessions: tuple[SignedInPlace, ...]


class Enrolment(Message):
    """What an authenticator app needs; shown once."""

    secret: str = Field(repr=False)
    uri: str = Field(repr=False)


class AppCode(Message):
    """A code of the authenticator app."""

    code: ShortText = Field(repr=False)


class Match(Message):
    """Two records that may be one human being, and what speaks for it."""

    person_id: PersonId
    other_id: PersonId
    display_name: ShortText = Field(repr=False)
    other_name: ShortText = Field(repr=False)
    why: tuple[ShortText, ...]


class Matches(Message):
    """Likely pairs, at most 100."""

    matches: tuple[Match, ...]


class Merge(Message):
    """Says that another record is the same human being; that record's id reads as this one from now on."""

    other_id: Identifier
    reason: ShortText = Field(min_length=3)
