"""A voice for words that nobody has recorded: any command that reads text and writes a WAV.

In: a line, on the command's standard input. Out: mu-law at 8 kHz, as every line of a caller. Invariants: a command that
fails, takes too long or writes no sound costs nothing but itself: the recorded line is played; the line is never part
of the command, so that no word in it is taken for an option or for another command.
"""

import asyncio
import contextlib
import shlex
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from dispatch.contract.audio import AudioFormat, Encoding
from dispatch.sound_files import UnreadableSoundError, read_sound

from .recording.telephone import mulaw
from .script import Script

PCM: Final = AudioFormat(encoding=Encoding.PCM16, sample_rate=8000)
FULL_SCALE: Final = 32768.0
SPEAK_S: Final = 8.0
"""A caller who takes longer to find words has hung up, as far as an exercise goes."""


class CommandSpeaker:
    """Speaks by a command, such as `piper -m voice.onnx -f -`."""

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)

    async def sound(self, text: str, script: Script) -> bytes | None:
        """The line as sound; None where the command gives none in time."""
        del script
        with contextlib.suppress(OSError, TimeoutError, UnreadableSoundError):
            return await self._spoken(text)
        return None

    async def _spoken(self, text: str) -> bytes:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(SPEAK_S):
                wav, _ = await process.communicate(text.encode() + b"\n")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return await asyncio.to_thread(_telephone, wav)


def _telephone(wav: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        path.write_bytes(wav)
        pcm = read_sound(path, as_format=PCM).payload
    return mulaw(np.frombuffer(pcm, dtype="<i2").astype(np.float64) / FULL_SCALE)
