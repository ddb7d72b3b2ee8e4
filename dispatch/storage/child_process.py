"""One embedded server as a child process: started detached from the terminal, stopped cleanly, its leftovers cleared.

In: a command, a log file, signals. Out: a running process. Invariants: the child never outlives this process (see
`child_launcher`), Ctrl-C in a terminal reaches us and not the child, and no server of an earlier run is left on the
data when a new one starts.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.observability.clock import Clock

from .errors import ServerNotStarted

POLL_S: Final = 0.01
START_TIMEOUT_S: Final = 60.0
"""Recovery after a crash replays the log first; a cold disk needs its time."""
STEP_S: Final = 10.0
"""How long each stop signal may take before the next, harder one."""


@dataclass(frozen=True)
class StopSignals:
    """Signals that stop a server, the gentlest first."""

    steps: tuple[signal.Signals, ...]


POSTGRES_STOP: Final = StopSignals((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
"""Fast shutdown with a checkpoint, immediate shutdown, kill."""
VALKEY_STOP: Final = StopSignals((signal.SIGTERM, signal.SIGKILL))


class ChildProcess:
    """A started server."""

    def __init__(self, name: str, command: Sequence[str], log: Path, cwd: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    async def until_ready(self, ready: Callable[[], bool], clock: Clock) -> None:
        """Waits until `ready()`. Raises ServerNotStarted when the child ends first, or after 60 s."""
        deadline = clock.monotonic() + START_TIMEOUT_S
        while not ready():
            if not self.running:
                raise ServerNotStarted(f"{self.name} ended while starting; see {self.log}")
            if clock.monotonic() > deadline:
                raise ServerNotStarted(f"{self.name} was not ready after {START_TIMEOUT_S:.0f} s; see {self.log}")
            await clock.sleep(POLL_S)

    async def stop(self, signals: StopSignals, clock: Clock) -> None:
        """Stops the child and waits for its end; each signal gets 10 s before the next."""
        for number in signals.steps:
            if not self.running:
                return
            self._process.send_signal(number)
            await gone(lambda: not self.running, clock)


async def gone(ended: Callable[[], bool], clock: Clock) -> bool:
    """Waits up to 10 s until `ended()`."""
    deadline = clock.monotonic() + STEP_S
    while not ended():
        if clock.monotonic() > deadline:
            return False
        await clock.sleep(POLL_S)
    return True


async def clear_leftovers(program: str, folder: Path, signals: StopSignals, clock: Clock) -> None:
    """Waits for servers of a killed run that still work in `folder`, then stops them.

    Their own parent's death told them to stop already, so they are given time before they are told again.
    """
    for number in (None, *signals.steps):
        for pid in workers_in(program, folder):
            if number is not None:
                send(pid, number)
        if await gone(lambda: not any(workers_in(program, folder)), clock):
            return
    raise ServerNotStarted(f"an old {program} still runs on {folder} and does not stop")


def workers_in(program: str, folder: Path) -> Iterator[int]:
    """Process ids of `program` whose working directory is `folder`."""
    target = folder.resolve()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "exe")).name == program and Path(os.readlink(process / "cwd")) == target:
                yield int(process.name)
        except OSError:
            continue


def send(pid: int, number: signal.Signals) -> None:
    """Signals a process that may have ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
