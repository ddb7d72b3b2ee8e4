"""HTTP bodies: signing in, health, the sample recordings."""

from pydantic import Field

from .base import CentreId, Identifier, Message, Moment, PersonId, Seconds, ShortText
from .console import Health
from .roles import Role, ScopeKind


class SignIn(Message):
    """Staff sign in with e-mail and password."""

    email: ShortText = Field(min_length=3, repr=False)
    password: str = Field(min_length=1, max_length=200, repr=False)
    code: ShortText | None = Field(default=None, repr=False)
    """Of the authenticator app, where the account has one."""


class HeldRole(Message):
    """A role within what it covers; `scope_id` is empty for everything."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str


class Me(Message):
    """Who is signed in."""

    person_id: PersonId
    display_name: ShortText = Field(repr=False)
    roles: tuple[Identifier, ...]
    centre_id: CentreId | None = None
    grants: tuple[HeldRole, ...] = ()
    """What each role covers; a client that acts in one of several names it in `Kiwimesh-Role`."""


class Session(Message):
    """A signed-in session: a short access token. The refresh token travels in a cookie that scripts cannot read."""

    access_token: str = Field(repr=False)
    expires_at: Moment
    me: Me


class Sample(Message):
    """A recorded example call that a browser can play into the server."""

    sample_id: Identifier
    title: ShortText
    seconds: Seconds
    url: ShortText


class SampleList(Message):
    samples: tuple[Sample, ...]


class PartHealth(Message):
    """One part of the server, and in words what to do about it."""

    name: Identifier
    state: Health
    message: ShortText = ""


class HealthReport(Message):
    """`ready` means: can take and journal a call. Everything else only degrades."""

    ready: bool
    version: ShortText
    parts: tuple[PartHealth, ...]


class PageQuery(Message):
    """What a list is asked with."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512)
    """Where the last page ended, as its answer said; bound to who asked for it."""
