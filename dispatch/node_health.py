"""How each part of a server that takes calls is, in words for operators. Cheap, without I/O but a look at the disk.

In: the parts. Out: a probe for each of them, by the names of `observability.health.PARTS`.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from dispatch.calls.disk import GroupCommit
from dispatch.calls.shipper import Shipper
from dispatch.contract.console import Health
from dispatch.observability.health import Probe
from dispatch.settings import Settings
from dispatch.storage.canary import BrokerCanary
from transcription import EngineState, TranscriptionService


def probes_of(
    settings: Settings, disk: GroupCommit, calls: Path, shipper: Shipper, canary: BrokerCanary,
    transcription: TranscriptionService, router: Probe,
) -> Mapping[str, Probe]:  # fmt: skip
    """A probe for each part."""
    return {
        "journal": lambda: journal_health(disk, calls, settings.journal_min_free_bytes),
        "database": lambda: database_health(shipper),
        "broker": lambda: broker_health(canary),
        "transcription": lambda: transcription_health(transcription),
        "router": router,
    }


def journal_health(disk: GroupCommit, calls: Path, wanted_bytes: int) -> tuple[Health, str]:
    """Whether callers' sound is kept."""
    if disk.failing_since is not None:
        return Health.DEGRADED, "The disk refuses to write: sound is relayed but not kept. Make room at once."
    if shutil.disk_usage(calls).free < wanted_bytes:
        return Health.DEGRADED, "The disk is almost full; old recordings are being deleted."
    return Health.OK, ""


def database_health(shipper: Shipper) -> tuple[Health, str]:
    """Whether calls' logs get into the database."""
    if shipper.away:
        return Health.DEGRADED, "The database is away. Calls go on; what happens is kept on disk until it is back."
    return Health.OK, ""


def broker_health(canary: BrokerCanary) -> tuple[Health, str]:
    """Whether hints travel."""
    if not canary.needed:
        return Health.OFF, ""
    return (Health.OK, "") if canary.alive else (Health.DEGRADED, "The broker does not answer.")


def transcription_health(transcription: TranscriptionService) -> tuple[Health, str]:
    """Whether words are heard."""
    if transcription.status().engine is EngineState.UP:
        return Health.OK, ""
    return Health.DEGRADED, "The speech engine is starting; transcripts come late, the sound is untouched."
