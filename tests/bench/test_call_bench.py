"""`kiwimesh bench call`: its figures are those of the calls that it played."""

import json
import wave
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench import call
from bench._recordings import load
from bench._server import Use, late_at_most
from bench.call import _Call, _measure
from dispatch.bootstrap import Node
from dispatch.contract.audio import AudioAck, AudioFormat, Channel, Encoding
from dispatch.identity import Role
from dispatch.sound_files import SoundFile


@dataclass
class RunningServer:
    """A server of the test's own process in the place of a child."""

    node: Node
    readings: int = 0

    @property
    def url(self) -> str:
        return self.node.url

    def login(self, name: str) -> tuple[str, str]:
        assert self.node.demo_world is not None
        login = self.node.demo_world.login(Role(name))
        return login.email, login.password

    def use(self) -> Use:
        self.readings += 1
        return Use(at_s=float(self.readings), cpu_s=self.readings * 0.5, memory_bytes=50 * 2**20)

    def loop_lag(self) -> dict[float, float]:
        return {0.01: 99.0 * self.readings, 0.1: 100.0 * self.readings}


def recording(folder: Path, name: str, seconds: float) -> dict[str, str]:
    """A voice for all but the last second, as the scripted detector takes it, and its row."""
    loud = b"\x00\x20" * int(8000 * (seconds - 1))
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(loud + bytes(16000))
    return {"id": name, "text": "my husband collapsed"}


@pytest.mark.integration
async def test_every_recording_is_a_call_and_each_word_and_frame_of_it_is_measured(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(call, "SPREAD_S", 0.1)
    rows = [recording(tmp_path, name, 3.0) for name in ("first", "second")]
    (tmp_path / "reference.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    figures = await _measure(RunningServer(node), load(tmp_path), 3)  # type: ignore[arg-type]
    assert (figures["calls"], figures["played"], figures["seconds"], figures["lost_samples"]) == (3, 3, 9.0, 0)
    played = figures["categories"]
    assert isinstance(played, list)
    assert sorted(one["id"] for one in played) == ["first", "first", "second"]
    assert (figures["cpu_cores"], figures["rss_mb"], figures["event_loop_lag_p99_s"]) == (0.5, 50.0, 0.01)
    assert isinstance(figures["words"], int)
    assert figures["words"] >= 9
    for name in ("stable_p50_s", "stable_p95_s", "final_p95_s", "ack_p99_s"):
        late = figures[name]
        assert isinstance(late, float), name
        assert 0 <= late < 20, name
    assert json.loads(json.dumps(figures)) == figures
    assert "call 3/3" in capsys.readouterr().err
    assert not [live for live in node.switchboard.calls.values() if live.open]


@pytest.mark.unit
def test_a_frame_is_late_by_what_its_acknowledgement_comes_after_its_last_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played = _Call("x", SoundFile(AudioFormat(encoding=Encoding.MULAW, sample_rate=8000), bytes(8000)), began=100.0)
    for at, next_offset in ((100.5, 480), (100.5, 480), (101.0, 500)):
        monkeypatch.setattr("bench.call.time.monotonic", lambda at=at: at)
        played.on_ack(AudioAck(channel=Channel.CALLER, next_seq=1, next_offset=next_offset))
    assert played.ack_latencies == pytest.approx([0.48, 0.46, 0.44, 1.0 - 500 / 8000])


@pytest.mark.unit
def test_lateness_is_read_from_what_was_observed_in_between() -> None:
    before = {0.01: 10.0, 0.1: 10.0, float("inf"): 10.0}
    assert late_at_most(before, {0.01: 108.0, 0.1: 110.0, float("inf"): 110.0}, 0.99) == 0.1
    assert late_at_most(before, {0.01: 109.0, 0.1: 110.0, float("inf"): 110.0}, 0.99) == 0.01
    assert late_at_most(before, before, 0.99) is None
