"""Speaks the exercise scripts line by line: one 8 kHz mu-law file a script, and an index of where each line lies.

In: `library/scripts/*.yaml`, the noises of this folder, the clips in other languages. Out: `library/sound/<id>.wav`
and `<id>.json`. Each file begins with a bed of the caller's background noise, which the player loops between lines;
the same noise lies under every line at the script's stated ratio. A script whose text has not changed since it was
spoken is left alone, so that a run after an edit speaks only what is new.

It runs in an environment of its own and imports nothing of ours outside this folder; docs/scenarios.md says how.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from .heard import text_hash
from .telephone import RATE, SPEECH_LEVEL, Sound, at_level, loop, mulaw, read_wav, room_noise, telephone_band, wav
from .voices import VOICES, speak

HERE: Final = Path(__file__).parent
BED_S: Final = 6.0
GAP_S: Final = 0.2
"""Noise before and after each line."""
EXERCISE: Final = {
    "id": "exercise",
    "persona": {"voice": "rms", "emotion": 1, "noise": "none", "snr_db": 35, "seed": 1},
    "turns": [{"id": "exercise", "say": "Exercise. Exercise. Exercise."}],
}
"""Said at the beginning of every training call, so that nobody who listens takes it for a real one."""


@dataclass(frozen=True)
class Noise:
    """The caller's background: endless, at its level."""

    samples: Sound

    def under(self, samples: int, at: int) -> Sound:
        """So many samples of it, from somewhere inside."""
        return np.take(self.samples, np.arange(at, at + samples), mode="wrap")


def noise_of(persona: dict[str, Any], seed: int) -> Noise:
    """The persona's noise: made pink noise, or one of the recorded ones."""
    if persona["noise"] in ("none", "room"):
        return Noise(room_noise(round(BED_S * RATE), persona["snr_db"], seed))
    recorded = read_wav((HERE / "noise" / f"{persona['noise']}.wav").read_bytes())
    return Noise(loop(recorded, persona["snr_db"]))


def said(turn: dict[str, Any], persona: dict[str, Any]) -> Sound:
    """One line: spoken, or cut from a recorded clip."""
    if "clip" in turn:
        return clip(HERE / "clips" / turn["clip"]["file"])
    return speak(turn["say"], VOICES[turn.get("voice", persona["voice"])], turn.get("emotion", persona["emotion"]))


def clip(path: Path) -> Sound:
    """A recorded voice as a telephone passes it on."""
    return at_level(telephone_band(read_wav(path.read_bytes())), SPEECH_LEVEL)


def record(script: dict[str, Any], out: Path, *, anew: bool) -> bool:
    """Makes the two files of one script. False where they are up to date; `anew` makes them all the same."""
    index_file = out / f"{script['id']}.json"
    spoken = text_hash(script["persona"], script["turns"])
    if not anew and index_file.exists() and json.loads(index_file.read_text())["text_hash"] == spoken:
        return False
    noise = noise_of(script["persona"], int(spoken[:8], 16))
    bed = noise.under(round(BED_S * RATE), 0)
    parts, places, at = [bed], {}, len(bed)
    for turn in script["turns"]:
        gap = np.zeros(round(GAP_S * RATE))
        sound = np.concatenate([gap, said(turn, script["persona"]), gap])
        parts.append(sound + noise.under(len(sound), at))
        places[turn["id"]] = {"start_s": at / RATE, "end_s": (at + len(sound)) / RATE}
        at += len(sound)
    (out / f"{script['id']}.wav").write_bytes(wav(mulaw(np.concatenate(parts))))
    index = {"text_hash": spoken, "bed_s": BED_S, "gap_s": GAP_S, "lines": places}
    index_file.write_text(json.dumps(index, indent=1) + "\n")
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("ids", nargs="*", help="Only these scripts.")
    parser.add_argument("--anew", action="store_true", help="Also what is up to date.")
    options = parser.parse_args()
    out = options.library / "sound"
    out.mkdir(exist_ok=True)
    scripts = [
        EXERCISE,
        *(yaml.safe_load(path.read_text()) for path in sorted((options.library / "scripts").glob("*.yaml"))),
    ]
    for script in scripts:
        if (not options.ids or script["id"] in options.ids) and record(script, out, anew=options.anew):
            print(script["id"], flush=True)


if __name__ == "__main__":
    main()
