"""HTTP bodies about units, incidents and places: what crews report and read, what desks look up."""

from pydantic import Field

from .base import Identifier, IncidentId, LongText, Message, Moment, ShortText
from .card import Category, FieldName
from .dispatching import IncidentView, Latitude, Longitude, PlaceCandidate, StandingNote, UnitState, UnitView
from .http import PageQuery


class UnitReport(Message):
    """A crew says where it stands."""

    state: UnitState
    at: Moment | None = None
    """When it was, where the word comes late out of a dead spot. None: now."""
    incident_id: IncidentId | None = None
    """Of which mission it speaks: refused where the unit is on another one by then. None: of whichever it is on."""


class UnitDuty(Message):
    on_duty: bool


class UnitPosition(Message):
    """Where a unit is (WGS 84)."""

    latitude: Latitude = Field(repr=False)
    longitude: Longitude = Field(repr=False)


class UnitQuery(PageQuery):
    mine: bool = False
    """Only units of whose crew the asking person is."""
    withdrawn: bool = False
    """Only those that are out of service; else only those that are not."""


class UnitList(Message):
    units: tuple[UnitView, ...]
    next_cursor: str | None = None


class IncidentList(Message):
    incidents: tuple[IncidentView, ...]
    next_cursor: str | None = None


class IncidentQuery(PageQuery):
    open_only: bool = True


class PlaceQuery(Message):
    """The words of a caller."""

    words: str = Field(min_length=2, max_length=200, repr=False)
    community_id: Identifier | None = None


class PlaceList(Message):
    """Candidates, the likeliest first; never more than eight."""

    candidates: tuple[PlaceCandidate, ...]


class Offer(Message):
    """An incident offered to a unit: what its crew needs to decide, and nothing of the patient."""

    offer_id: Identifier
    unit_id: Identifier
    incident_id: IncidentId
    place: ShortText = Field(repr=False)
    category: Category | None = None
    offered_at: Moment
    expires_at: Moment


class OfferList(Message):
    offers: tuple[Offer, ...]
    next_cursor: str | None = None


class OfferAnswer(Message):
    accept: bool


class MissionFact(Message):
    """Something that the cards of the incident's calls say: it was heard, and may be wrong."""

    name: FieldName
    value: ShortText = Field(repr=False)


class Mission(Message):
    """Where a unit is to go, what its crew must know to get in, and what the operators know."""

    unit: UnitView
    incident: IncidentView | None = None
    access_notes: LongText = Field(default="", repr=False)
    hazards: LongText = Field(default="", repr=False)
    notes: tuple[StandingNote, ...] = ()
    """Standing notes about the place and about those who live there."""
    facts: tuple[MissionFact, ...] = ()
    """Of the newest call first."""
    mark: Identifier = "none"
    """Another one whenever anything of it reads otherwise; see `CrewNews`."""


class CrewNews(Message):
    """What a crew's page asks for every few seconds. It holds nothing of a patient; `Mission` does, and is audited."""

    at: Moment
    """The server's clock, for countdowns."""
    unit: UnitView
    offers: tuple[Offer, ...] = ()
    mission_mark: Identifier
    """Differs from the mark of the mission that was read: read it again."""
