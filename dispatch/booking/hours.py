"""When a calendar is open, and which slots of it are free.

In: opening hours as people say them (weekday, local time), a time zone, what is taken. Out: slots in UTC. Pure.
Invariants: slots lie on the grid that begins with each opening; on the day the clocks change, an opening lasts as long
as it really does (a time that does not exist is moved behind the gap; of a time that exists twice, an opening begins at
the first and ends at the second).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

from dispatch.contract.booking import LocalTime

from .policy import Slots

DAY: Final = timedelta(days=1)
MIDNIGHT: Final = "24:00"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _in_order(opening: tuple[LocalTime, LocalTime]) -> tuple[LocalTime, LocalTime]:
    if opening[0] >= opening[1]:
        raise ValueError("an opening ends after it begins")
    return opening


Opening = Annotated[tuple[LocalTime, LocalTime], AfterValidator(_in_order)]


class OpeningHours(BaseModel):
    """Opening hours of a calendar: by weekday, and other ones for single dates (none: closed)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monday: tuple[Opening, ...] = ()
    tuesday: tuple[Opening, ...] = ()
    wednesday: tuple[Opening, ...] = ()
    thursday: tuple[Opening, ...] = ()
    friday: tuple[Opening, ...] = ()
    saturday: tuple[Opening, ...] = ()
    sunday: tuple[Opening, ...] = ()
    dates: dict[date, tuple[Opening, ...]] = {}

    def on(self, day: date) -> tuple[Opening, ...]:
        """The openings of a day."""
        if day in self.dates:
            return self.dates[day]
        openings: tuple[Opening, ...] = getattr(self, WEEKDAYS[day.weekday()])
        return openings


@dataclass(frozen=True, order=True)
class Slot:
    """An appointment that could be made, in UTC; `until` is its end with the pause after it."""

    starts_at: datetime
    ends_at: datetime
    until: datetime

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether it takes any of the time from `start` to `end`."""
        return self.starts_at < end and start < self.until


def openings(hours: OpeningHours, zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime]]:
    """When it is open on a local day, in UTC."""
    for begins, ends in hours.on(day):
        yield _utc(day, begins, zone, fold=0), _utc(day, ends, zone, fold=1)


def _utc(day: date, local: str, zone: ZoneInfo, *, fold: int) -> datetime:
    if local == MIDNIGHT:
        day, local = day + DAY, "00:00"
    moment = datetime.combine(day, time.fromisoformat(local), zone).replace(fold=fold)
    if moment.astimezone(UTC).astimezone(zone).replace(fold=0, tzinfo=None) != moment.replace(fold=0, tzinfo=None):
        moment = moment.replace(fold=0)
    return moment.astimezone(UTC)


def slots_between(
    hours: OpeningHours, zone: ZoneInfo, rules: Slots, earliest: datetime, latest: datetime
) -> Iterator[Slot]:
    """All slots that begin from `earliest` to `latest`, taken or not, in order."""
    length, pause = timedelta(minutes=rules.minutes), timedelta(minutes=rules.pause_minutes)
    day, last = earliest.astimezone(zone).date() - DAY, latest.astimezone(zone).date()
    while day <= last:
        for opened, closed in openings(hours, zone, day):
            start = opened
            while start + length <= closed and start <= latest:
                if start >= earliest:
                    yield Slot(start, start + length, start + length + pause)
                start += length + pause
        day += DAY


def bookable(rules: Slots, now: datetime) -> tuple[datetime, datetime]:
    """From when to when a slot may begin that is booked now."""
    return now + timedelta(minutes=rules.notice_minutes), now + timedelta(days=rules.days_ahead)


def free(slots: Iterable[Slot], taken: Sequence[tuple[datetime, datetime]]) -> Iterator[Slot]:
    """The slots that meet nothing that is taken."""
    return (slot for slot in slots if not any(slot.meets(start, end) for start, end in taken))
