"""The state of the server's parts, in one place: for probes, for operators' strips, for the command line.

In: one probe per part, cheap and without I/O. Out: a `HealthReport` and the `SystemState` that consoles show.
Invariants: ready means "can take and journal a call", and is not about to stop; whatever else is broken is degraded and
said, never a reason to turn callers away. A server that stands by is never ready, and says whether it could take over.
"""

from collections.abc import Callable, Mapping
from typing import Final

from dispatch.contract.console import Health, ModelsState, SystemState
from dispatch.contract.http import HealthReport, PartHealth

Probe = Callable[[], tuple[Health, str]]
"""A part's present state, and in words for operators what it means where it is not well."""

DRAINING: Final = PartHealth(
    name="draining",
    state=Health.DEGRADED,
    message="This server is about to stop. Calls go on; the page connects again by itself.",
)
STANDING_BY: Final = "standing_by"
"""The part that a server has while another one takes the calls. A proxy may look for this word."""
TAKES_OVER: Final = "Another server takes the calls; this one takes over when that one is gone."
UNFIT: Final = "Another server takes the calls; if it goes now, this one takes over with what is degraded above."
PARTS: Final = ("journal", "database", "broker", "transcription", "router")


class HealthDesk:
    """Asks all probes. The journal's answer decides readiness."""

    def __init__(self, version: str, probes: Mapping[str, Probe], models: Callable[[], ModelsState]) -> None:
        self._version = version
        self._models = models
        self._probes = {part: probes[part] for part in PARTS}
        self._draining = False

    def drain(self) -> None:
        """From now on not ready, for a proxy to see; whoever comes all the same is served."""
        self._draining = True

    def report(self) -> HealthReport:
        """For probes and the command line."""
        parts = self._parts()
        ready = all(part.state is Health.OK for part in parts if part.name in ("journal", DRAINING.name))
        return HealthReport(ready=ready, version=self._version, parts=parts)

    def system(self) -> SystemState:
        """For consoles."""
        parts = self._parts()
        states = {part.name: part.state for part in parts if part is not DRAINING}
        messages = tuple(part.message for part in parts if part.state is Health.DEGRADED and part.message)
        return SystemState(messages=messages, models=self._models(), **states)

    def _parts(self) -> tuple[PartHealth, ...]:
        answers = {part: probe() for part, probe in self._probes.items()}
        parts = (PartHealth(name=name, state=state, message=words) for name, (state, words) in answers.items())
        return (*parts, DRAINING) if self._draining else tuple(parts)


def standing_by(version: str, probes: Mapping[str, Probe]) -> HealthReport:
    """The report of a server that stands by: whether it has all that it needs to take over."""
    answers = {name: probe() for name, probe in probes.items()}
    parts = tuple(PartHealth(name=name, state=state, message=words) for name, (state, words) in answers.items())
    well = all(part.state is not Health.DEGRADED for part in parts)
    state, words = (Health.OK, TAKES_OVER) if well else (Health.DEGRADED, UNFIT)
    return HealthReport(
        ready=False, version=version, parts=(*parts, PartHealth(name=STANDING_BY, state=state, message=words))
    )


def serves_its_purpose(report: HealthReport) -> bool:
    """Whether a server is ready for calls, or stands by and could take over."""
    return report.ready or any(part.name == STANDING_BY and part.state is Health.OK for part in report.parts)
