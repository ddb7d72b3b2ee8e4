"""What is kept of what happened, for how long, and who may read it. Public names come from here."""

from .erasure import Archivist
from .records_api import RecordsApi

__all__ = ["Archivist", "RecordsApi"]
