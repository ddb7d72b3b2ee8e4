"""Backups by the clock: a job that backs the installation up into a folder, keeps the newest, and copies each.

In: the job `database.backup`, asked for by its cron expression. Out: backups named `kiwimesh-<UTC time>-<job>`, and the
time of the newest as a metric. Invariants: a backup is complete or absent; nothing is deleted but backups, and those
only after a newer one is complete; however many workers there are, one makes the backup, and a copy that failed is
tried again without another backup. Off unless a folder is set; copied only where the settings say so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.backup_copies import BackupCopies
from dispatch.jobs import JobFailed, JobKinds, Run
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.providers.files import Files
from dispatch.settings import Settings
from dispatch.storage import BackupFailed
from dispatch.storage.backup_folder import BackupFolder, name_of
from dispatch.storage.embedded_postgres import SUPERUSER_URL
from dispatch.storage.whole_backup import forget, make

KIND: Final = "database.backup"
LONGEST_S: Final = 4 * 3600.0


@dataclass(frozen=True)
class Plan:
    """What is backed up, where to, and how many backups are kept. `url` names a login that sees every row."""

    folder: Path
    kept: int
    url: Callable[[], str]
    data_dir: Path
    spare_bytes: int = 0
    """What a backup leaves free on the disk of the folder."""


class BackupSchedule:
    """Backups of one installation into one folder."""

    def __init__(self, plan: Plan, clock: Clock, copies: BackupCopies | None = None) -> None:
        self._plan = plan
        self._clock = clock
        self._copies = copies

    def register(self, kinds: JobKinds, expression: str) -> None:
        """Says who makes backups, and when. Raises CronBroken."""
        kinds.register(KIND, self.take, longest_s=LONGEST_S)
        kinds.repeat(KIND, expression, KIND)
        metrics.BACKUP_AT.set_function(lambda: newest(self._plan.folder) or 0.0)

    async def take(self, run: Run) -> None:
        """Makes a backup, then deletes what is older than those that are kept; copies it where that is wanted.

        Raises JobFailed, ProviderError: a full disk, or a database that is away, may be well again in an hour.
        """
        try:
            await self._take(run)
        except BackupFailed as failed:
            raise JobFailed(failed.code, retryable=True) from failed

    async def _take(self, run: Run) -> None:
        plan, folder = self._plan, BackupFolder(self._plan.folder)
        begun = await asyncio.to_thread(lambda: next(plan.folder.glob(f"kiwimesh-*-{run.job.job_id}.dump"), None))
        name = begun.stem if begun else name_of(self._clock.now(), str(run.job.job_id))
        if name not in folder.names():
            await make(await asyncio.to_thread(plan.url), plan.data_dir, plan.folder, name, plan.spare_bytes)
            await forget(plan.folder, plan.kept)
        if self._copies:
            await self._copies.add(folder, name, plan.kept)


def newest(folder: Path) -> float | None:
    """When the newest backup of a folder was written, in Unix time; None where there is none."""
    return max((file.stat().st_mtime for file in folder.glob("kiwimesh-*.json")), default=None)


def schedule_of(settings: Settings, clock: Clock, files: Files) -> BackupSchedule | None:
    """The schedule that the settings ask for; `files` is where copies go."""
    if settings.backup_dir is None:
        return None
    copies = BackupCopies(files) if settings.backup_copy else None
    plan = Plan(
        settings.backup_dir, settings.backup_keep, lambda: whole_url(settings),
        settings.data_dir, settings.backup_spare_bytes,
    )  # fmt: skip
    return BackupSchedule(plan, clock, copies)


def whole_url(settings: Settings) -> str:
    """The address of the login that sees every row. Raises OSError where there is none."""
    named = settings.backup_database_url or settings.database_url
    if named is not None:
        return named.get_secret_value()
    return (settings.data_dir / "secrets" / SUPERUSER_URL).read_text()
