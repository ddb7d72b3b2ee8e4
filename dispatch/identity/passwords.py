"""Passwords: argon2id, computed off the event loop, a few at a time.

In: passwords and hashes. Out: hashes and verdicts. Invariants: at most two hashes are computed at once (19 MiB and one
core each) and at most 64 people wait, later ones are told to try again; checking an unknown account takes as long as
checking a known one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from .errors import IdentityBusy

TIME_COST: Final = 2
MEMORY_KIB: Final = 19 * 1024
PARALLELISM: Final = 1
"""OWASP's password storage cheat sheet names t=2, m=19 MiB, p=1 as a minimum for argon2id; 20 ms here."""
WORKERS: Final = 2
WAITING: Final = 64

Answer = TypeVar("Answer")


class Passwords:
    """Hashes and checks passwords. `close()` waits for the threads."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(TIME_COST, MEMORY_KIB, PARALLELISM, type=Type.ID)
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2")
        self._in_work = 0
        self._nobody = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """The hash to store. Raises IdentityBusy when too many are waiting."""
        return await self._off_loop(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password belongs to the hash; for None (nobody) the same work and the answer no."""
        return await self._off_loop(self._verify, stored or self._nobody, password) and stored is not None

    def close(self) -> None:
        self._threads.shutdown()

    async def _off_loop(self, work: Callable[..., Answer], *arguments: str) -> Answer:
        if self._in_work >= WORKERS + WAITING:
            raise IdentityBusy("Too many people are signing in at once.")
        self._in_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._in_work -= 1

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
