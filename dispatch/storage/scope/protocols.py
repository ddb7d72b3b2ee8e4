"""Which medical directors and protocol approvals a role reaches."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, or_, select

from dispatch.storage.context import Context, DatabaseRole
from dispatch.storage.tables import MedicalDirectorRow, ProtocolApprovalRow, Row

from .rules import CENTRE_ROLES, HOSPITAL_ROLES, Own, ScopeOfTable, each

R = DatabaseRole


@dataclass(frozen=True)
class Appointing:
    """Appointments in the centres that the role covers (`wide`: in all), and one's own, which one does not write."""

    wide: bool = False
    writes: bool = True

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        directors = cast("type[MedicalDirectorRow]", table)
        inside = directors.centre_id.in_(sorted(context.covered("centre")))
        return directors.director_id.is_not(None) if self.wide else or_(inside, Own().rows(table, context))

    def admits(self, row: Row, context: Context) -> bool:
        appointment: Any = row
        inside = self.wide or appointment.centre_id in context.covered("centre")
        return inside and appointment.person_id != context.person_id


@dataclass(frozen=True)
class Signing:
    """Approvals in the centres that the role covers or whose medical director the person is; only one's own are made.

    For which centre somebody signs is looked up in their own appointments before they do (`dispatch.approvals`).
    """

    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        approvals, director = cast("type[ProtocolApprovalRow]", table), MedicalDirectorRow
        mine = select(director.centre_id).where(director.person_id == context.person_id, director.ended_at.is_(None))
        inside = approvals.centre_id.in_(sorted(context.covered("centre")))
        return or_(inside, approvals.centre_id.in_(mine))

    def admits(self, row: Row, context: Context) -> bool:
        approval: Any = row
        return approval.person_id == context.person_id  # type: ignore[no-any-return]


PROTOCOLS: dict[type[Row], ScopeOfTable] = {
    MedicalDirectorRow: {
        R.SUPER_ADMIN: Appointing(wide=True),
        R.SUPERVISOR: Appointing(),
        **each((R.OPERATOR, R.TRAINER, *HOSPITAL_ROLES), Own()),
    },
    ProtocolApprovalRow: each((*CENTRE_ROLES, R.TRAINER, *HOSPITAL_ROLES), Signing()),
}
