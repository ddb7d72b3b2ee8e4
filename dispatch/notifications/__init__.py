"""Telling people: who is told of what, by which way, once. Public names come from here."""

from .codes import TextedCodes
from .fan_out import FanOut
from .follower import follow_bookings
from .notices import enqueue_notices
from .own_api import HANDLERS

__all__ = ["HANDLERS", "FanOut", "TextedCodes", "enqueue_notices", "follow_bookings"]
