"""After a crash: whatever the disk kept of a call is taken up, and adds up to the card that operators saw."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.calls.actions import case_from
from dispatch.calls.call_key import KEY_FILE, new_call_key
from dispatch.calls.disk import GroupCommit
from dispatch.calls.journal import AudioJournal, JournalFrame, audio_path, header, read_journal, record
from dispatch.calls.pipeline import CallPath, PathParts
from dispatch.calls.recovery import find_calls, order_of
from dispatch.calls.shipper import MARKER
from dispatch.calls.timeline import LOG_NAME, Timeline, line_of, take_up_log
from dispatch.contract.audio import AudioFormat, Channel, Encoding
from dispatch.contract.base import CallId, CentreId, IncidentId
from dispatch.contract.card import FieldName
from dispatch.contract.timeline import (
    Actor,
    ActorKind,
    CallAnswered,
    CallStarted,
    CategoryOverridden,
    FieldAccepted,
    FieldEdited,
    NoteAdded,
    QuestionAsked,
    ScriptChosen,
    StepDone,
    TimelineBody,
    TimelineEntry,
)
from dispatch.observability.clock import SystemClock
from dispatch.storage import TenantKeys
from dispatch.triage import card_of
from transcription import FinalHeard, Revised, StableHeard, TranscriptEvent, Utterance, Word

MULAW = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)
STARTED = CallStarted(
    centre_id=CentreId("centre-1"), incident_id=IncidentId("inc-1"), entry="web", format=MULAW, phone="555 0142"
)
OPERATOR = Actor(kind=ActorKind.OPERATOR, person_id=None)
KEYS = TenantKeys(Path(tempfile.mkdtemp(prefix="kiwimesh-test-keys-")) / "tenants.json")
KEY, KEPT_KEY = new_call_key(KEYS, "centre-1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


# --- what the disk kept


def line(seq: int, body: TimelineBody) -> bytes:
    entry = TimelineEntry(
        call_id=CallId("call-1"), seq=seq, at=NOW + timedelta(seconds=seq), call_s=seq, actor=OPERATOR, body=body
    )
    return line_of(entry, KEY)


FRAMES = [JournalFrame(seq, seq * 160, bytes([seq + 1]) * 160) for seq in range(30)]
LOG = [line(1, STARTED), *(line(seq, NoteAdded(text=f"note {seq} ✓")) for seq in range(2, 20))]
SOUND = [header(MULAW), *(record(frame, KEY) for frame in FRAMES)]


def whole_parts(parts: list[bytes], kept: int) -> int:
    """How many parts a file of `kept` bytes holds to their ends."""
    return next((n for n in range(len(parts) + 1) if sum(map(len, parts[: n + 1])) > kept), len(parts))


def cut_folder(root: Path, log_kept: int, sound_kept: int, rubbish: bytes = b"") -> Path:
    folder = root / "call-1"
    folder.mkdir()
    (folder / "resume").write_text("0" * 64)
    (folder / KEY_FILE).write_bytes(KEPT_KEY)
    (folder / LOG_NAME).write_bytes(b"".join(LOG)[:log_kept] + rubbish)
    audio_path(folder, Channel.CALLER).write_bytes(b"".join(SOUND)[:sound_kept] + rubbish)
    return folder


torn_ends = st.one_of(st.just(b""), st.integers(1, 300).map(bytes), st.binary(max_size=40).map(lambda b: b"\xff" + b))
"""Nothing, blocks of zeros, or anything else that does not happen to be what is missing."""


@pytest.mark.property
@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(b"".join(LOG))), st.integers(0, len(b"".join(SOUND))), torn_ends)
def test_a_folder_that_a_crash_cut_anywhere_gives_back_every_whole_line_and_frame_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, log_kept: int, sound_kept: int, rubbish: bytes
) -> None:
    root = tmp_path_factory.mktemp("calls")
    folder = cut_folder(root, log_kept, sound_kept, rubbish)
    found = list(find_calls(root, KEYS))
    lines, frames = whole_parts(LOG, log_kept), max(0, whole_parts(SOUND, sound_kept) - 1)
    if lines == 0:
        assert found == []
        return
    assert [entry.seq for entry in found[0].entries] == list(range(1, lines + 1))
    journal = found[0].sound.get(Channel.CALLER)
    assert list(journal.frames if journal else ()) == FRAMES[:frames]
    assert order_of(journal).next_seq == frames
    assert b"".join(LOG[:lines]) == (folder / LOG_NAME).read_bytes()


@pytest.mark.unit
@pytest.mark.parametrize("lost", [0, 1, 40])
async def test_a_call_goes_on_behind_the_cut_as_if_there_had_been_none(tmp_path: Path, lost: int) -> None:
    folder = cut_folder(tmp_path, len(b"".join(LOG)) - lost, len(b"".join(SOUND)) - lost)
    (found,) = find_calls(tmp_path, KEYS)
    disk = GroupCommit(asyncio.get_running_loop())
    timeline = Timeline(CallId("call-1"), folder, disk, SystemClock(), lambda _: None, KEY, found.entries)
    entry = timeline.append(NoteAdded(text="after the crash"))
    order = order_of(found.sound[Channel.CALLER])
    frame = JournalFrame(order.next_seq, order.next_offset, b"new" * 50)
    AudioJournal(disk, folder, Channel.CALLER, MULAW, KEY).append(frame, lambda: None)
    await disk.close()
    assert take_up_log(folder, KEY) == [*found.entries, entry]
    journal = read_journal(audio_path(folder, Channel.CALLER), KEY)
    assert list(journal.frames) == [*FRAMES[: order.next_seq], frame]


@pytest.mark.unit
def test_a_line_that_cannot_be_read_costs_what_follows_it_and_no_other_call_and_not_the_start(tmp_path: Path) -> None:
    broken = cut_folder(tmp_path, 0, len(b"".join(SOUND)))
    (broken / LOG_NAME).write_bytes(b"".join([*LOG[:5], bytes(200) + b"\n", *LOG[6:]]))
    other = tmp_path / "call-2"
    other.mkdir()
    (other / KEY_FILE).write_bytes(KEPT_KEY)
    (other / LOG_NAME).write_bytes(b"".join(LOG))
    found = {call.call_id: len(call.entries) for call in find_calls(tmp_path, KEYS)}
    assert found == {"call-1": 5, "call-2": len(LOG)}
    assert len(list(broken.glob(f"{LOG_NAME}.damaged*"))) == 1


@pytest.mark.unit
def test_a_call_that_is_in_the_database_whole_is_not_taken_up_again(tmp_path: Path) -> None:
    folder = cut_folder(tmp_path, len(b"".join(LOG)), len(b"".join(SOUND)))
    (folder / MARKER).touch()
    assert list(find_calls(tmp_path, KEYS)) == []


# --- what the log adds up to


class DiskInMemory:
    """Takes everything, at once."""

    def append(self, path: Path, data: bytes, on_durable: Callable[[], None], *, always: bool = False) -> bool:
        on_durable()
        return True


class EarOnly:
    """A recogniser that hears what the test says."""

    on_event: Callable[[TranscriptEvent], None]

    def open(self, stream_id: str, form: object, *, on_event: Callable[[TranscriptEvent], None], **more: object) -> Any:
        self.on_event = on_event
        return self

    def set_importance(self, importance: object) -> None:
        """Nothing depends on it here."""


class NoTasks:
    """Models are not asked here."""

    def start(self, name: str, work: Any, *, subject: str = "") -> None:
        work.close()


@dataclass
class SetClock:
    """A clock that a test sets."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


@dataclass
class LivePath:
    """The data path of a call with its log, all around it in memory."""

    clock: SetClock = field(default_factory=SetClock)
    ear: EarOnly = field(default_factory=EarOnly)

    def __post_init__(self) -> None:
        disk, clock = cast(GroupCommit, DiskInMemory()), cast(SystemClock, self.clock)
        self.timeline = Timeline(CallId("call-1"), Path("nowhere"), disk, clock, lambda _: None, KEY)
        parts = PathParts(disk, KEYS, cast(Any, self.ear), cast(Any, None), clock, cast(Any, NoTasks()))
        self.timeline.append(STARTED)
        self.path = CallPath(
            CallId("call-1"), "centre-1", self.timeline, Path("nowhere"), case_from(self.timeline.entries), parts,
            KEY, on_partial=lambda _: None,
        )  # fmt: skip
        self.path.open_channel(Channel.CALLER, MULAW)
        self.path.show_card()

    def take(self, step: "Step") -> None:
        self.clock.seconds += step.later_s
        if isinstance(step.what, TranscriptEvent):
            self.ear.on_event(step.what)
            return
        self.path.decide(self.timeline.append(step.what, OPERATOR))


@dataclass(frozen=True)
class Step:
    """One thing that happens in a call, so many seconds after the one before."""

    later_s: float
    what: Any


SAID = (
    "he is not breathing", "she is awake and breathing normally", "no chest pain", "terrible chest pain", "yes", "no",
    "blood everywhere", "he is fifty eight", "twenty seven park road", "I took too many tablets", "he just collapsed",
    "the house is on fire", "my number is five five five zero one four two", "she is having a fit", "",
)  # fmt: skip
utterances = st.integers(1, 4).map(lambda number: f"u-{number}")


def words_of(text: str) -> tuple[Word, ...]:
    return tuple(Word(word, n * 8000, n * 8000 + 4000, 0.9) for n, word in enumerate(text.split()))


spoken = st.sampled_from(SAID).map(words_of)
heard = st.builds(
    lambda uid, words: Utterance(uid, words, " ".join(w.text for w in words), "en", 0, 8000 * len(words)),
    utterances, spoken,
)  # fmt: skip


def few(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=2).map(tuple)


happenings = st.one_of(
    st.builds(StableHeard, st.just("s"), utterances, spoken),
    heard.map(lambda u: FinalHeard("s", u.utterance_id, u.words, u.text, u.language, u.start, u.end)),
    st.builds(
        Revised, st.just("s"), st.lists(utterances, max_size=2).map(tuple), st.lists(heard, max_size=2).map(tuple)
    ),
    st.just(CallAnswered(waited_s=1)),
    st.builds(FieldAccepted, name=st.sampled_from(FieldName)),
    st.builds(
        FieldEdited, name=st.sampled_from(FieldName), value=st.sampled_from(["yes", "no", "absent", "4", "Elm Rd"])
    ),
    st.builds(CategoryOverridden, before=st.none(), after=st.integers(1, 5), reason=st.just("a reason")),
    st.builds(
        QuestionAsked, code=st.sampled_from(["breathing", "conscious"]), answer=st.sampled_from(["yes", "no", None])
    ),
    st.builds(ScriptChosen, script_id=st.sampled_from(["cpr_adult", "bleeding"])),
    st.builds(StepDone, script_id=st.just("cpr_adult"), step_id=st.sampled_from(["1", "2"])),
)
steps = st.lists(st.builds(Step, st.floats(0, 30), happenings), max_size=14)


@pytest.mark.property
@settings(max_examples=120, deadline=None)
@given(steps)
def test_the_case_that_a_log_adds_up_to_shows_the_very_card_that_operators_saw(happened: list[Step]) -> None:
    live = LivePath()
    for step in happened:
        live.take(step)
    kept = [TimelineEntry.model_validate_json(entry.model_dump_json()) for entry in live.timeline.entries]
    again = card_of(case_from(kept), version=live.path.card.version, call_s=kept[-1].call_s)
    assert again == card_of(live.path.case, version=live.path.card.version, call_s=kept[-1].call_s)
    assert again.category == live.path.card.category
