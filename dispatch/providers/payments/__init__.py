"""The port of payments: taking money once, giving it back, and what the provider has on its books."""

from .memory import MemoryPayments
from .port import Charge, Charged, Payments, Settled
from .stripe import StripePayments, StripeWebhooks

__all__ = ["Charge", "Charged", "MemoryPayments", "Payments", "Settled", "StripePayments", "StripeWebhooks"]
