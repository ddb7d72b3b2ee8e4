"""HTTP bodies about which units a dispatch centre has, and who their crews are."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from .base import CentreId, Identifier, Message, PersonId
from .dispatching import Latitude, Longitude, UnitView

CallSign = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class UnitDetails(Message):
    """What a centre's supervisor says of a unit. A change says all of it."""

    call_sign: CallSign
    """No two units of a centre that are in service have the same, whichever case it is written in."""
    capabilities: tuple[Identifier, ...] = Field(min_length=1, max_length=20)
    """What it can be sent as: `ambulance`, `first_aid`, `basic_life_support`, `neighbour`, or a word of the centre."""
    hospital_id: Identifier | None = None
    """Whose paramedics are its crew. None: nobody signs in for it, the desk speaks for it."""


class NewUnit(UnitDetails):
    """A unit is entered: off duty, without a crew."""

    exercise: bool = False
    """Sent to exercises alone, for good: a real unit never is."""
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)
    """Where it waits (WGS 84), until its crew says where it is. None: it is sent after those whose place is known."""

    @model_validator(mode="after")
    def _whole_position(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("A position is a latitude and a longitude")
        return self


class UnitRecord(Message):
    """A unit as those who keep it see it."""

    unit: UnitView
    centre_id: CentreId
    hospital_id: Identifier | None
    crew: tuple[PersonId, ...]
