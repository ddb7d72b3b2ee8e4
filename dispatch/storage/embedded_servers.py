"""PostgreSQL and Valkey for an installation that has none of its own: one command, nothing to set up.

In: a data directory. Out: the two addresses. Invariants: used only when no address is configured (the caller decides);
one process at a time per data directory; the servers end with this process, also when it is killed.
"""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final

import structlog

from dispatch.observability.clock import Clock, SystemClock

from .data_root import DataRoot
from .embedded_postgres import OWNER, SUPERUSER, EmbeddedPostgres, find_postgres
from .embedded_valkey import EmbeddedValkey, find_valkey
from .server_account import choose_account

LONGEST_SOCKET_FOLDER: Final = 80
"""A unix socket's path holds 107 bytes, and PostgreSQL's lock file needs the most after the folder's name."""
WATCH_S: Final = 0.5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ServerUrls:
    """Where the embedded servers are. The addresses hold passwords: never log them."""

    database_url: str = field(repr=False)
    """For the application, whose login owns no table."""
    owner_url: str = field(repr=False)
    """For migrations."""
    superuser_url: str = field(repr=False)
    """For backups."""
    redis_url: str


class EmbeddedServers:
    """Both servers. Use it as `async with EmbeddedServers(data_dir) as urls`, or `start()` and `stop()`."""

    def __init__(self, data: Path | DataRoot, *, clock: Clock | None = None) -> None:
        """`data`: a folder to hold for as long as the servers run, or one that the caller holds."""
        self._root = data if isinstance(data, DataRoot) else DataRoot(data)
        self._held_by_caller = self._root is data
        self._clock = clock or SystemClock()
        self._servers: tuple[EmbeddedPostgres, EmbeddedValkey] | None = None
        self._sockets: Path | None = None

    async def __aenter__(self) -> ServerUrls:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> ServerUrls:
        """Starts both. Raises DataInUse when another process holds the data, ServerNotStarted when one cannot start.

        Call it from a thread that lives as long as the servers should: the kernel stops them when that thread ends.
        """
        if not self._held_by_caller:
            self._root.hold()
        try:
            postgres, valkey = self._servers = self._prepare()
            await valkey.start()
            await postgres.start()
        except BaseException:
            await self.stop()
            raise
        return ServerUrls(postgres.url(), postgres.url(OWNER), postgres.url(SUPERUSER), valkey.url)

    async def stop(self) -> None:
        """Stops both cleanly and lets go of the data directory, unless the caller holds it. Safe to call twice."""
        for server in self._servers or ():
            await server.stop()
        self._servers = None
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None
        if not self._held_by_caller:
            self._root.release()

    async def watch(self) -> None:
        """Starts a fallen server again, for as long as it runs; run it under supervision. The addresses stay the same.

        Raises ServerNotStarted when a server does not come back; the supervisor's next start tries again.
        """
        while True:
            for server in self._servers or ():
                if not server.running:
                    _log.warning("embedded server fell, starting it again", server=type(server).__name__)
                    await server.start()
            await self._clock.sleep(WATCH_S)

    def _prepare(self) -> tuple[EmbeddedPostgres, EmbeddedValkey]:
        programs = (find_postgres().program("postgres"), find_valkey())
        account = choose_account(self._root.path, self._root.path / "valkey", programs)
        account.let_through(self._root.path)
        self._sockets = sockets = socket_folder(self._root.path)
        account.adopt(sockets)
        return (
            EmbeddedPostgres(self._root, sockets, account, self._clock),
            EmbeddedValkey(self._root, sockets, account, self._clock),
        )


def socket_folder(data: Path) -> Path:
    """A folder with mode 0700 for the sockets: in the data directory, or a temporary one where that path is long."""
    folder = data / "run"
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return folder
    name = hashlib.sha256(str(data).encode()).hexdigest()[:8]
    return Path(tempfile.mkdtemp(prefix=f"kiwimesh-{name}-"))
