"""What messages say. Pure, and closed: a message is one of these texts, so that none can carry anything clinical.

No text names a service, a complaint, a patient or a place; whoever may know more opens the app and signs in.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Template:
    """A message. `urgent`: it pages somebody who is on duty, whatever they chose."""

    title: str
    text: str
    urgent: bool = False


OPEN: Final = "Open Kiwimesh for the details."
TEMPLATES: Final[dict[str, Template]] = {
    "booking.requested": Template("Booking received", f"Your booking was received. {OPEN}"),
    "booking.assigned": Template("Booking confirmed", f"Somebody has taken your booking. {OPEN}"),
    "booking.en_route": Template("On the way", f"Help for your booking is on the way. {OPEN}"),
    "booking.in_service": Template("Arrived", f"Your booking has begun. {OPEN}"),
    "booking.completed": Template("Completed", f"Your booking is completed. {OPEN}"),
    "booking.cancelled": Template("Cancelled", f"Your booking was cancelled. {OPEN}"),
    "booking.no_show": Template("Not met", f"You were not met for your booking. {OPEN}"),
    "crew.assigned": Template("New assignment", f"You have a new assignment. {OPEN}", urgent=True),
    "crew.cancelled": Template("Assignment cancelled", f"Your assignment was cancelled. {OPEN}", urgent=True),
    "incident.notice": Template("Incident", f"You are needed at an incident. {OPEN}", urgent=True),
}


def of_status(status: str) -> str:
    """The template that tells whose booking it is of a status; empty for one that is not told."""
    name = f"booking.{status}"
    return name if name in TEMPLATES else ""


def of_crew(kind: str, status: str) -> str:
    """The template that tells responders of an event; empty for one that is not told."""
    if status == "cancelled" or kind == "unassign":
        return "crew.cancelled"
    return "crew.assigned" if status == "assigned" or kind in ("assign", "reassign") else ""
