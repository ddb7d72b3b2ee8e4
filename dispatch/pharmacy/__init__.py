"""Orders of medicines that a third party fulfils. Public names come from here."""

from .api import HANDLERS
from .flow import PharmacyFlow

__all__ = ["HANDLERS", "PharmacyFlow"]
