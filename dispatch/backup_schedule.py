"""Backups by the clock: a job that writes the whole database into a folder, keeps the newest files, and copies each.

In: the job `database.backup`, asked for by its cron expression. Out: `kiwimesh-<UTC time>-<job>.dump` files, and the
time of the newest as a metric. Invariants: a file is complete or absent; nothing is deleted but files of this name, and
those only after a newer one is complete; however many workers there are, one makes the backup, and a copy that failed
is tried again without another backup. Off unless a folder is set; copied only where the settings say so.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dispatch.backup_copies import BackupCopies
from dispatch.jobs import JobKinds, Run
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.providers.files import Files
from dispatch.settings import Settings
from dispatch.storage.backup import backup
from dispatch.storage.embedded_postgres import SUPERUSER_URL

KIND: Final = "database.backup"
FILES: Final = "kiwimesh-*.dump"
LONGEST_S: Final = 4 * 3600.0


class BackupSchedule:
    """Backups of one database into one folder. `url` names a login that sees every row."""

    def __init__(
        self, folder: Path, kept: int, url: Callable[[], str], clock: Clock, copies: BackupCopies | None = None
    ) -> None:
        self._copies = copies
        self._folder = folder
        self._kept = kept
        self._url = url
        self._clock = clock

    def register(self, kinds: JobKinds, expression: str) -> None:
        """Says who makes backups, and when. Raises CronBroken."""
        kinds.register(KIND, self.take, longest_s=LONGEST_S)
        kinds.repeat(KIND, expression, KIND)
        metrics.BACKUP_AT.set_function(lambda: newest(self._folder) or 0.0)

    async def take(self, run: Run) -> None:
        """Makes a backup, then deletes what is older than those that are kept; copies it where that is wanted.

        Raises BackupFailed, ProviderError.
        """
        made = await asyncio.to_thread(lambda: next(self._folder.glob(f"kiwimesh-*-{run.job.job_id}.dump"), None))
        file = made or self._folder / f"kiwimesh-{self._clock.now():%Y%m%dT%H%M%SZ}-{run.job.job_id}.dump"
        if made is None:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            await backup(await asyncio.to_thread(self._url), file)
            await asyncio.to_thread(self._forget)
        if self._copies:
            await self._copies.add(file, self._kept)

    def _forget(self) -> None:
        for old in sorted(self._folder.glob(FILES))[: -self._kept]:
            old.unlink(missing_ok=True)


def newest(folder: Path) -> float | None:
    """When the newest backup of a folder was written, in Unix time; None where there is none."""
    return max((file.stat().st_mtime for file in folder.glob(FILES)), default=None)


def schedule_of(settings: Settings, clock: Clock, files: Files) -> BackupSchedule | None:
    """The schedule that the settings ask for; `files` is where copies go."""
    if settings.backup_dir is None:
        return None
    copies = BackupCopies(files) if settings.backup_copy else None
    return BackupSchedule(settings.backup_dir, settings.backup_keep, lambda: whole_url(settings), clock, copies)


def whole_url(settings: Settings) -> str:
    """The address of the login that sees every row. Raises OSError where there is none."""
    named = settings.backup_database_url or settings.database_url
    if named is not None:
        return named.get_secret_value()
    return (settings.data_dir / "secrets" / SUPERUSER_URL).read_text()
