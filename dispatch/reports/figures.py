"""What reports say: rows of figures out of the bookings' log and the ledger. Exercises never count.

In: a session of the worker role, a tenant, a period. Out: a table, its first row the headings. Invariant: every figure
is one SQL statement over what was recorded, so that anybody can count it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.payments import balances

Table = Sequence[Sequence[object]]

KPIS: Final = """
    SELECT service_type, count(*), count(*) FILTER (WHERE status = 'completed'),
        count(*) FILTER (WHERE status = 'cancelled'), count(*) FILTER (WHERE status = 'no_show'),
        round(avg(extract(epoch FROM closed_at - requested_at))::numeric, 1)
    FROM booking WHERE NOT exercise AND requested_at >= :since AND requested_at < :until AND {column} = :tenant
    GROUP BY 1 ORDER BY 1
"""
SLA: Final = """
    SELECT b.service_type, e.status, count(*),
        round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.at - b.requested_at))::numeric, 1),
        round(percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM e.at - b.requested_at))::numeric, 1),
        (SELECT count(*) FROM booking_event x JOIN booking y USING (booking_id) WHERE x.kind = 'sla_breached'
            AND y.service_type = b.service_type AND NOT y.exercise AND y.{column} = :tenant
            AND y.requested_at >= :since AND y.requested_at < :until)
    FROM booking b JOIN booking_event e USING (booking_id)
    WHERE NOT b.exercise AND e.entered AND b.requested_at >= :since AND b.requested_at < :until
        AND b.{column} = :tenant
    GROUP BY 1, 2 ORDER BY 1, 2
"""
KPI_HEADINGS: Final = ("service_type", "bookings", "completed", "cancelled", "no_show", "mean_seconds_to_close")
SLA_HEADINGS: Final = ("service_type", "status", "bookings", "median_s", "p90_s", "breaches_of_type")
FINANCE_HEADINGS: Final = ("account", "currency", "balance_minor")
COLUMNS: Final = {"hospital": "hospital_id", "community": "community_id", "centre": "centre_id"}


@dataclass(frozen=True)
class Period:
    """Of whom, from when, up to but without when."""

    tenant_kind: str
    tenant_id: str
    since: datetime
    until: datetime


async def table_of(session: AsyncSession, kind: str, period: Period) -> Table:
    """The table of a kind of report."""
    if kind == "finance":
        hospital = period.tenant_id if period.tenant_kind == "hospital" else None
        return [FINANCE_HEADINGS, *await balances(session, period.since, period.until, hospital)]
    query, headings = (KPIS, KPI_HEADINGS) if kind == "kpis" else (SLA, SLA_HEADINGS)
    values = {"since": period.since, "until": period.until, "tenant": period.tenant_id}
    rows = await session.execute(text(query.format(column=COLUMNS[period.tenant_kind])), values)
    return [headings, *(tuple(row) for row in rows)]
