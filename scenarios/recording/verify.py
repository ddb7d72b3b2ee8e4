"""How well our own recogniser understands each recorded line.

In: the recordings of `library/sound`, Whisper as the server runs it. Out: a line of the worst ones, and a word error
rate a script and over all; exit code 1 where one script is above the limit. Lines in other languages are shown, not
counted. It runs in the project's own environment with the requirements for benches:

    python -m scenarios.recording.verify --models FOLDER [ID ...]
"""

import argparse
import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Final

import jiwer
import numpy as np
import soxr
from whisper_normalizer.english import EnglishTextNormalizer

from scenarios.script import LIBRARY, Script, Turn, load_script, script_ids
from transcription import ModelStore, WhisperEngine, WhisperOptions, Window
from transcription.windows import bucket

from .telephone import RATE, read_wav

LIMIT: Final = 0.15
"""Word error rate of a script above which its recording is made anew with another voice, or its words are changed."""
FINAL_BEAM: Final = 5
DECODE_RATE: Final = 16000
_NORMAL: Final = EnglishTextNormalizer()


def windows(script: Script, index: dict[str, dict[str, float]]) -> list[tuple[Turn, Window]]:
    """Each line as the recogniser gets it."""
    sound = read_wav((LIBRARY / "sound" / f"{script.id}.wav").read_bytes())
    cut = []
    for turn in script.turns:
        place = index[turn.id]
        piece = sound[round(place["start_s"] * RATE) : round(place["end_s"] * RATE)]
        samples = (soxr.resample(piece, RATE, DECODE_RATE) * 32767).clip(-32768, 32767).astype(np.int16)
        language = turn.lang or script.persona.lang
        cut.append((turn, Window(samples, bucket(len(samples)), language, beam=FINAL_BEAM)))
    return cut


async def heard(engine: WhisperEngine, asked: list[tuple[Turn, Window]]) -> list[tuple[Turn, str]]:
    """What the recogniser makes of each line."""
    texts = []
    for turn, window in asked:
        (hypothesis,) = await engine.decode([window])
        texts.append((turn, " ".join(word.text for word in hypothesis.words)))
    return texts


def comparable(text: str) -> str:
    """The words as they are compared: spelling, case and numbers settled, digits that follow each other joined."""
    settled: str = _NORMAL(text)
    return re.sub(r"(?<=\d)[ ,-]+(?=\d)", "", settled)


def word_errors(texts: list[tuple[Turn, str]], lang: str) -> tuple[int, int, list[tuple[float, Turn, str]]]:
    """Errors, words and each English line with its own rate, worst first."""
    errors = words = 0
    lines = []
    for turn, text in texts:
        if (turn.lang or lang) != "en":
            continue
        said = comparable(turn.say)
        result = jiwer.process_words(said, comparable(text) or "-")
        wrong = result.substitutions + result.deletions + result.insertions
        errors, words = errors + wrong, words + len(said.split())
        lines.append((wrong / max(1, len(said.split())), turn, text))
    return errors, words, sorted(lines, key=lambda line: -line[0])


async def check(ids: list[str], models: Path) -> bool:
    """Prints a line a script, and its worst lines. True when every script is within the limit."""
    engine = WhisperEngine(WhisperOptions("base", ModelStore(models).get("base"), workers=1, background=False))
    await engine.start()
    total_errors = total_words = 0
    good = True
    try:
        for script_id in ids:
            script = load_script(script_id)
            index = json.loads((LIBRARY / "sound" / f"{script_id}.json").read_text())["lines"]
            texts = await heard(engine, windows(script, index))
            errors, words, lines = word_errors(texts, script.persona.lang)
            total_errors, total_words = total_errors + errors, total_words + words
            good &= errors <= LIMIT * words
            mark = "  above the limit" if errors > LIMIT * words else ""
            print(f"{script_id:<32} {script.persona.voice:<7} {errors / max(1, words):6.1%}{mark}", flush=True)
            for rate, turn, text in lines:
                if rate > LIMIT:
                    print(f"    {rate:4.0%} {turn.id}: {turn.say!r} heard as {text!r}", flush=True)
            for turn, text in texts:
                if (turn.lang or script.persona.lang) != "en":
                    print(f"    {turn.lang} {turn.id}: {text!r}", flush=True)
    finally:
        await engine.close()
    print(f"all: {total_errors / max(1, total_words):.1%} of {total_words} words")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--models", type=Path, required=True, help="Folder of the speech models.")
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(check(options.ids or list(script_ids()), options.models)) else 1)


if __name__ == "__main__":
    main()
