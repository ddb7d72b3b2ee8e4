"""Messages of values that come from the database, where they were checked before they were written."""

from datetime import UTC, datetime

import pytest

from dispatch.contract.booking import Booking, BookingPage, BookingStatus

pytestmark = pytest.mark.unit

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
CHECKED = Booking(
    booking_id="b1", service_type="first_aid", policy_version=1, status=BookingStatus.EN_ROUTE, version=3,
    requested_at=AT, category=2, community_id="c1", place="Flat 1A", note="Ünder the stairs",
)  # fmt: skip


def test_a_message_of_stored_values_is_the_one_that_was_stored() -> None:
    stored = Booking.of_stored({name: getattr(CHECKED, name) for name in Booking.model_fields})
    assert stored == CHECKED
    assert BookingPage(bookings=(stored,)).model_dump_json() == BookingPage(bookings=(CHECKED,)).model_dump_json()
    assert stored.model_dump(mode="json") == CHECKED.model_dump(mode="json")
    assert stored.model_copy(update={"version": 4}).version == 4
    assert "Flat" not in repr(stored)
