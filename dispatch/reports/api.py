"""Asking for reports, and fetching them."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Download, Handler
from dispatch.contract.http import PageQuery
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.providers import AskReport, Report, ReportKind, ReportPage
from dispatch.contract.roles import Role, ScopeKind
from dispatch.jobs import NewJob, Priority, Tenant, enqueue
from dispatch.providers.files import Files
from dispatch.storage.tables import ReportRow

from .figures import COLUMNS
from .flow import file_key


class ReportApi:
    """Handlers of reports' routes."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.handlers: Mapping[str, Handler] = {
            "ask_report": ask,
            "list_reports": list_reports,
            "download_report": self.download,
        }

    async def download(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """The file of a report of one's own."""
        report = await session.get(ReportRow, asked.path["report_id"])
        if report is None:
            raise Refused(ProblemCode.NOT_FOUND, "You asked for no such report.")
        if report.file_key is None:
            raise Refused(ProblemCode.WRONG_STATE, "The report is not ready yet.")
        content = await self._files.get(file_key(report))
        return Answer(download=Download(content, "text/csv", f"{report.kind}-{report.report_id}.csv"))


async def ask(asked: Asked[AskReport, None], session: AsyncSession) -> Answer:
    """Asks for a report about a tenant that the acting role covers."""
    body = asked.body
    if not covered(asked, body.tenant_kind, body.tenant_id):
        raise Refused(ProblemCode.NOT_FOUND, "Your role does not cover such a place.")
    row = ReportRow(
        report_id=secrets.token_hex(8),
        kind=body.kind.value,
        tenant_kind=body.tenant_kind,
        tenant_id=body.tenant_id,
        person_id=asked.principal.person_id,
        parameters={"since": body.since.isoformat(), "until": body.until.isoformat()},
        state="queued",
        created_at=asked.at,
    )
    session.add(row)
    await session.flush()
    tenant = Tenant(body.tenant_kind, body.tenant_id)
    job = NewJob("report.make", row.report_id, {"report_id": row.report_id}, tenant, Priority.BULK)
    await enqueue(session, job)
    return Answer(view(row), subject=row.report_id)


async def list_reports(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """A page of one's own reports."""
    row = ReportRow
    query = select(row).order_by(row.created_at.desc(), row.report_id.desc()).limit(asked.query.limit + 1)
    if asked.after:
        last = (datetime.fromisoformat(asked.after[0]), asked.after[1])
        query = query.where(tuple_(row.created_at, row.report_id) < last)
    found = (await session.scalars(query)).all()
    rows, cursor = asked.page(found, lambda one: (one.created_at.isoformat(), one.report_id))
    return Answer(ReportPage(reports=tuple(map(view, rows)), next_cursor=cursor))


def covered(asked: Asked[AskReport, None], kind: str, tenant_id: str) -> bool:
    """Whether the acting role covers a tenant; the finances of all hospitals are for those who cover everything."""
    if kind not in COLUMNS or (asked.body.kind is ReportKind.FINANCE and kind != "hospital"):
        return False
    grants = [grant for grant in asked.principal.grants if grant.role is asked.role]
    if asked.role is Role.SUPER_ADMIN:
        return any(grant.kind is ScopeKind.EVERYTHING for grant in grants)
    return any((grant.kind.value, grant.scope_id) == (kind, tenant_id) for grant in grants)


def view(row: ReportRow) -> Report:
    """A row as who asked for it sees it."""
    return Report(report_id=row.report_id, kind=ReportKind(row.kind), state=row.state, created_at=row.created_at)
