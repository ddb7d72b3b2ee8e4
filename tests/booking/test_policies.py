"""What the files of the service types promise: clocks, payments, roles, opening hours over the change of clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.booking import DispatchRule, PolicyBroken, UnknownServiceType, read_catalogue
from dispatch.booking.catalogue import SERVICE_TYPES
from dispatch.booking.hours import OpeningHours, free, openings, slots_between
from dispatch.booking.lifecycle import Standing, possible
from dispatch.booking.policy import Slots
from dispatch.booking.promises import Later, Moved, Verdict, jobs_of, judge
from dispatch.contract.booking import BookingAction, BookingStatus, Modality
from tests.booking.worlds import NOON

pytestmark = pytest.mark.unit

S = BookingStatus
CATALOGUE = read_catalogue()
BERLIN = ZoneInfo("Europe/Berlin")
TABLE = {
    "ambulance": (Modality.MOBILE, DispatchRule.NEAREST, "never"),
    "first_aid": (Modality.MOBILE, DispatchRule.NEAREST, "never"),
    "neighbor_sos": (Modality.MOBILE, DispatchRule.NEIGHBOURS, "never"),
    "remote_care": (Modality.REMOTE, DispatchRule.SLOT_OWNER, "completed"),
    "consultation": (Modality.ON_SITE, DispatchRule.SLOT_OWNER, "completed"),
    "home_nursing": (Modality.VISIT, DispatchRule.BY_HAND, "assigned"),
    "physiotherapy": (Modality.VISIT, DispatchRule.BY_HAND, "completed"),
    "routine_checkup": (Modality.ON_SITE, DispatchRule.BY_HAND, "requested"),
    "blood_test": (Modality.VISIT, DispatchRule.BY_HAND, "in_service"),
}


def moved(status: S, action: BookingAction | None = None, **more: object) -> Moved:
    return Moved("b", 2, status, action, entered=True, at=NOON, **more)  # type: ignore[arg-type]


def test_there_are_nine_services() -> None:
    assert CATALOGUE.newest.keys() == TABLE.keys()


@pytest.mark.parametrize("service_type", TABLE)
def test_each_service_is_as_its_table_says_and_paid_at_its_trigger_alone(service_type: str) -> None:
    policy, (modality, dispatch_rule, trigger) = CATALOGUE.current(service_type), TABLE[service_type]
    assert (policy.modality, policy.dispatcher.rule) == (modality, dispatch_rule)
    paid = [s for s in policy.states if any(job.kind == "payment.capture" for job in jobs_of(policy, moved(s)))]
    assert paid == ([] if trigger == "never" else [S(trigger)])


@pytest.mark.parametrize("service_type", TABLE)
def test_each_clock_fires_once_when_its_time_is_over(service_type: str) -> None:
    policy = CATALOGUE.current(service_type)
    for sla in policy.slas:
        clocks = [job for job in jobs_of(policy, moved(sla.starts)) if job.payload.get("sla") == sla.name]
        assert [job.run_at for job in clocks] == [NOON + timedelta(seconds=sla.within_s)]
        assert judge(sla, []) is Verdict.BREACHED
        assert judge(sla, [Later(sla.ends, True)]) is Verdict.KEPT
        assert judge(sla, [Later(S.CANCELLED, True)]) is Verdict.KEPT
        assert judge(sla, [Later(sla.starts, True)]) is Verdict.STARTED_ANEW
        assert judge(sla, [Later(sla.starts, False)]) is Verdict.BREACHED


def test_a_late_cancellation_costs_the_fee_and_an_early_one_nothing() -> None:
    policy = CATALOGUE.current("consultation")
    for hours, due in ((23, [2000]), (25, [])):
        step = moved(S.CANCELLED, BookingAction.CANCEL, starts_at=NOON + timedelta(hours=hours))
        assert [job.payload["amount_minor"] for job in jobs_of(policy, step)] == due


@pytest.mark.parametrize("service_type", TABLE)
def test_what_is_paid_before_it_is_called_off_is_asked_back_once(service_type: str) -> None:
    policy = CATALOGUE.current(service_type)
    for hours in (1, 100):
        step = moved(S.CANCELLED, BookingAction.CANCEL, starts_at=NOON + timedelta(hours=hours))
        refunds = [job for job in jobs_of(policy, step) if job.kind == "payment.refund"]
        assert len(refunds) == (policy.payment.trigger in ("requested", "assigned"))
        assert {job.idempotency_key for job in refunds} <= {"b:cancelled"}
    assert not any(job.kind == "payment.refund" for status in policy.states for job in jobs_of(policy, moved(status)))


@pytest.mark.parametrize("service_type", TABLE)
def test_a_service_is_called_off_from_the_states_that_its_policy_names_and_no_other(service_type: str) -> None:
    policy = CATALOGUE.current(service_type)
    found = {status for status in S if possible(policy.rules, Standing(status, 1, 1), BookingAction.CANCEL)}
    assert found == policy.cancellation.until


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("modality: remote", "modality: visit"),
        ("states: [requested, assigned, in_service,", "states: [requested, assigned,"),
        ("starts: requested", "starts: en_route"),
        ("slots: {minutes: 20, pause_minutes: 5, notice_minutes: 15}", ""),
        ("title: Remote care", "title: Remote care\nsurprise: 1"),
        ("book: [resident", "book: [king"),
    ],
)
def test_a_file_that_contradicts_itself_stops_the_start_and_is_named(tmp_path: Path, old: str, new: str) -> None:
    text = (SERVICE_TYPES / "remote_care.yaml").read_text()
    assert old in text
    (tmp_path / "mine.yaml").write_text(text.replace(old, new).replace("version: 1", "version: 2"))
    with pytest.raises(PolicyBroken, match=r"mine\.yaml"):
        read_catalogue(tmp_path)


def test_a_new_version_is_for_new_bookings_and_the_old_one_for_old_ones(tmp_path: Path) -> None:
    text = (SERVICE_TYPES / "remote_care.yaml").read_text()
    (tmp_path / "remote_care.yaml").write_text(text.replace("version: 1", "version: 2").replace("2500", "9900"))
    catalogue = read_catalogue(tmp_path)
    assert catalogue.current("remote_care").payment.price_minor == 9900
    assert catalogue.of("remote_care", 1).payment.price_minor == 2500
    assert catalogue.of("remote_care", 7).version == 2
    with pytest.raises(UnknownServiceType):
        catalogue.current("dragon_ride")
    (tmp_path / "again.yaml").write_text(text)
    with pytest.raises(PolicyBroken, match="twice"):
        read_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("day", "real_hours"), [(date(2026, 3, 29), 2), (date(2026, 10, 25), 4), (date(2026, 3, 22), 3)]
)
def test_an_opening_lasts_as_long_as_it_really_does_when_the_clocks_change(day: date, real_hours: int) -> None:
    hours = OpeningHours(sunday=(("01:00", "04:00"),))
    ((opened, closed),) = openings(hours, BERLIN, day)
    assert closed - opened == timedelta(hours=real_hours)


def test_a_date_of_its_own_replaces_the_weekday_and_midnight_can_be_an_end() -> None:
    hours = OpeningHours(monday=(("20:00", "24:00"),), dates={date(2026, 3, 9): ()})
    assert [closed for _, closed in openings(hours, BERLIN, date(2026, 3, 2))] == [datetime(2026, 3, 2, 23, tzinfo=UTC)]
    assert list(openings(hours, BERLIN, date(2026, 3, 9))) == []


@given(st.integers(5, 120), st.integers(0, 30), st.lists(st.integers(0, 2000), max_size=8), st.integers(0, 6))
def test_free_slots_lie_within_opening_hours_and_meet_neither_each_other_nor_what_is_taken(
    minutes: int, pause: int, starts: list[int], weekday: int
) -> None:
    hours = OpeningHours(**dict.fromkeys(("monday", "sunday"), (("08:00", "12:00"), ("13:00", "17:30"))))
    earliest = datetime(2026, 3, 28, tzinfo=UTC) + timedelta(days=weekday)
    taken = [(earliest + timedelta(minutes=m), earliest + timedelta(minutes=m + 40)) for m in starts]
    rules = Slots(minutes=minutes, pause_minutes=pause)
    found = list(free(slots_between(hours, BERLIN, rules, earliest, earliest + timedelta(days=3)), taken))
    assert all(one.until <= other.starts_at for one, other in pairwise(found))
    for slot in found:
        assert not any(slot.meets(start, end) for start, end in taken)
        day = slot.starts_at.astimezone(BERLIN).date()
        assert any(o <= slot.starts_at and slot.ends_at <= c for o, c in openings(hours, BERLIN, day))
