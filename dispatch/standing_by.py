"""Standing by: a server that has all it needs but the calls, for as long as another one has them.

In: the settings, and what is known of the parts that are loaded already. Out: a database at this version's schema, a
report of whether this server could take over, and the listening socket for the doors after that. Invariants: nothing is
written in the data folder, no caller is answered and no timer runs; a take-over waits for nothing here, least of all
for a database that is away.
"""

import os
import shutil
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Final

import structlog

from dispatch.contract.console import Health
from dispatch.contract.http import HealthReport
from dispatch.observability.clock import Clock
from dispatch.observability.health import Probe, standing_by
from dispatch.settings import CALLS_FOLDER, Settings
from dispatch.storage import Database, DataRoot, StorageError, migrate
from dispatch.tenancy import read_directory
from dispatch.transport.listening import listening_socket, tls_of, url_of
from dispatch.transport.standing_doors import standing_doors

LOOK_S: Final = 2.0
LOOK_SOON_S: Final = 0.5
"""How often the database is asked whether it is there: while it answers, and while it does not."""

_log = structlog.get_logger(__name__)


class StandBy:
    """What a server does while it stands by. Run `bring_up_to_date()` and `watch()` under supervision."""

    def __init__(self, settings: Settings, clock: Clock, probes: Mapping[str, Probe]) -> None:
        """Takes the address of the settings at once: raises OSError when it is not free."""
        self._settings = settings
        self._clock = clock
        self._probes = {"journal": self._journal, "database": self._database, **probes}
        self._listening = listening_socket(settings)
        self._doors = AsyncExitStack()
        self.url = url_of(settings, self._listening)
        url = settings.database_url
        self.database = Database(url.get_secret_value()) if url else None
        """Connected and read from before it is needed. None: an embedded one belongs to whoever holds the data."""
        self._migrated = self._answers = url is None

    async def until_free(self, root: DataRoot) -> None:
        """Answers as one who stands by, until the data folder is this process's own. The doors stay as they are."""
        doors = standing_doors(self._listening, tls_of(self._settings), self.report)
        await self._doors.enter_async_context(doors)
        _log.info("standing by", place=root.holder)
        await root.hold_when_free(self._clock)
        _log.info("taking over")

    async def hand_over(self) -> socket.socket:
        """Closes the doors of one who stands by; the socket goes on listening, for whoever opens others on it."""
        await self._doors.aclose()
        return self._listening

    async def close(self) -> None:
        """Lets go of everything. Safe after `hand_over`, whose taker then stops listening too."""
        await self._doors.aclose()
        self._listening.close()
        if self.database:
            await self.database.close()

    async def bring_up_to_date(self) -> None:
        """Migrates the database beside the calls of the other server, so that a take-over need not.

        Raises StoreUnavailable, and whatever is wrong with a migration.
        """
        owner = self._settings.database_owner_url or self._settings.database_url
        if owner:
            await migrate(owner.get_secret_value())
            self._migrated = True

    async def watch(self) -> None:
        """Reads from the database what a take-over reads, for ever: is it there, and are the ways to it warm?"""
        while self.database:
            self._answers = self._migrated and await _readable(self.database)
            await self._clock.sleep(LOOK_S if self._answers else LOOK_SOON_S)

    def report(self) -> HealthReport:
        """For probes and the command line."""
        return standing_by(version("kiwimesh"), self._probes)

    def _database(self) -> tuple[Health, str]:
        if not self._migrated:
            return Health.DEGRADED, "The database is not yet as this version needs it; the log says why."
        return (Health.OK, "") if self._answers else (Health.DEGRADED, "The database does not answer.")

    def _journal(self) -> tuple[Health, str]:
        settings = self._settings
        if not os.access(settings.data_dir / CALLS_FOLDER, os.R_OK | os.W_OK | os.X_OK):
            return Health.DEGRADED, "The calls' folder is not there, or not this account's to write."
        if shutil.disk_usage(settings.data_dir).free < settings.journal_min_free_bytes:
            return Health.DEGRADED, "The disk is almost full."
        return Health.OK, ""


async def _readable(database: Database) -> bool:
    try:
        await read_directory(database)
    except StorageError:
        return False
    return True
