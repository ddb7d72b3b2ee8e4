"""Money for bookings: taken once at the policy's trigger, given back on cancellation, compared with the provider.

Public names come from here.
"""

from .fees import fee_by
from .flow import PaymentFlow
from .ledger import balances

__all__ = ["PaymentFlow", "balances", "fee_by"]
