"""What a handler is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import Message
from dispatch.contract.http import PageQuery
from dispatch.contract.roles import Role
from dispatch.contract.routes import RouteSpec
from dispatch.identity import Principal

from .cursors import Cursors

BodyT = TypeVar("BodyT")
QueryT = TypeVar("QueryT")
ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Incoming:
    """A request as the transport received it: nothing is checked yet."""

    token: str = field(repr=False)
    path: Mapping[str, str]
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    role: str | None
    key: str | None
    """Idempotency-Key."""
    version: str | None
    """If-Match."""
    correlation_id: str


@dataclass(frozen=True)
class Asked(Generic[BodyT, QueryT]):
    """A checked request by somebody who may make it. `body` and `query` are the route's models, or None."""

    route: RouteSpec
    principal: Principal
    role: Role
    path: Mapping[str, str]
    body: BodyT
    query: QueryT
    version: int | None
    """The version that the client read, of a versioned route."""
    after: tuple[str, ...]
    """Where the last page ended: the values that `page` was given then; empty for the first page."""
    at: datetime
    correlation_id: str
    cursors: Cursors = field(repr=False)

    def page(self, found: Sequence[ItemT], place: Callable[[ItemT], tuple[str, ...]]) -> tuple[list[ItemT], str | None]:
        """Cuts a list that was read with one row more than the limit, and says where the next page begins."""
        assert isinstance(self.query, PageQuery)
        shown = list(found[: self.query.limit])
        if len(found) <= self.query.limit:
            return shown, None
        return shown, self.cursors.write(self.holder, place(shown[-1]))

    @property
    def holder(self) -> tuple[str, ...]:
        """To whom a cursor belongs: nobody else, in no other role, on no other list."""
        return (self.route.name, self.principal.person_id, self.role, *sorted(self.path.values()))


@dataclass(frozen=True)
class Download:
    """A file as an answer."""

    content: bytes = field(repr=False)
    media_type: str
    file_name: str


@dataclass(frozen=True)
class Answer:
    """What a handler gives back: a body, its version as ETag, and what the audit log calls the record."""

    body: Message | None = None
    version: int | None = None
    subject: str | None = None
    """The id of the record that was made or changed, where the path does not name it."""
    centre_id: str | None = None
    """The centre that the record belongs to, for the audit log."""
    tenant: tuple[str, str] | None = None
    """Kind and id of the place that the record belongs to, where that is no centre, for the audit log."""
    download: Download | None = None


Handler = Callable[[Any, AsyncSession], Awaitable[Answer]]
