"""HTTP bodies: communities, hospitals and dispatch centres, and how they serve each other."""

from pydantic import Field

from .base import CentreId, CommunityId, Identifier, Message, Moment, PhoneNumber, ShortText


class NewOrganisation(Message):
    """A community or hospital to be onboarded."""

    name: ShortText = Field(min_length=1)


class Community(Message):
    """A place where people live."""

    community_id: CommunityId
    name: ShortText
    suspended_at: Moment | None
    version: int


class Communities(Message):
    """One page of communities."""

    communities: tuple[Community, ...]
    next_cursor: str | None


class Hospital(Message):
    """A hospital with the communities that it serves."""

    hospital_id: Identifier
    name: ShortText
    communities: tuple[CommunityId, ...]
    suspended_at: Moment | None
    version: int


class Hospitals(Message):
    """One page of hospitals."""

    hospitals: tuple[Hospital, ...]
    next_cursor: str | None


class NewCentre(Message):
    """A dispatch centre to be onboarded."""

    name: ShortText = Field(min_length=1)
    public_number: PhoneNumber
    """The public emergency number to ring when the service cannot help."""
    overflow_centre_id: Identifier | None = None
    """Who takes its calls when nobody here answers."""


class DispatchCentre(Message):
    """A dispatch centre with the communities that it serves."""

    centre_id: CentreId
    name: ShortText
    public_number: PhoneNumber
    overflow_centre_id: CentreId | None
    is_default: bool
    communities: tuple[CommunityId, ...]
    suspended_at: Moment | None
    version: int


class Entries(Message):
    """By which pages, apps and numbers calls come to a centre, by name."""

    entries: tuple[Identifier, ...]


class DispatchCentres(Message):
    """One page of dispatch centres."""

    centres: tuple[DispatchCentre, ...]
    next_cursor: str | None
