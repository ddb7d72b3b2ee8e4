"""Speaks the scripts of this folder into recordings of the library: two 8 kHz mu-law files a call, on one clock.

In: `scripts/*.yaml`. Out: for each `<id>.yaml`, `<id>.caller.wav` and `<id>.operator.wav` in the output folder, and one
`reference.jsonl` over all. Invariants: both files of a call are equally long; the times in the YAML are measured on the
sound, not planned; each take differs a little, since the voice draws at random.

It runs in the recording environment (docs/scenarios.md) and imports nothing of ours outside this folder:

    piper-venv/bin/python -m scenarios.recording.make_recordings scenarios/library
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from .telephone import RATE, Sound, mulaw, room_noise, wav
from .voices import Voice, speak

OPERATOR_VOICE = Voice(pitch_cents=-200, tempo=0.86)
OPERATOR_SNR_DB = 35.0
END_S = 1.0
"""Room noise after the last word."""


def spoken_turns(script: dict[str, Any]) -> Iterable[tuple[dict[str, Any], list[Sound]]]:
    """Each turn with the sounds of its pieces: the words up to the red flag, and those after it."""
    for turn in script["turns"]:
        caller = script["caller"]
        own = Voice(pitch_cents=caller["pitch_cents"], tempo=caller["tempo"])
        voice = own if turn["speaker"] == "caller" else OPERATOR_VOICE
        pieces = [turn["say"], *([turn["then"]] if "then" in turn else [])]
        yield turn, [speak(piece, voice) for piece in pieces]


def lay_out(script: dict[str, Any]) -> tuple[dict[str, list[tuple[int, Sound]]], dict[str, Any]]:
    """Places the turns one after another. Returns the sounds of each side with their first sample, and the timing."""
    sides: dict[str, list[tuple[int, Sound]]] = {"caller": [], "operator": []}
    turns: list[dict[str, Any]] = []
    timing: dict[str, Any] = {"red_flag_end_s": None, "turns": turns}
    at = 0
    for turn, sounds in spoken_turns(script):
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


def record(script: dict[str, Any], out: Path) -> dict[str, Any]:
    """Makes the files of one call; returns its line of the reference."""
    sides, timing = lay_out(script)
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
    scripts = sorted((Path(__file__).parent / "scripts").glob("*.yaml"))
    lines = [record(yaml.safe_load(script.read_text()), out) for script in scripts]
    (out / "reference.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
