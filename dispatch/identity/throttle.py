"""Slows down guessing without giving anybody the power to lock others out.

In: failed and successful sign-ins with account, address and time. Out: how long to wait. Pure: time is an argument.
Invariants: what counts is the pair of account and address, so that wrong passwords from elsewhere never keep the owner
out; waiting grows to one minute at most; memory is bounded (the pair that failed longest ago is forgotten).
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE_TRIES: Final = 5
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
FORGET_AFTER: Final = timedelta(minutes=15)
MOST_PAIRS: Final = 10_000


@dataclass(frozen=True)
class Failures:
    """Wrong passwords of one account from one address."""

    count: int
    last: datetime


class SignInThrottle:
    """Remembers failures in this process."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], Failures] = OrderedDict()

    def wait_s(self, account: str, address: str, now: datetime) -> float:
        """Seconds until this account may be tried again from this address; 0 when it may be tried now."""
        failures = self._recent(account, address, now)
        if failures is None:
            return 0.0
        return max(0.0, pause_s(failures.count) - (now - failures.last).total_seconds())

    def failed(self, account: str, address: str, now: datetime) -> None:
        """A wrong password."""
        before = self._recent(account, address, now)
        self._failures[account, address] = Failures(before.count + 1 if before else 1, now)
        self._failures.move_to_end((account, address))
        if len(self._failures) > MOST_PAIRS:
            self._failures.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """The right password: forgets the pair's failures."""
        self._failures.pop((account, address), None)

    def _recent(self, account: str, address: str, now: datetime) -> Failures | None:
        failures = self._failures.get((account, address))
        return None if failures is None or now - failures.last > FORGET_AFTER else failures


def pause_s(failures: int) -> float:
    """Seconds to wait after so many wrong passwords: none for the first five, then 1 s, doubling up to 60 s."""
    extra = failures - FREE_TRIES
    return 0.0 if extra < 0 else min(FIRST_WAIT_S * 2 ** min(extra, 16), LONGEST_WAIT_S)
