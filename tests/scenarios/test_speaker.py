"""Any command gives a voice to words that nobody has recorded, and one that cannot harms nothing."""

import sys
from pathlib import Path

import pytest

from scenarios.script import load_script
from scenarios.speaker import CommandSpeaker

pytestmark = pytest.mark.contract

SCRIPT = load_script("cardiac-arrest-bedroom")
SPEAKS = """
import sys, wave
text = sys.stdin.read()
with wave.open(sys.stdout.buffer, "wb") as out:
    out.setnchannels(1); out.setsampwidth(2); out.setframerate(16000)
    out.writeframes(b"\\x00\\x20" * 1600 * len(text.split()))
"""


def command(tmp_path: Path, program: str) -> str:
    file = tmp_path / "speak.py"
    file.write_text(program)
    return f"{sys.executable} {file}"


async def test_a_line_is_spoken_as_telephone_sound_of_its_length(tmp_path: Path) -> None:
    sound = await CommandSpeaker(command(tmp_path, SPEAKS)).sound("please hurry; rm -rf --help", SCRIPT)
    assert sound is not None
    assert len(sound) == pytest.approx(8000 * 0.1 * 5, abs=400)


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "print('no sound')", "import time; time.sleep(60)"])
async def test_a_command_that_cannot_speak_leaves_the_recorded_line(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scenarios.speaker.SPEAK_S", 1.0)
    assert await CommandSpeaker(command(tmp_path, program)).sound("hello", SCRIPT) is None


async def test_a_command_that_does_not_exist_leaves_the_recorded_line() -> None:
    assert await CommandSpeaker("no-such-command-anywhere").sound("hello", SCRIPT) is None
