"""The ground of the schema: the base of every table, and the names of its constraints.

Ids are text (the contract's `Identifier`). Everything that belongs to a dispatch centre carries `centre_id`, so that
row-level security needs no join (see `access`). The database itself is made by the migrations; a test proves that both
agree. Personal data lives in columns whose values never reach a log: models have no value in their repr.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    DateTime,
    MetaData,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def created() -> Mapped[datetime]:
    """When the row was made."""
    return mapped_column(server_default=func.now())


def counted() -> Mapped[int]:
    """The version of a record, from 1: what If-Match compares; every change adds one."""
    return mapped_column(server_default=text("1"))
