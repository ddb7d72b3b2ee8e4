"""A pytest plugin: the server as a process of its own, started by its command, with everything real in it."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fixtures_servers import quick_folder

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "scenarios" / "library"
ARTEFACTS = ROOT / "artefacts"
READY_WITHIN_S = 90
BELOW_THE_EPHEMERAL = 20_000, 32_000
"""Linux takes the near ends of connections from 32768 on."""


@dataclass
class ServerProcess:
    """`kiwimesh serve --demo` on a data folder and a port that stay the same over restarts."""

    data_dir: Path
    port: int
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, engine_up: bool = True) -> None:
        """Returns when the server answers, by default with its speech engine warm."""
        log = (self.data_dir / "server.log").open("ab")
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")} | self.extra
        command = [sys.executable, "-m", "dispatch", "serve", "--demo"]
        command += ["--data", str(self.data_dir), "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            parts = self.parts()
            if parts and (not engine_up or parts["transcription"] == "ok"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the server did not come up:\n{(self.data_dir / 'server.log').read_text()[-4000:]}")

    def parts(self) -> dict[str, str]:
        """The state of each part; empty while the server does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/live", timeout=2) as answer:
                return {part["name"]: part["state"] for part in json.load(answer)["parts"]}
        except OSError:
            return {}

    def kill(self) -> None:
        """As if the power went: SIGKILL, and nothing else."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def login(self, name: str) -> tuple[str, str]:
        """E-mail and password of a demo login, as `operator`."""
        passwords = json.loads((self.data_dir / "secrets" / "demo-logins.json").read_text())
        email = f"{name}@demo.example"
        return email, passwords[email]


def free_port() -> int:
    """A port that is free, and that no connection of somebody else's is given meanwhile as its own end."""
    while True:
        port = random.randrange(*BELOW_THE_EPHEMERAL)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A running server of the module's own, with real PostgreSQL, Valkey and Whisper."""
    data_dir = quick_folder()
    made = ServerProcess(data_dir, free_port())
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(data_dir, ignore_errors=True)
