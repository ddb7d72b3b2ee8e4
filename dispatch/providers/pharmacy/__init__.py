"""The port of pharmacies that fulfil orders."""

from .memory import MemoryPharmacy
from .port import Order, OrderLine, Pharmacy
from .signed import PharmacyWebhooks, SignedPharmacy

__all__ = ["MemoryPharmacy", "Order", "OrderLine", "Pharmacy", "PharmacyWebhooks", "SignedPharmacy"]
