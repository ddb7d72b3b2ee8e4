"""Make noisy telephone recordings out of clean clips and background noises.

Every clip is brought to one loudness, mixed with a stretch of noise at the stated signal-to-noise ratio, band-passed to
300-3400 Hz, taken down to 8 kHz, and put through mu-law and back. CLIPS holds audio and transcripts.jsonl or
reference.jsonl; NOISES holds audio. OUT gets WAV files and reference.jsonl. The same input gives the same output.
"""

import json
import random
import wave
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from ._recordings import RATE, decode, load

BAND_HZ = (300.0, 3400.0)
LEVEL = 0.08
"""Root mean square of the clip, of 1.0: about -22 dBFS, the loudness of a telephone line."""
_MU = 255.0


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    folder = click.Path(path_type=Path, file_okay=False)
    return [
        click.Argument(["clips"], type=folder),
        click.Argument(["noises"], type=folder),
        click.Argument(["out"], type=folder),
        click.Option(["--also"], type=folder, multiple=True, help="More clips; bench/_spoken.py speaks some."),
        click.Option(
            ["--snr"], type=float, multiple=True, default=(10.0,), show_default=True, help="dB; taken in turn."
        ),
    ]


def run(clips: Path, noises: Path, out: Path, also: tuple[Path, ...], snr: tuple[float, ...]) -> dict[str, object]:
    """Write the folder; says how many recordings and seconds it holds."""
    out.mkdir(parents=True, exist_ok=True)
    noise_files = sorted(path for path in noises.iterdir() if path.suffix in (".wav", ".flac"))
    rows, seconds = [], 0.0
    for number, recording in enumerate(one for folder in (clips, *also) for one in load(folder)):
        chance = random.Random(recording.path.name)
        ratio = snr[number % len(snr)]
        noise = decode(chance.choice(noise_files)).astype(np.float64)
        line = telephone(mixed(recording.sound.astype(np.float64), noise, ratio, chance))
        _write(out / f"{recording.path.stem}.wav", line)
        rows.append({"id": recording.path.stem, "text": recording.text, "lang": "en", "snr_db": ratio})
        seconds += len(line) / RATE
    (out / "reference.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return {"recordings": len(rows), "seconds": round(seconds, 1)}


def mixed(
    clip: NDArray[np.float64], noise: NDArray[np.float64], snr_db: float, chance: random.Random
) -> NDArray[np.float64]:
    """The clip at the usual loudness with noise below it, in [-1, 1]."""
    start = chance.randrange(len(noise))
    stretch = np.resize(np.roll(noise, -start), len(clip))
    voice = clip * (LEVEL / max(_rms(clip), 1e-9))
    stretch = stretch * (LEVEL / 10 ** (snr_db / 20) / max(_rms(stretch), 1e-9))
    return np.clip(voice + stretch, -1.0, 1.0)


def telephone(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    """The band of a telephone line, through mu-law and back."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < BAND_HZ[0]) | (hertz > BAND_HZ[1])] = 0
    line = np.clip(np.fft.irfft(spectrum, len(sound)), -1.0, 1.0)
    coded = np.round(np.sign(line) * np.log1p(_MU * np.abs(line)) / np.log1p(_MU) * 127) / 127
    heard = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(_MU)) / _MU
    samples: NDArray[np.int16] = (heard * 32767).astype(np.int16)
    return samples


def _rms(sound: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))


def _write(path: Path, sound: NDArray[np.int16]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
