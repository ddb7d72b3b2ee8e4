"""When a repeated job is due next: the five fields of cron, in UTC. Pure.

In: an expression (`30 2 * * *`) and a moment. Out: the next moment after it. Fields: minute, hour, day of month, month,
day of week (0 and 7 are Sunday), each `*`, numbers, ranges and steps separated by commas. As in POSIX crontab(5), where
both days are restricted either of them will do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
LONGEST: Final = timedelta(days=366 * 8 + 1)
"""A 29 February comes after eight years at the latest."""


class CronBroken(ValueError):  # noqa: N818 - named by what happened
    """An expression that means nothing, or never."""

    code = "cron_broken"
    retryable = False


@dataclass(frozen=True)
class Cron:
    """A repetition. `Cron.parse("30 2 * * *").after(moment)`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Both days are restricted, and one of them is enough."""

    @classmethod
    def parse(cls, expression: str) -> Self:
        """Reads five fields. Raises CronBroken."""
        parts = expression.split()
        if len(parts) != len(FIELDS):
            raise CronBroken(f"cron wants five fields, not {len(parts)}")
        minutes, hours, days, months, weekdays = (
            _field(part, *limits) for part, limits in zip(parts, FIELDS, strict=True)
        )
        either = not parts[2].startswith("*") and not parts[4].startswith("*")
        return cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)

    def after(self, moment: datetime) -> datetime:
        """The first due moment later than `moment`, to the minute. Raises CronBroken when there is none."""
        candidate = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        end = moment + LONGEST
        while candidate <= end:
            if not self._on(candidate):
                candidate = candidate.replace(hour=0, minute=0) + timedelta(days=1)
            elif candidate.hour not in self.hours:
                candidate = candidate.replace(minute=0) + timedelta(hours=1)
            elif candidate.minute not in self.minutes:
                candidate += timedelta(minutes=1)
            else:
                return candidate
        raise CronBroken("this never comes")

    def _on(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.either_day else of_month and of_week


def _field(text: str, name: str, low: int, high: int) -> frozenset[int]:
    return frozenset(number for part in text.split(",") for number in _part(part, name, low, high))


def _part(part: str, name: str, low: int, high: int) -> range:
    """`*`, `7`, `1-5`, `*/10`, `10-40/5`."""
    span, _, step = part.partition("/")
    first, _, last = ("*", "", "") if span == "*" else span.partition("-")
    numbers = [step or "1", *([] if first == "*" else [first, last or first])]
    if not all(number.isascii() and number.isdigit() for number in numbers):
        raise CronBroken(f"the {name} is not a number, a range or a star")
    begin, end = (low, high) if first == "*" else (int(first), high if step and not last else int(last or first))
    if not (low <= begin <= end <= high and int(numbers[0]) > 0):
        raise CronBroken(f"the {name} lies outside {low} to {high}")
    return range(begin, end + 1, int(numbers[0]))
