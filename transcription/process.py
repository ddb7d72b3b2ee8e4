"""A recogniser in child processes: started, fed, watched, killed.

In: windows. Out: hypotheses. Each worker is one process with one model and takes one batch at a time. A worker that
dies, answers nonsense or does not answer in time is killed and its batch raises EngineLostError; start() replaces it.
No worker outlives the server, not even one that is killed: the child asks the kernel to be killed with its parent.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from .engine import Capabilities, Hypothesis, Window
from .errors import EngineLostError, ModelError
from .pipe import HEAD, lengths, pack_windows, unpack_hypotheses

_EXIT_S: Final = 2.0
_NICENESS: Final = 5
"""The event loop goes first: it relays the callers' voices."""
_LEAST: Final = 19
"""Of second looks: beside two busy workers half of a tenth of a core, by the kernel's weights. Twice that brought them
no sooner (ADR 0302)."""
_PATIENCE: Final = 15
"""A busy machine may leave the background worker next to nothing for minutes; that is no hang."""
_ENTRY: Final = (sys.executable, "-m", "transcription.whisper")


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """How to run a CTranslate2 Whisper model."""

    model: str
    """Its name, for whoever looks."""
    directory: Path
    """Where model.bin, config.json, tokenizer.json and the vocabulary lie."""
    multilingual: bool = True
    device: str = "cpu"
    """cpu or cuda. A machine without such a device is told at start(), with ModelError device_missing."""
    compute_type: str = "int8"
    """int8 on a CPU; float16 or int8_float16 on a GPU. One that the device cannot do: ModelError device_unfit."""
    threads: int = 1
    """Of each worker. More workers use two cores better than more threads do."""
    workers: int = field(default_factory=lambda: min(4, len(os.sched_getaffinity(0))))
    """Processes. They run at a lower priority than the server, so one a core is right even on a small machine."""
    background: bool = True
    """One more process, at a low priority, for second looks: they take seconds and must hold nobody up."""
    max_batch: int = 4
    decode_limit_s: float = 20.0
    start_limit_s: float = 60.0


class WhisperEngine:
    """Whisper by CTranslate2 behind the `Engine` port, in `workers` processes."""

    def __init__(self, options: WhisperOptions, *, entry: Sequence[str] = _ENTRY) -> None:
        self._options = options
        self._usual = _Pool([_Worker(options, entry, _NICENESS) for _ in range(options.workers)])
        self._patient = _Pool(
            [_Worker(options, entry, _LEAST, _PATIENCE) for _ in range(options.background)], on_demand=True
        )
        self._workers = [*self._usual.workers, *self._patient.workers]
        self.capabilities = Capabilities(
            options.model,
            options.multilingual,
            options.multilingual,
            options.max_batch,
            options.workers,
            int(options.background),
            device=options.device,
            compute_type=options.compute_type,
        )

    @property
    def alive(self) -> bool:
        """Whether every worker runs that calls wait for."""
        return all(worker.alive for worker in self._usual.workers)

    async def start(self) -> None:
        """Start the workers that do not run; the background one starts with its first work.

        Raises EngineLostError engine_start_failed; ModelError when the machine cannot run the model as asked.
        """
        async with asyncio.TaskGroup() as group:
            for worker in self._usual.workers:
                if not worker.alive:
                    group.create_task(worker.start())
        refusal = next((worker.refusal for worker in self._usual.workers if worker.refusal), None)
        if refusal is not None:
            raise refusal
        if not self.alive:
            raise EngineLostError("the recogniser did not start", code="engine_start_failed")

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        """One batch, in whichever worker is free; a patient one in the background, if there is such a worker."""
        patient = windows[0].patient and self._options.background
        return await (self._patient if patient else self._usual).decode(windows)

    async def close(self) -> None:
        """Kill the workers."""
        for worker in self._workers:
            await worker.stop()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [worker.process.pid for worker in self._workers if worker.alive and worker.process]


class _Pool:
    """Workers that take whatever comes first; `on_demand` ones are started by it."""

    def __init__(self, workers: Sequence["_Worker"], *, on_demand: bool = False) -> None:
        self.workers = workers
        self._on_demand = on_demand
        self._free = asyncio.Semaphore(len(workers))

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        async with self._free:
            idle = [worker for worker in self.workers if not worker.busy]
            worker = next((worker for worker in idle if worker.alive), None)
            if worker is None and self._on_demand:
                worker = idle[0]
                await worker.start()
            if worker is None or not worker.alive:
                raise EngineLostError("no recogniser runs")
            return await worker.decode(windows)


class _Worker:
    """One child process, of that niceness, with `patience` times the usual limit."""

    def __init__(self, options: WhisperOptions, entry: Sequence[str], niceness: int, patience: int = 1) -> None:
        self._options = options
        self._entry = entry
        self._niceness = niceness
        self._limit_s = options.decode_limit_s * patience
        self.process: asyncio.subprocess.Process | None = None
        self.refusal: ModelError | None = None
        """Why the child will not run with these options, which no new attempt will mend."""
        self.busy = False

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Run the child and wait until it has warmed up; on failure it is simply not alive."""
        await self.stop()
        options = asdict(self._options) | {"directory": str(self._options.directory)}
        options |= {"parent": os.getpid(), "niceness": self._niceness}
        self.process = await asyncio.create_subprocess_exec(
            *self._entry,
            json.dumps(options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": str(self._options.threads)},
        )
        try:
            async with asyncio.timeout(self._options.start_limit_s):
                refused = (await self._read()).get("refused")
            self.refusal = ModelError(refused["message"], code=refused["code"]) if refused else None
            if refused:
                await self.stop()
        except (TimeoutError, EngineLostError):
            await self.stop()

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        """Send, wait, read; whatever goes wrong ends the process, for its pipes can be trusted no more."""
        self.busy = True
        try:
            async with asyncio.timeout(self._limit_s):
                await self._write(pack_windows(windows))
                heard = unpack_hypotheses(await self._read())
            if len(heard) != len(windows):
                raise EngineLostError("the recogniser left windows unanswered")
        except TimeoutError as error:
            await self.stop()
            raise EngineLostError("the recogniser does not answer", code="engine_hung") from error
        except (KeyError, TypeError, ValueError) as error:
            await self.stop()
            raise EngineLostError("the recogniser answers nonsense") from error
        except BaseException:
            await self.stop()
            raise
        finally:
            self.busy = False
        return heard

    async def stop(self) -> None:
        """Kill it and wait until it is gone."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_S):
                await process.wait()

    async def _write(self, message: bytes) -> None:
        assert self.process, "decode() is called on living workers"
        assert self.process.stdin, "it was started with a pipe"
        try:
            self.process.stdin.write(message)
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise EngineLostError("the recogniser died") from error

    async def _read(self) -> dict[str, Any]:
        assert self.process, "only living workers are read from"
        assert self.process.stdout, "it was started with a pipe"
        try:
            text, sound = lengths(await self.process.stdout.readexactly(HEAD.size))
            message: dict[str, Any] = json.loads(await self.process.stdout.readexactly(text))
            await self.process.stdout.readexactly(sound)
        except asyncio.IncompleteReadError as error:
            raise EngineLostError("the recogniser died") from error
        return message
