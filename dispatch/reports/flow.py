"""Making a report: a job that counts, writes the file, and says that it is ready."""

import asyncio
import csv
import io
from datetime import datetime

from dispatch.jobs import JobKinds, Run
from dispatch.observability.clock import Clock
from dispatch.providers.files import FileKey, Files
from dispatch.storage.tables import ReportRow

from .figures import Period, Table, table_of


class ReportFlow:
    """The handler of reports' jobs."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock

    def register(self, kinds: JobKinds) -> None:
        """Says who carries these jobs out."""
        kinds.register("report.make", self.make, longest_s=1800)

    async def make(self, run: Run) -> None:
        """Counts, writes, and says so. Made again, it is the same file."""
        async with run.transaction() as session:
            report = await session.get_one(ReportRow, run.job.payload["report_id"])
            table = await table_of(session, report.kind, period_of(report))
        key = file_key(report)
        await self._files.put(key, await asyncio.to_thread(as_csv, table), "text/csv")
        async with run.finish() as session:
            stored = await session.get_one(ReportRow, report.report_id)
            stored.state, stored.file_key, stored.ended_at = "ready", key.path, self._clock.now()


def period_of(report: ReportRow) -> Period:
    """What a report is about."""
    since, until = (datetime.fromisoformat(report.parameters[name]) for name in ("since", "until"))
    return Period(report.tenant_kind, report.tenant_id, since, until)


def file_key(report: ReportRow) -> FileKey:
    """Where a report's file lies: with the tenant that it is about."""
    return FileKey(report.tenant_kind, report.tenant_id, f"reports/{report.report_id}.csv")


def as_csv(table: Table) -> bytes:
    """A table as CSV (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written).writerows(table)
    return written.getvalue().encode()
