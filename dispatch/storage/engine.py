"""The way to the database: transactions that say for whom they run.

In: the application's address. Out: transactions under one database role, with the person and the centre set for
row-level security, every statement narrowed to what that role reaches (`scope`). Invariants: the settings hold for one
transaction (nothing leaks through the pool); a session without a context raises before it reads or writes; parameters
never appear in an error or a log line.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry

from .begun import SET_CONTEXT, Begun, begin
from .context import Context
from .errors import NoContext, StorageError
from .outage import storage_errors
from .pool import WatchedPool
from .prepared import DRIVER_KEY, driver_of
from .scope import CONTEXT_KEY, scope_sessions

POOL_SIZE: Final = 10
"""Connections per process, all in use at most; a transaction here takes milliseconds."""
POOL_WAIT_S: Final = 5.0
CONNECT_S: Final = 3.0
STATEMENT_S: Final = 15.0
BEGUN_KEY: Final = "begun"
"""Where a session keeps the transaction that was begun for it."""


class ScopedSession(Session):
    """A session whose transactions begin with its context, or that works within one that has begun."""

    def get_bind(self, *args: Any, **more: Any) -> Any:
        begun: Begun | None = self.info.get(BEGUN_KEY)
        return begun.on_top if begun else super().get_bind(*args, **more)


scope_sessions(ScopedSession)


@event.listens_for(ScopedSession, "after_begin")
def _set_context(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested or BEGUN_KEY in session.info:
        return
    context = session.info.get(CONTEXT_KEY)
    if not isinstance(context, Context):
        raise NoContext("A transaction was begun without a context.")
    connection.exec_driver_sql(SET_CONTEXT, tuple(context.settings.values()))
    session.info[DRIVER_KEY] = connection.connection.driver_connection


@event.listens_for(ScopedSession, "after_transaction_end")
def _let_go(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None and BEGUN_KEY not in session.info:
        session.info.pop(DRIVER_KEY, None)


def _still_open(connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object) -> None:
    """Raises DisconnectionError for a connection that the server has ended, so that the pool opens another one."""
    del connection, proxy
    driver = record.driver_connection
    if driver is None or driver.is_closed():
        raise DisconnectionError("The server ended this connection.")


class Database:
    """The application's side of PostgreSQL. Opening it connects nothing yet; `close()` ends all connections."""

    def __init__(self, database_url: str, name: str = "server") -> None:
        """`name`: what its connections are for, in the metrics."""
        self.engine: AsyncEngine = create_async_engine(
            driver_url(database_url),
            poolclass=WatchedPool,
            pool_logging_name=name,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_WAIT_S,
            pool_use_lifo=True,  # the one used last, whose statements and pages are at hand
            hide_parameters=True,
            connect_args={"timeout": CONNECT_S, "command_timeout": STATEMENT_S},
        )
        event.listen(self.engine.sync_engine, "checkout", _still_open)
        self.committed: list[Callable[[AsyncSession], None]] = []
        """Told of every transaction after it was committed; they do not wait and do not fail."""

    @asynccontextmanager
    async def transaction(self, context: Context) -> AsyncIterator[AsyncSession]:
        """One transaction for `context`, committed at the end and rolled back on an error.

        Raises StoreUnavailable (try again later) or StoreRefused (this work will never be taken).
        """
        with storage_errors():
            begun = await begin(self.engine, context, tries=POOL_SIZE + 1)
            session = self.session(context)
            session.info.update({BEGUN_KEY: begun, DRIVER_KEY: begun.driver})
            try:
                yield session
                if session.in_transaction() or session.new:
                    await session.commit()  # writes what is left
                await begun.commit()
            except BaseException:
                await begun.undo()
                raise
            finally:
                if session.in_transaction():
                    await session.close()
                begun.let_go()
        for told in self.committed:
            told(session)

    def session(self, context: Context | None) -> AsyncSession:
        """A session whose every transaction runs for `context`; with None, each of them raises NoContext."""
        return AsyncSession(
            self.engine, sync_session_class=ScopedSession, expire_on_commit=False, info={CONTEXT_KEY: context}
        )

    async def answers(self) -> bool:
        """Whether the database can be reached now; for health reports."""
        try:
            with storage_errors():
                async with self.engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
        except StorageError:
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()


@asynccontextmanager
async def stepped_into(session: AsyncSession, context: Context) -> AsyncIterator[None]:
    """Goes on within the same transaction for another context, and comes back at the end.

    For a deed whose right was decided in a person's own role, and which that role may not write by itself. After an
    error the transaction is over, and so is the step.
    """
    before = session.info[CONTEXT_KEY]
    await _step(session, context)
    yield
    await _step(session, before)


async def _step(session: AsyncSession, context: Context) -> None:
    """What was changed so far is written by the role that changed it."""
    await session.flush()
    session.info[CONTEXT_KEY] = context
    await (await driver_of(session)).fetchval(SET_CONTEXT, *context.settings.values())


def driver_url(address: str) -> URL:
    """A PostgreSQL address as people write it, for our driver: `sslmode` becomes the driver's `ssl`."""
    url = make_url(address).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
