"""What a cancelled booking costs all the same. Pure.

In: a service type's policy, the booking. Out: an amount. A cancellation is free until `free_until_s` before the
appointment; a booking without one is always free.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from dispatch.booking import ServicePolicy
from dispatch.storage.tables import BookingRow

WHOLE: Final = 100


def fee_by(policy_of: Callable[[str, int], ServicePolicy]) -> Callable[[BookingRow], int]:
    """The fee of a booking in the smallest unit, by the policy that it was made under."""

    def fee_of(booking: BookingRow) -> int:
        if booking.starts_at is None or booking.closed_at is None:
            return 0
        policy = policy_of(booking.service_type, booking.policy_version)
        free_until = booking.starts_at - timedelta(seconds=policy.cancellation.free_until_s)
        late = booking.closed_at > free_until
        return policy.payment.price_minor * policy.cancellation.fee_percent // WHOLE if late else 0

    return fee_of
