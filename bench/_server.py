"""A whole server as a child process, on a data folder that goes with it, and what it costs.

In: nothing. Out: its address, a login, the seconds until it was ready, its processes' processor time and memory, and
figures from its `/metrics`. DATABASE_URL and REDIS_URL are not passed on: it brings its own servers.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

READY_WITHIN_S = 180.0
STOP_WITHIN_S = 30.0
OUTSIDE = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@dataclass(frozen=True)
class Use:
    """What the server and its children have used so far."""

    at_s: float
    cpu_s: float
    memory_bytes: int
    """Memory of their own, and their shares of what they have in common."""


class ChildServer:
    """`kiwimesh serve --demo`. Use it as `with ChildServer() as server`; inside, its speech engine is up."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ready_s = 0.0
        """From its start until it could take a call and transcribe it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="kiwimesh-bench-"))
        self._log = self._folder / "server.log"
        started = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command(), env=_environment(), stdout=log, stderr=log)
        try:
            self._until_ready()
        except BaseException:
            self._stop()
            raise
        self.ready_s = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def login(self, name: str) -> tuple[str, str]:
        """E-mail and password of a demo login."""
        passwords = json.loads((self._folder / "secrets" / "demo-logins.json").read_text())
        email = f"{name}@demo.example"
        return email, passwords[email]

    def use(self) -> Use:
        """Processor time and memory of the server, its database, its broker and its speech engine."""
        cpu_s, memory = 0.0, 0
        first = psutil.Process(self._process.pid)
        for process in (first, *first.children(recursive=True)):
            try:
                times = process.cpu_times()
                cpu_s += times.user + times.system
                memory += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
        return Use(time.monotonic(), cpu_s, memory)

    def loop_lag(self) -> dict[float, float]:
        """How often its event loop was at most so many seconds late, by the bounds of the histogram."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        found = re.findall(r'^kiwimesh_event_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)$', text, re.MULTILINE)
        return {float(bound): float(count) for bound, count in found}

    def _command(self) -> list[str]:
        serve = [sys.executable, "-m", "dispatch", "serve", "--demo"]
        return [*serve, "--data", str(self._folder), "--port", str(self.port)]

    def _until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if _parts(self.url).get("transcription") == "ok":
                return
            time.sleep(0.05)
        raise RuntimeError(f"the server did not come up:\n{self._log.read_text()[-3000:]}")

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def late_at_most(before: dict[float, float], after: dict[float, float], share: float) -> float | None:
    """The bound under which so large a share of what was observed between two readings lies; None without any."""
    counts = {bound: after[bound] - before.get(bound, 0.0) for bound in sorted(after)}
    total = max(counts.values(), default=0.0)
    return next((bound for bound, count in counts.items() if count >= share * total), None) if total else None


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OUTSIDE}


def _parts(url: str) -> dict[str, Any]:
    """The state of each part; empty while the server does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/health/live", timeout=2) as answer:
            return {part["name"]: part["state"] for part in json.load(answer)["parts"]}
    except OSError:
        return {}
