"""What is kept of what happened, for how long, and who may read it. Public names come from here."""

from .erasure import Archivist
from .records_api import RecordsApi
from .sound_api import SoundApi

__all__ = ["Archivist", "RecordsApi", "SoundApi"]
