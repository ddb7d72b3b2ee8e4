"""Slows down guessing without giving anybody the power to lock others out.

In: failed and successful sign-ins with account, address, roles and time. Out: how long to wait. Pure: time is an
argument; the policy of each role stands in `lockout.yaml`. Invariants: what counts is the pair of account and address,
so that wrong passwords from elsewhere never keep the owner out; waiting is bounded; an unknown account is slowed down
like some known one, and always like the same one, so that the waits do not tell accounts that exist from others; memory
is bounded (the pair that failed longest ago is forgotten).
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dispatch.contract.roles import Role

POLICY_FILE: Final = Path(__file__).with_name("lockout.yaml")
MOST_PAIRS: Final = 10_000
LONGEST_EXPONENT: Final = 16


class LockoutPolicy(BaseModel):
    """How wrong passwords slow somebody down; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    free_tries: int = Field(ge=1, le=20)
    first_wait_s: float = Field(gt=0, le=60)
    longest_wait_s: float = Field(gt=0, le=900)
    """At most a quarter of an hour: a wait is no lock."""
    forget_after_s: float = Field(gt=0, le=86_400)

    def pause_s(self, failures: int) -> float:
        """Seconds to wait after so many wrong passwords."""
        extra = failures - self.free_tries
        return 0.0 if extra < 0 else min(self.first_wait_s * 2 ** min(extra, LONGEST_EXPONENT), self.longest_wait_s)


@dataclass(frozen=True)
class Failures:
    """Wrong passwords of one account from one address."""

    count: int
    last: datetime
    policy: LockoutPolicy


@cache
def lockout_policies(file: Path = POLICY_FILE) -> Mapping[Role, LockoutPolicy]:
    """The policy of every role. Raises ValueError where the file misses a role or names an unknown one."""
    policies = TypeAdapter(dict[Role, LockoutPolicy]).validate_python(yaml.safe_load(file.read_text()))
    if missing := set(Role) - policies.keys():
        raise ValueError(f"{file.name} has no policy for {', '.join(sorted(missing))}")
    return policies


class SignInThrottle:
    """Remembers failures in this process."""

    def __init__(self, policies: Mapping[Role, LockoutPolicy] | None = None) -> None:
        self._policies = policies or lockout_policies()
        self._failures: OrderedDict[tuple[str, str], Failures] = OrderedDict()
        self._secret = secrets.token_bytes(16)

    def wait_s(self, account: str, address: str, now: datetime) -> float:
        """Seconds until this account may be tried again from this address; 0 when it may be tried now."""
        failures = self._recent(account, address, now)
        if failures is None:
            return 0.0
        return max(0.0, failures.policy.pause_s(failures.count) - (now - failures.last).total_seconds())

    def failed(self, account: str, address: str, now: datetime, roles: Iterable[Role] = ()) -> None:
        """A wrong password for an account whose holder has `roles`; none for an unknown account."""
        before = self._recent(account, address, now)
        policy = self._policy(account, tuple(roles))
        self._failures[account, address] = Failures(before.count + 1 if before else 1, now, policy)
        self._failures.move_to_end((account, address))
        if len(self._failures) > MOST_PAIRS:
            self._failures.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """The right password: forgets the pair's failures."""
        self._failures.pop((account, address), None)

    def _policy(self, account: str, roles: tuple[Role, ...]) -> LockoutPolicy:
        if not roles:
            everyone = sorted(self._policies)
            drawn = hmac.digest(self._secret, account.encode(), hashlib.sha256)[0]
            roles = (everyone[drawn % len(everyone)],)
        return max((self._policies[role] for role in roles), key=lambda policy: policy.longest_wait_s)

    def _recent(self, account: str, address: str, now: datetime) -> Failures | None:
        failures = self._failures.get((account, address))
        if failures is None or (now - failures.last).total_seconds() > failures.policy.forget_after_s:
            return None
        return failures
