"""The journal on disk: bit-exact, and a crash in the middle of a record costs that record only."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.disk import GroupCommit
from dispatch.calls.errors import JournalDamaged
from dispatch.calls.journal import AudioJournal, JournalFrame, audio_path, cut_torn_end, header, read_journal, record
from dispatch.contract.audio import AudioFormat, Channel, Encoding
from tests.calls_on_disk import ANY_KEY

MULAW = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)

frames = st.lists(st.binary(min_size=1, max_size=400), max_size=20).map(
    lambda payloads: [JournalFrame(seq, seq * 160, audio) for seq, audio in enumerate(payloads)]
)


@pytest.fixture
async def disk() -> AsyncIterator[GroupCommit]:
    made = GroupCommit(asyncio.get_running_loop())
    yield made
    await made.close()


@pytest.mark.property
@given(frames, st.integers(min_value=0), st.binary(max_size=30))
def test_whatever_a_crash_leaves_at_the_end_all_whole_records_before_it_are_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[JournalFrame], cut: int, rubbish: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "caller.audio"
    records = [record(frame, ANY_KEY) for frame in written]
    whole = header(MULAW) + b"".join(records)
    kept = max(len(header(MULAW)), cut % (len(whole) + 1))
    path.write_bytes(whole[:kept] + (rubbish if kept == len(whole) else b""))
    journal = cut_torn_end(path, ANY_KEY)
    assert list(journal.frames) == written[: len(journal.frames)]
    lengths = [len(header(MULAW)) + sum(map(len, records[:count])) for count in range(len(records) + 1)]
    assert len(journal.frames) == max(count for count, length in enumerate(lengths) if length <= kept)
    assert path.stat().st_size == journal.whole_bytes


@pytest.mark.unit
async def test_frames_come_back_bit_by_bit_with_the_format_they_were_sent_in(tmp_path: Path, disk: GroupCommit) -> None:
    journal = AudioJournal(disk, tmp_path, Channel.CALLER, MULAW, ANY_KEY)
    sent = [JournalFrame(seq, seq * 160, bytes([seq]) * 160) for seq in range(50)]
    for frame in sent:
        assert journal.append(frame, lambda: None)
    await disk.flushed()
    read = read_journal(audio_path(tmp_path, Channel.CALLER), ANY_KEY)
    assert read.format == MULAW
    assert list(read.frames) == sent


@pytest.mark.unit
async def test_a_frame_is_reported_safe_only_after_its_bytes_are_in_the_file(tmp_path: Path, disk: GroupCommit) -> None:
    path = audio_path(tmp_path, Channel.CALLER)
    seen: list[int] = []
    journal = AudioJournal(disk, tmp_path, Channel.CALLER, MULAW, ANY_KEY)
    for seq in range(20):
        frame = JournalFrame(seq, seq * 160, b"x" * 160)
        journal.append(frame, lambda seq=seq: seen.append(len(read_journal(path, ANY_KEY).frames) - seq))
    await disk.flushed()
    assert len(seen) == 20
    assert min(seen) >= 1


@pytest.mark.unit
async def test_a_disk_that_refuses_keeps_what_was_taken_and_writes_it_when_it_works_again(
    tmp_path: Path, disk: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.calls.disk.RETRY_S", 0.01)
    blocker = tmp_path / "call"
    blocker.write_text("a file where the folder should be")
    done = asyncio.Event()
    assert disk.append(blocker / "caller.audio", b"sound", done.set)
    while disk.failing_since is None:  # noqa: ASYNC110 - the disk's thread sets it
        await asyncio.sleep(0.005)
    assert not done.is_set()
    blocker.unlink()
    await done.wait()
    assert (blocker / "caller.audio").read_bytes() == b"sound"
    await disk.flushed()
    assert disk.failing_since is None


@pytest.mark.unit
async def test_more_than_the_bound_is_refused_at_once_and_the_log_is_taken_all_the_same(
    tmp_path: Path, disk: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.calls.disk.MAX_PENDING_BYTES", 10)
    assert not disk.append(tmp_path / "sound", b"x" * 11, lambda: None)
    assert disk.append(tmp_path / "log", b"x" * 11, lambda: None, always=True)


@pytest.mark.unit
def test_a_file_that_is_not_a_journal_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "caller.audio"
    path.write_bytes(b'{"magic": "something else"}\n')
    with pytest.raises(JournalDamaged):
        read_journal(path, ANY_KEY)
