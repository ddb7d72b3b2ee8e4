"""Turns what the database driver raises into storage errors: away, or refused.

In: any error of SQLAlchemy, asyncpg or the socket. Out: StoreUnavailable or StoreRefused. Invariants: the message holds
the SQLSTATE and never a value (the driver's own texts quote rows, so they are not chained either); what is not surely
refused counts as away, because then it is tried again and nothing is lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .errors import StorageError, StoreRefused, StoreUnavailable

REFUSED_CLASSES: Final = frozenset({"22", "23", "42", "44"})
"""SQLSTATE classes that trying again does not help: data, integrity, access or syntax, check option."""


@contextmanager
def storage_errors() -> Iterator[None]:
    """Wraps database work; raises StoreUnavailable or StoreRefused instead of the driver's errors."""
    try:
        yield
    except DBAPIError as error:
        raise _judged(sqlstate(error), error.connection_invalidated) from None
    except AsyncAdapt_asyncpg_dbapi.Error as error:  # a connection that could not be made, as the pool reports it
        raise _judged(getattr(error, "sqlstate", None), True) from None
    except asyncpg.PostgresError as error:
        raise _judged(error.sqlstate, False) from None
    except (OSError, PoolTimeoutError, asyncpg.InterfaceError):
        raise StoreUnavailable("The database cannot be reached.") from None
    except SQLAlchemyError as error:
        raise StoreRefused(f"The database refused the work ({type(error).__name__}).") from None


def sqlstate(error: DBAPIError) -> str | None:
    """The five-character code of a database error, or None when it never reached the server."""
    return getattr(error.orig, "sqlstate", None)


def _judged(state: str | None, connection_lost: bool) -> StorageError:
    if state is not None and state[:2] in REFUSED_CLASSES and not connection_lost:
        return StoreRefused(f"The database refused the work (SQLSTATE {state}).")
    return StoreUnavailable(f"The database is not available (SQLSTATE {state or 'none'}).")
