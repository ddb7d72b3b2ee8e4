"""What can go wrong in storage, with a stable code, whether trying again helps, and words that are safe to show.

StorageError
├── StoreUnavailable        PostgreSQL is away, overloaded or shutting down: try again later
├── StoreRefused            PostgreSQL refuses this write for good: a broken reference, a value it cannot hold
├── OutOfScope              the acting role may not write this row
├── NoContext               a transaction was begun without saying for whom
├── KeyGone                 what is sealed cannot be read: its key was destroyed, or the bytes were changed
├── DataInUse               another process holds the data directory
├── DataUnfit               the data directory lies where no process can hold it
├── ServerNotStarted        an embedded server could not be started
└── BackupFailed            pg_dump or pg_restore ended with an error
"""


# ruff: noqa: N818 - an error is named by what happened


class StorageError(Exception):
    """Root of the storage errors. `code` is stable, `retryable` says whether the same call may work later."""

    code = "storage_error"
    retryable = False


class StoreUnavailable(StorageError):
    """The database cannot be reached or does not answer in time; nothing was written, or the same write is safe."""

    code = "store_unavailable"
    retryable = True


class StoreRefused(StorageError):
    """The database will never take this write as it is."""

    code = "store_refused"


class OutOfScope(StorageError):
    """The acting role may not write this row; to whom it belongs is not said."""

    code = "out_of_scope"


class NoContext(StorageError):
    """A session was used without a context; nothing is read or written for nobody."""

    code = "no_context"


class KeyGone(StorageError):
    """Sealed bytes that cannot be opened; after an erasure that is as it should be."""

    code = "key_gone"


class DataInUse(StorageError):
    """The data directory belongs to another running process."""

    code = "data_in_use"


class DataUnfit(StorageError):
    """The data directory's file system has no locks for directories, as network file systems have none."""

    code = "data_unfit"


class ServerNotStarted(StorageError):
    """An embedded server did not come up; the message names the reason and the way out."""

    code = "server_not_started"


class BackupFailed(StorageError):
    """A backup could not be written, or not be restored."""

    code = "backup_failed"
