"""A folder of recordings with what is said in them, and calls made of them.

The folder holds audio files and `reference.jsonl` or `transcripts.jsonl`, a row a recording:
`{id or file, text, lang?}` (without `file` the sound is `<id>.wav`). Whatever FFmpeg reads will do; it is turned into
mono telephone sound at 8 kHz.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE = 8000
PAUSE_S = 1.0
"""Silence between two recordings of a call."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One row of the folder."""

    id: str
    path: Path
    text: str
    lang: str
    sound: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class CallSound:
    """The recordings of one call, and their sound in a row."""

    recordings: tuple[Recording, ...]
    sound: NDArray[np.int16]

    @property
    def text(self) -> str:
        return " ".join(recording.text for recording in self.recordings)


def load(folder: Path) -> list[Recording]:
    """All English recordings of a folder; all there are when none is English. Raises ValueError when there are none."""
    rows = [_recording(folder, row) for row in _rows(folder)]
    english = [row for row in rows if row.lang in ("", "en")]
    if not rows:
        raise ValueError(f"{folder} holds no recordings")
    return english or rows


def calls(recordings: Sequence[Recording], count: int, seconds: float) -> list[CallSound]:
    """So many calls of at least that length, each another sequence, no recording twice in one; the same every time."""
    return [_call(recordings, random.Random(number), seconds) for number in range(count)]


def decode(path: Path, rate: int = RATE) -> NDArray[np.int16]:
    """A file's sound, mono."""
    resampler = av.AudioResampler("s16", "mono", rate)
    with av.open(str(path)) as container:
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _rows(folder: Path) -> list[dict[str, Any]]:
    for name in ("reference.jsonl", "transcripts.jsonl"):
        if (folder / name).is_file():
            return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines() if line.strip()]
    raise ValueError(f"{folder} holds neither reference.jsonl nor transcripts.jsonl")


def _recording(folder: Path, row: dict[str, Any]) -> Recording:
    path = folder / row.get("file", f"{row.get('id')}.wav")
    return Recording(str(row.get("id", path.stem)), path, row["text"], row.get("lang", ""), decode(path))


def _call(recordings: Sequence[Recording], chance: random.Random, seconds: float) -> CallSound:
    order = chance.sample(list(recordings), len(recordings))
    pause = np.zeros(int(PAUSE_S * RATE), np.int16)
    taken: list[Recording] = []
    length = 0.0
    for recording in order:
        if length >= seconds:
            break
        taken.append(recording)
        length += len(recording.sound) / RATE + PAUSE_S
    return CallSound(tuple(taken), np.concatenate([part for one in taken for part in (one.sound, pause)]))
