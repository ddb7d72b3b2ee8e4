"""Dispatching: incidents, units and places; who is sent where, and how everybody is told. Public names come from here.

`ranking`, `unit_states`, `matching` and `welfare` decide (pure); `missions`, `booked`, `searches` and `incidents` carry
out, each deed in one transaction with its log; `following` tells consoles and calls what the database says; `timers` do
what is due.
"""

from .api import DispatchApi
from .booked import BookedUnits
from .demo import seed_demo_units
from .desk import DispatchDesk, Means
from .following import Follower
from .gazetteer import FileRefused, GazetteerFile, Imported, import_places, read_gazetteer
from .hints import Hints
from .missions import Missions
from .ports import (
    CallFacts,
    Commander,
    Consoles,
    Geocode,
    KnownAddresses,
    LiveCalls,
    Notice,
    Notify,
    RememberedNotices,
)
from .searches import Searches
from .timers import EVENT_WORDS, Timers

__all__ = [
    "EVENT_WORDS",
    "BookedUnits",
    "CallFacts",
    "Commander",
    "Consoles",
    "DispatchApi",
    "DispatchDesk",
    "FileRefused",
    "Follower",
    "GazetteerFile",
    "Geocode",
    "Hints",
    "Imported",
    "KnownAddresses",
    "LiveCalls",
    "Means",
    "Missions",
    "Notice",
    "Notify",
    "RememberedNotices",
    "Searches",
    "Timers",
    "import_places",
    "read_gazetteer",
    "seed_demo_units",
]
