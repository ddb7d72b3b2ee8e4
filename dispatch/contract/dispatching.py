"""Incidents, units and places on the wire: what consoles show of them, what operators command, what crews report.

A unit goes through one fixed sequence of states, set by its crew over HTTP or by an operator who hears it on the radio.
Whatever happens for an incident is entered in the log of each of its calls (`dispatch.contract.timeline`).
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .base import (
    CallId,
    CommunityId,
    Identifier,
    IncidentId,
    LongText,
    Message,
    Moment,
    PersonId,
    ShortText,
)
from .card import Category

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class UnitState(StrEnum):
    """Where a unit stands, in the order of a mission."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    TRANSPORTING = "transporting"
    AT_HOSPITAL = "at_hospital"
    CLEAR = "clear"
    """Done with the incident, and not yet ready for another."""


class IncidentOrigin(StrEnum):
    """How an incident became known."""

    CALL = "call"
    RADIO = "radio"
    WALK_IN = "walk_in"
    BOOKING = "booking"
    """Somebody booked a service, and a unit was put on it."""
    PAPER = "paper"
    """Taken on paper while the server was away, and keyed in afterwards with its own time."""


class PlaceKind(StrEnum):
    """What a place of the gazetteer is."""

    STREET = "street"
    BLOCK = "block"
    FLAT = "flat"
    GATE = "gate"
    AED = "aed"
    """A defibrillator."""
    LANDMARK = "landmark"


class NoteKind(StrEnum):
    """What a standing note is about."""

    ALLERGY = "allergy"
    CONDITION = "condition"
    HAZARD = "hazard"
    ACCESS = "access"


class OfferOutcome(StrEnum):
    """What became of an offer."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ReferredTo(StrEnum):
    """To whom a caller was referred."""

    POLICE = "police"
    FIRE = "fire"
    PUBLIC_NUMBER = "public_number"
    OTHER = "other"


class UnitView(Message):
    """A unit as consoles and its crew see it."""

    unit_id: Identifier
    call_sign: ShortText
    capabilities: tuple[Identifier, ...]
    on_duty: bool
    state: UnitState
    state_since: Moment
    urgent: bool = True
    """Goes with lights and sirens."""
    incident_id: IncidentId | None = None
    booking_id: Identifier | None = None
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)
    position_at: Moment | None = None
    exercise: bool = False
    withdrawn: bool = False
    """Out of service: no longer on the consoles' boards."""
    version: int = Field(ge=1)


class IncidentView(Message):
    """An incident as consoles see it."""

    incident_id: IncidentId
    origin: IncidentOrigin
    category: Category | None = None
    nature: ShortText = Field(default="", repr=False)
    place_id: Identifier | None = None
    place: ShortText = Field(default="", repr=False)
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)
    opened_at: Moment
    closed_at: Moment | None = None
    merged_into: IncidentId | None = None
    owner_person_id: PersonId | None = None
    """Who calls back while it waits."""
    welfare_due_at: Moment | None = None
    exercise: bool = False
    version: int = Field(ge=1)


class PlaceView(Message):
    """A place of the gazetteer."""

    place_id: Identifier
    community_id: CommunityId
    kind: PlaceKind
    label: ShortText = Field(repr=False)
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)
    access_notes: LongText = Field(default="", repr=False)
    hazards: LongText = Field(default="", repr=False)


class PlaceCandidate(Message):
    """A place that a caller's words may mean. `score` 1: every word fits."""

    place: PlaceView
    score: float = Field(ge=0, le=1)


class KnownResident(Message):
    """A resident behind a caller's number."""

    resident_id: Identifier
    name: ShortText = Field(repr=False)
    flat: ShortText = Field(default="", repr=False)
    community: ShortText = ""


class StandingNote(Message):
    """What whoever comes to help must know."""

    kind: NoteKind
    words: LongText = Field(repr=False)


class EarlierCall(Message):
    """A call from the same number before."""

    call_id: CallId
    started_at: Moment
    category: Category | None = None
    headline: ShortText = Field(default="", repr=False)
    disposition: Identifier | None = None


# --- deliveries to consoles --------------------------------------------------------------------------------------


class UnitChanged(Message):
    """A unit of the centre has changed, or moved."""

    kind: Literal["unit"] = "unit"
    unit: UnitView


class IncidentChanged(Message):
    kind: Literal["incident"] = "incident"
    incident: IncidentView


class Board(Message):
    """Units and open incidents of the centre, in parts, after every snapshot."""

    kind: Literal["board"] = "board"
    units: tuple[UnitView, ...] = ()
    incidents: tuple[IncidentView, ...] = ()


class Known(Message):
    """What is known of a ringing call's number and place, of this centre's communities alone."""

    kind: Literal["known"] = "known"
    call_id: CallId
    resident: KnownResident | None = None
    place: PlaceView | None = None
    notes: tuple[StandingNote, ...] = ()
    earlier: tuple[EarlierCall, ...] = ()


class PlacesHeard(Message):
    """Places that the location on a call's card may mean, the likeliest first."""

    kind: Literal["places"] = "places"
    call_id: CallId
    candidates: tuple[PlaceCandidate, ...]


class Alarm(Message):
    """Something that the supervisors must see at once."""

    kind: Literal["alarm"] = "alarm"
    code: Literal["no_unit_left", "welfare_overdue"]
    incident_id: IncidentId
    at: Moment


# --- what goes into the log of a call ----------------------------------------------------------------------------


class PlaceConfirmed(Message):
    """The operator says where it is."""

    kind: Literal["place.confirmed"] = "place.confirmed"
    place_id: Identifier | None = None
    label: ShortText = Field(repr=False)
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)


class UnitMoved(Message):
    """A unit that goes to the incident has a new state."""

    kind: Literal["unit.moved"] = "unit.moved"
    unit_id: Identifier
    call_sign: ShortText
    before: UnitState
    state: UnitState
    reason: LongText = Field(default="", repr=False)
    """Of standing down, of diverting, or of sending a unit that is not equipped for it."""
    happened_at: Moment | None = None
    """When it was, by the crew's clock, where its word came late out of a dead spot."""


class UnitUpgraded(Message):
    """A unit goes with lights and sirens from now on, or no longer."""

    kind: Literal["unit.upgraded"] = "unit.upgraded"
    unit_id: Identifier
    call_sign: ShortText
    urgent: bool
    reason: LongText = Field(default="", repr=False)


class UnitOffered(Message):
    """The incident was offered to a unit, or the offer has ended."""

    kind: Literal["unit.offered"] = "unit.offered"
    unit_id: Identifier
    call_sign: ShortText
    outcome: OfferOutcome
    radius_m: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Of the circle in which was looked; None is everywhere."""


class UnitSearchEnded(Message):
    """A search for units is over. `exhausted`: no unit is left, and the supervisors were alarmed."""

    kind: Literal["unit.search_ended"] = "unit.search_ended"
    outcome: Literal["filled", "exhausted", "withdrawn"]
    found: int = Field(ge=0)
    wanted: int = Field(ge=1)


class IncidentRegrouped(Message):
    """The call belongs to another incident from here on."""

    kind: Literal["incident.regrouped"] = "incident.regrouped"
    before: IncidentId
    incident_id: IncidentId
    how: Literal["merged", "unmerged", "split"]


class IncidentClosed(Message):
    """The incident is over; its units were released with it."""

    kind: Literal["incident.closed"] = "incident.closed"
    released: tuple[Identifier, ...] = ()
    reason: LongText = Field(default="", repr=False)


class IncidentUpgraded(Message):
    """The incident is more urgent than was thought, or less."""

    kind: Literal["incident.upgraded"] = "incident.upgraded"
    before: Category | None
    after: Category
    reason: LongText = Field(repr=False)


class ReferralMade(Message):
    """The caller, or the incident, was handed to another service."""

    kind: Literal["referral.made"] = "referral.made"
    to: ReferredTo
    reference: ShortText
    """The other service's own number for it."""
    reason: LongText = Field(default="", repr=False)


class HelpersAlerted(Message):
    """One command has alerted those near a cardiac arrest."""

    kind: Literal["helpers.alerted"] = "helpers.alerted"
    gates: int = Field(ge=0)
    defibrillators: int = Field(ge=0)
    neighbours: int = Field(ge=0)


class WelfareChecked(Message):
    """Somebody called back while the incident waited, or it is due."""

    kind: Literal["welfare.checked"] = "welfare.checked"
    outcome: Literal["due", "better", "same", "worse", "no_answer"]
    next_due_at: Moment | None = None
