"""What a restart finds on disk: calls that were open, with their logs and their sound.

In: the calls' folder. Out: `RecoveredCall`s, and their paths made ready so that the recogniser goes on where its last
final ended. Invariant: every acknowledged sample and entry is found again; a torn end was never acknowledged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from dispatch.contract.audio import AudioFormat, Channel
from dispatch.contract.base import CallId, UtteranceId
from dispatch.contract.timeline import (
    CallStarted,
    ChannelOpened,
    LanguageSet,
    SpeechFinal,
    SpeechRevised,
    SpeechStable,
    TimelineEntry,
)
from dispatch.contract.transcript import Utterance
from dispatch.storage import DataKey, KeyGone, TenantKeys

from .call_key import read_call_key
from .errors import JournalDamaged
from .ingest import FrameOrder
from .journal import JournalFile, JournalFrame, audio_path, cut_torn_end
from .pipeline import CallPath, samples_in
from .shipper import MARKER
from .timeline import LOG_NAME, take_up_log

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RecoveredCall:
    """One call as the disk has it."""

    call_id: CallId
    entries: tuple[TimelineEntry, ...]
    resume_hash: str
    sound: dict[Channel, JournalFile]
    key: DataKey

    @property
    def started(self) -> CallStarted:
        body = self.entries[0].body
        assert isinstance(body, CallStarted), "a timeline begins with call.started"
        return body


def find_calls(root: Path, keys: TenantKeys) -> Iterator[RecoveredCall]:
    """All calls of a node that are not closed and in the database whole, oldest first."""
    folders = [folder for folder in root.iterdir() if folder.is_dir() and not (folder / MARKER).exists()]
    found = [call for folder in folders if (call := _read_call(folder, keys))]
    yield from sorted(found, key=lambda call: call.entries[0].at)


def _read_call(folder: Path, keys: TenantKeys) -> RecoveredCall | None:
    log = folder / LOG_NAME
    if not log.exists():
        return None
    try:
        key = read_call_key(folder, keys)
    except KeyGone as error:
        _log.error("call cannot be taken up: its key is gone", call_id=folder.name, code=error.code)
        return None
    entries = tuple(take_up_log(folder, key))
    if not entries:
        return None
    resume = folder / "resume"
    sound = {channel: journal for channel in Channel if (journal := _read_sound(folder, channel, key))}
    return RecoveredCall(CallId(folder.name), entries, resume.read_text() if resume.exists() else "", sound, key)


def _read_sound(folder: Path, channel: Channel, key: DataKey) -> JournalFile | None:
    path = audio_path(folder, channel)
    if not path.exists():
        return None
    try:
        return cut_torn_end(path, key)
    except (JournalDamaged, KeyGone):
        _log.error("journal damaged; set aside", call_id=folder.name, channel=channel.value)
        path.rename(path.with_suffix(".damaged"))
        return None


def resume_path(path: CallPath, found: RecoveredCall) -> None:
    """Opens the channels again where they stood and gives the recogniser the sound whose words are not final yet."""
    for channel, opened_s, audio_format in _opened(found.entries):
        utterances = _finals(found.entries, channel)
        heard_until_s = max((u.end_s for u in utterances.values()), default=opened_s) - opened_s
        heard_until = int(heard_until_s * audio_format.sample_rate)
        journal = found.sound.get(channel)
        path.open_channel(
            channel,
            audio_format,
            language=language_of(found) if channel is Channel.CALLER else None,
            order=order_of(journal),
            opened_s=opened_s,
            first_utterance=len(_ids(found.entries, channel)) + 1,
            start_sample=heard_until,
        )
        for utterance_id in _ids(found.entries, channel) - utterances.keys():
            path.drop_unfinished(channel, utterance_id)
        if journal:
            path.feed_again(channel, [frame for frame in journal.frames if _ends(journal, frame) > heard_until])


def language_of(found: RecoveredCall) -> str | None:
    """What an operator set last, else what the caller's device said."""
    said = [entry.body.language for entry in found.entries if isinstance(entry.body, LanguageSet)]
    return said[-1] if said else found.started.language


def order_of(journal: JournalFile | None) -> FrameOrder:
    """Where a channel's numbering stands after its last whole record."""
    if journal is None or not journal.frames:
        return FrameOrder()
    last = journal.frames[-1]
    return FrameOrder(last.seq + 1, _ends(journal, last))


def _ends(journal: JournalFile, frame: JournalFrame) -> int:
    """Number of the sample behind a frame's last one."""
    return frame.offset + samples_in(journal.format, frame.audio)


def _opened(entries: tuple[TimelineEntry, ...]) -> list[tuple[Channel, float, AudioFormat]]:
    return [
        (entry.body.channel, entry.call_s, entry.body.format)
        for entry in entries
        if isinstance(entry.body, ChannelOpened)
    ]


def _finals(entries: tuple[TimelineEntry, ...], channel: Channel) -> dict[UtteranceId, Utterance]:
    finals: dict[UtteranceId, Utterance] = {}
    for entry in entries:
        if isinstance(entry.body, SpeechFinal) and entry.body.utterance.channel is channel:
            finals[entry.body.utterance.utterance_id] = entry.body.utterance
        if isinstance(entry.body, SpeechRevised):
            finals |= {u.utterance_id: u for u in entry.body.utterances if u.channel is channel}
    return finals


def _ids(entries: tuple[TimelineEntry, ...], channel: Channel) -> set[UtteranceId]:
    stable = {e.body.utterance_id for e in entries if isinstance(e.body, SpeechStable) and e.body.channel is channel}
    return stable | set(_finals(entries, channel))
