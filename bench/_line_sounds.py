"""What is on a telephone line while nobody speaks, as float sound at 16 kHz in [-1, 1], band-limited to the line.

Any length, the same every time. Levels are those of a loud line: what is softer is no harder.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

RATE: Final = 16000
Sound = NDArray[np.float64]


def silence(time: Sound) -> Sound:
    """Nothing at all."""
    return np.zeros(len(time))


def ring_tone(time: Sound) -> Sound:
    """440 and 480 Hz, two seconds of six (the tone of North American networks, ITU-T E.180)."""
    return 0.2 * (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) * (time % 6 < 2)


def hold_music(time: Sound) -> Sound:
    """Three voices that climb a scale twice a second, each note struck and dying away."""
    step = 2 ** (np.floor(time * 2) % 7 / 12)
    chord = sum(np.sin(2 * np.pi * pitch * step * time) for pitch in (330, 440, 660))
    return 0.12 * chord * np.exp(-3 * (time % 0.5))


def line_noise(time: Sound) -> Sound:
    """White noise at -34 dBFS with mains hum below it."""
    return np.random.default_rng(1).normal(0, 0.02, len(time)) + 0.01 * np.sin(2 * np.pi * 150 * time)


def road(time: Sound) -> Sound:
    """Rumble: noise whose power falls with frequency."""
    hiss = np.cumsum(np.random.default_rng(2).normal(0, 1, len(time)))
    hiss -= np.convolve(hiss, np.ones(200) / 200, "same")
    return 0.1 * hiss / max(float(np.abs(hiss).max()), 1e-9)


def speech_like(time: Sound) -> Sound:
    """Noise with the long-term spectrum of speech (falling 6 dB an octave from 500 Hz) in syllables, four a second."""
    chance = np.random.default_rng(3)
    spectrum = np.fft.rfft(chance.normal(0, 1, len(time)))
    hertz = np.fft.rfftfreq(len(time), 1 / RATE)
    shaped = np.fft.irfft(spectrum / np.maximum(1.0, hertz / 500), len(time))
    beats = np.arange(0, time[-1] + 1, 0.125)
    syllables = np.interp(time, beats, chance.uniform(0, 1, len(beats)))
    return 0.1 * shaped / max(float(np.abs(shaped).std()) * 4, 1e-9) * syllables


KINDS: Final[dict[str, Callable[[Sound], Sound]]] = {
    "silence": silence,
    "ring tone": ring_tone,
    "hold music": hold_music,
    "line noise": line_noise,
    "road": road,
    "speech-like noise": speech_like,
}


def on_the_line(kind: str, seconds: float) -> NDArray[np.float32]:
    """So many seconds of it, as a telephone line brings it."""
    sound = np.clip(KINDS[kind](np.arange(int(seconds * RATE)) / RATE), -1.0, 1.0)
    narrow = soxr.resample(soxr.resample(sound, RATE, 8000), 8000, RATE)
    heard: NDArray[np.float32] = np.clip(narrow, -1.0, 1.0).astype(np.float32)
    return heard
