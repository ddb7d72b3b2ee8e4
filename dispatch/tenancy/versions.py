"""Changing a record that somebody has read: only the version that they saw.

In: a table with a version, an id, the version that was read, the new values. Out: the record as it now is, its version
one higher. Invariants: one statement decides, so that of two who change at once one is told; a record out of scope
reads as one that does not exist.
"""

from typing import Any, TypeVar

from sqlalchemy import SQLColumnExpression, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.problems import ProblemCode, Refused

RowT = TypeVar("RowT")


async def change(
    session: AsyncSession, table: type[RowT], key: SQLColumnExpression[str], record_id: str,
    version: int | None, **values: Any,
) -> RowT:  # fmt: skip
    """The changed record. Raises Refused: `not_found`, or `version_conflict` when it has changed meanwhile."""
    versioned: Any = table
    statement = (
        update(table)
        .where(key == record_id, versioned.version == version)
        .values(version=(version or 0) + 1, **values)
        .returning(table)
        .execution_options(populate_existing=True)
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is not None:
        return row
    if await session.scalar(select(key).where(key == record_id)) is None:
        raise absent()
    raise Refused(ProblemCode.VERSION_CONFLICT, "This record has changed since it was read.")


async def existing(session: AsyncSession, table: type[RowT], key: SQLColumnExpression[str], record_id: str) -> RowT:
    """A record within the acting role's reach. Raises Refused (`not_found`)."""
    row = await session.scalar(select(table).where(key == record_id))
    if row is None:
        raise absent()
    return row


def absent() -> Refused:
    """The same for what does not exist and for what is somebody else's."""
    return Refused(ProblemCode.NOT_FOUND, "There is no such record.")
