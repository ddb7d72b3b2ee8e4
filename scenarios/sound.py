"""The recorded lines of a script, as they are sent: mu-law at 8 kHz.

In: `library/sound/<id>.wav` and its index. Out: the bytes of each line and of the noise between lines. Invariants: a
script whose text has changed since it was recorded is refused, so that nobody hears other words than they read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from dispatch.contract.audio import AudioFormat, Encoding
from dispatch.sound_files import read_sound

from .recording.heard import text_hash
from .script import LIBRARY, Script, ScriptError

SOUND: Final = LIBRARY / "sound"
FORMAT: Final = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)
EXERCISE: Final = "exercise"
"""The recording that opens every training call."""


@dataclass(frozen=True)
class Line:
    """A line's samples, and where its words end within them."""

    samples: bytes = field(repr=False)
    words_end_s: float


@dataclass(frozen=True)
class Voice:
    """Everything that a script's caller can be heard saying."""

    lines: Mapping[str, Line]
    bed: bytes = field(repr=False)
    """The caller's background noise, to be repeated."""


def voice_of(script: Script) -> Voice:
    """The recordings of a script. Raises ScriptError where they are missing or out of date."""
    index = _index(script.id)
    missing = [turn.id for turn in script.turns if turn.id not in index["lines"]]
    if missing or index["text_hash"] != heard_hash(script):
        raise ScriptError(
            f"{script.id}: the recording is not of this text; record it anew (docs/scenarios.md, Recordings)"
        )
    return _voice(script.id)


def heard_hash(script: Script) -> str:
    """Of the script's text and voices, as the recording command has it."""
    content = script.model_dump()
    return text_hash(content["persona"], content["turns"])


def announcement() -> Line:
    """ "Exercise", three times."""
    return _voice(EXERCISE).lines[EXERCISE]


@lru_cache(maxsize=64)
def _voice(script_id: str) -> Voice:
    index = _index(script_id)
    sound = read_sound(SOUND / f"{script_id}.wav").payload
    rate = FORMAT.sample_rate
    lines = {
        turn_id: Line(
            sound[round(place["start_s"] * rate) : round(place["end_s"] * rate)],
            place["end_s"] - place["start_s"] - index["gap_s"],
        )
        for turn_id, place in index["lines"].items()
    }
    return Voice(lines, sound[: round(index["bed_s"] * rate)])


@lru_cache(maxsize=64)
def _index(script_id: str) -> dict[str, Any]:
    path = SOUND / f"{script_id}.json"
    if not path.exists():
        raise ScriptError(f"{script_id}: has no recording; docs/scenarios.md, Recordings, says how it is made")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def mulaw_to_pcm(payload: bytes) -> bytes:
    """16-bit little-endian samples of mu-law bytes (ITU-T G.711)."""
    return b"".join(_PCM[code] for code in payload)


def pcm_to_mulaw(samples: Iterable[int]) -> bytes:
    """Mu-law bytes of 16-bit samples (ITU-T G.711)."""
    table = _mulaw_table()
    return bytes(table[sample] for sample in samples)


@lru_cache(maxsize=1)
def _mulaw_table() -> list[int]:
    """Codes of the samples from 0 on; those below 0 are found from the end, as a list is indexed."""
    return [_encoded(sample) for sample in (*range(32768), *range(-32768, 0))]


def _encoded(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    level = min(abs(sample), 32635) + 132
    exponent = level.bit_length() - 8
    return ~(sign | exponent << 4 | (level >> exponent + 3) & 15) & 0xFF


def _decoded(code: int) -> bytes:
    inverted = ~code & 0xFF
    level = (((inverted & 15) << 3) + 132 << (inverted >> 4 & 7)) - 132
    return (-level if inverted & 0x80 else level).to_bytes(2, "little", signed=True)


_PCM: Final = tuple(_decoded(code) for code in range(256))
