"""HTTP bodies about units, incidents and places: what crews report and read, what desks look up."""

from pydantic import Field

from .base import Identifier, IncidentId, LongText, Message, Moment, ShortText
from .card import Category
from .dispatching import IncidentView, Latitude, Longitude, PlaceCandidate, UnitState, UnitView
from .http import PageQuery


class UnitReport(Message):
    """A crew says where it stands."""

    state: UnitState


class UnitDuty(Message):
    on_duty: bool


class UnitPosition(Message):
    """Where a unit is (WGS 84)."""

    latitude: Latitude = Field(repr=False)
    longitude: Longitude = Field(repr=False)


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


class Mission(Message):
    """Where a unit is to go, and what its crew must know to get in."""

    unit: UnitView
    incident: IncidentView | None = None
    access_notes: LongText = Field(default="", repr=False)
    hazards: LongText = Field(default="", repr=False)
