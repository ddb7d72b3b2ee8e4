"""Where things are kept: embedded servers, the scoped database session, the schema with its access rules, backups.

Public names come from here; the modules behind them are this package's own.
"""

from .context import LEDGER, Context, DatabaseRole, of_centre
from .data_root import DataRoot
from .embedded_servers import EmbeddedServers, ServerUrls
from .engine import Database, stepped_into
from .errors import (
    BackupFailed,
    DataInUse,
    DataUnfit,
    KeyGone,
    NoContext,
    OutOfScope,
    ServerNotStarted,
    StorageError,
    StoreRefused,
    StoreUnavailable,
)
from .keys import DataKey, TenantKeys
from .memory_timeline_store import MemoryTimelineStore
from .migrate import migrate
from .projection import CallRecord
from .timeline_store import PostgresTimelineStore, TimelineStore

__all__ = [
    "LEDGER",
    "BackupFailed",
    "CallRecord",
    "Context",
    "DataInUse",
    "DataKey",
    "DataRoot",
    "DataUnfit",
    "Database",
    "DatabaseRole",
    "EmbeddedServers",
    "KeyGone",
    "MemoryTimelineStore",
    "NoContext",
    "OutOfScope",
    "PostgresTimelineStore",
    "ServerNotStarted",
    "ServerUrls",
    "StorageError",
    "StoreRefused",
    "StoreUnavailable",
    "TenantKeys",
    "TimelineStore",
    "migrate",
    "of_centre",
    "stepped_into",
]
