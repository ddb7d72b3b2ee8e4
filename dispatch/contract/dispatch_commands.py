"""What operators command of incidents, units and places. Done and in the database when it is acknowledged.

A command that names a call acts on the call's incident; the others name the incident or the unit.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from .base import Identifier, IncidentId, LongText, Moment, ShortText
from .card import Category
from .console import CallCommand, Command
from .dispatching import IncidentOrigin, Latitude, Longitude, ReferredTo, UnitState


class ConfirmPlace(CallCommand):
    """Says where it is: a place of the gazetteer, or an address with coordinates."""

    place_id: Identifier | None = None
    label: ShortText = Field(default="", repr=False)
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _names_a_place(self) -> Self:
        if not (self.place_id or self.label):
            raise ValueError("a place, or an address in words")
        return self


class DispatchUnit(Command):
    """Sends units at once: the named ones, or the nearest suitable one. Questioning goes on."""

    incident_id: IncidentId
    unit_ids: tuple[Identifier, ...] = Field(default=(), max_length=20)
    """None named: the nearest suitable unit that is free."""
    service_type: Identifier = "ambulance"
    capability: Identifier | None = None
    """None: the one that the service type wants."""
    reason: LongText = Field(default="", repr=False)
    """Why a named unit goes that lacks the capability; without one it is refused."""


class OfferUnits(Command):
    """Offers the incident to the nearest suitable units, one after the other or, for neighbours, to several at once."""

    incident_id: IncidentId
    service_type: Identifier = "ambulance"
    wanted: int = Field(default=1, ge=1, le=10)


class StandDown(Command):
    """Takes a unit off its incident."""

    unit_id: Identifier
    reason: LongText = Field(min_length=3, repr=False)


class DivertUnit(Command):
    """Takes a unit off its incident and sends it to another, in one step."""

    unit_id: Identifier
    incident_id: IncidentId
    reason: LongText = Field(min_length=3, repr=False)


class UpgradeUnit(Command):
    """Lights and sirens from now on, or no longer."""

    unit_id: Identifier
    urgent: bool
    reason: LongText = Field(min_length=3, repr=False)


class ReportUnit(Command):
    """What a crew said on the radio."""

    unit_id: Identifier
    state: UnitState


class SetUnitDuty(Command):
    unit_id: Identifier
    on_duty: bool


class OpenIncident(Command):
    """An incident without a call here: heard on the radio, somebody came in, or taken on paper with the server away.

    The id is the client's choice.
    """

    incident_id: IncidentId
    origin: Literal[IncidentOrigin.RADIO, IncidentOrigin.WALK_IN, IncidentOrigin.PAPER]
    nature: ShortText = Field(min_length=2, repr=False)
    category: Category | None = None
    place_id: Identifier | None = None
    happened_at: Moment | None = None
    """When it was taken on paper: wanted for that origin and for no other."""

    @model_validator(mode="after")
    def _says_when_if_on_paper(self) -> Self:
        if (self.happened_at is not None) != (self.origin is IncidentOrigin.PAPER):
            raise ValueError("happened_at is for what was taken on paper, and wanted there")
        return self


class MergeIncident(Command):
    """Makes an incident part of another; calls, patients, units and bookings go along."""

    incident_id: IncidentId
    into: IncidentId


class UnmergeIncident(Command):
    """Undoes a merge: whatever the incident brought along is its own again."""

    incident_id: IncidentId


class SplitCall(CallCommand):
    """Gives a call an incident of its own. Merging that one back undoes it."""

    incident_id: IncidentId
    """Of the new incident; the client's choice."""


class UpgradeIncident(Command):
    """Sets how urgent an incident is; less urgent needs the reason most of all."""

    incident_id: IncidentId
    category: Category
    reason: LongText = Field(min_length=3, repr=False)


class CloseIncident(Command):
    """Ends an incident and releases its units."""

    incident_id: IncidentId
    reason: LongText = Field(default="", repr=False)


class CheckWelfare(Command):
    """Somebody called back while the incident waits. Whoever says so owns the next call-back."""

    incident_id: IncidentId
    outcome: Literal["better", "same", "worse", "no_answer"]
    category: Category | None = None
    """After triage was done again."""


class ReferCall(CallCommand):
    """Records that the call was handed to another service."""

    to: ReferredTo
    reference: ShortText = Field(min_length=1)
    reason: LongText = Field(default="", repr=False)


class AlertHelpers(CallCommand):
    """Cardiac arrest: alerts the gate, whoever holds a defibrillator, and trained neighbours."""
