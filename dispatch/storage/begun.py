"""One transaction on one of the pool's connections, begun for a context in a single round trip.

In: an engine and a context. Out: the driver's connection inside its transaction; SQLAlchemy's own on top of it is made
when somebody asks for it. Invariants: the connection goes back to the pool after a COMMIT or a ROLLBACK that was
answered, and is thrown away otherwise; what PostgreSQL did not commit is never taken for committed; a connection that
died in the pool is replaced, and nobody hears of it.

A transaction through SQLAlchemy alone costs some 710 Python calls and three round trips before its first statement and
after its last, one from here some 170 and two.
"""

import re
from typing import Final

import asyncpg
from sqlalchemy import Connection, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from .context import CENTRE_SETTING, PERSON_SETTING, Context
from .errors import StoreRefused

SET_CONTEXT: Final = (
    "SELECT set_config('role', $1, true), "
    f"set_config('{PERSON_SETTING}', $2, true), set_config('{CENTRE_SETTING}', $3, true)"
)
BEGIN_AS: Final = (
    "BEGIN; SELECT set_config('role', '{}', true), "
    f"set_config('{PERSON_SETTING}', '{{}}', true), set_config('{CENTRE_SETTING}', '{{}}', true)"
)
PLAIN: Final = re.compile(r"[A-Za-z0-9_.:@-]*")
"""What ids look like; another value is sent as a parameter, one round trip later."""
GONE: Final = (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, ConnectionError)
"""How a driver says that a pooled connection had ended."""


class Begun:
    """A transaction that runs."""

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection) -> None:
        self._engine = engine
        self._pooled = pooled
        self._on_top: Connection | None = None
        driver = pooled.driver_connection
        assert driver is not None, "the pool gives out connections that are open"
        self.driver: asyncpg.Connection = driver

    @property
    def on_top(self) -> Connection:
        """SQLAlchemy's connection over the same one. It begins and ends nothing: the transaction is ours."""
        if self._on_top is None:
            whole = Connection(self._engine.sync_engine, self._pooled)
            self._on_top = whole.execution_options(isolation_level="AUTOCOMMIT")
        return self._on_top

    async def commit(self) -> None:
        """Raises StoreRefused where a statement had failed before, so that PostgreSQL rolled back instead."""
        if await self.driver.execute("COMMIT") != "COMMIT":
            raise StoreRefused("The database refused a part of the work, and so all of it.")

    async def undo(self) -> None:
        """Rolls back; a connection that does not answer to that is thrown away."""
        try:
            await self.driver.execute("ROLLBACK")
        except GONE:
            self._throw_away()
        except BaseException:
            self._throw_away()
            raise

    def _throw_away(self) -> None:
        if self._pooled.is_valid:
            self._pooled.invalidate()

    def let_go(self) -> None:
        """Gives the connection back to the pool."""
        if self._on_top is not None:
            self._on_top.close()
        else:
            self._pooled.close()


async def begin(engine: AsyncEngine, context: Context, tries: int) -> Begun:
    """Begins for a context, on another connection where one had ended, at most `tries` times.

    Raises what the driver and the pool raise.
    """
    for left in reversed(range(tries)):
        pooled = await engine.raw_connection()
        begun = Begun(engine, pooled)
        try:
            await set_out(begun.driver, context)
        except BaseException as error:
            pooled.invalidate()
            if not (left and isinstance(error, GONE)):
                raise
        else:
            return begun
    raise AssertionError("the last try returned or raised")


async def set_out(driver: asyncpg.Connection, context: Context) -> None:
    """Begins, and says for whom."""
    values = tuple(context.settings.values())
    if all(map(PLAIN.fullmatch, values)):
        await driver.execute(BEGIN_AS.format(*values))
    else:
        await driver.execute("BEGIN")
        await driver.fetchval(SET_CONTEXT, *values)
