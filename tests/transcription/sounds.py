"""Sound and scripts for tests: spoken-looking tones, and engines that know what they mean."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from transcription import ScriptedWord

RATE = 16000


def script(text: str, start_s: float = 1.0, each_s: float = 0.35, probability: float = 0.9) -> list[ScriptedWord]:
    """The words of a text at an even pace."""
    begins = [int((start_s + i * each_s) * RATE) for i in range(len(text.split()))]
    length = int(0.9 * each_s * RATE)
    return [
        ScriptedWord(word, begin, begin + length, probability) for word, begin in zip(text.split(), begins, strict=True)
    ]


def line(words: Sequence[ScriptedWord], tail_s: float = 1.5) -> NDArray[np.int16]:
    """A tone while a word of the script is spoken (and on to the next if that is near), silence elsewhere."""
    end = max((word.end for word in words), default=0)
    sound = np.zeros(end + int(tail_s * RATE), np.int16)
    for word in words:
        time = np.arange(word.end - word.start) / RATE
        sound[word.start : word.end] = (8000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16)
    return sound


def repeated(words: Sequence[ScriptedWord], times: int, every_s: float) -> list[ScriptedWord]:
    """The script again and again."""
    step = int(every_s * RATE)
    return [
        ScriptedWord(word.text, word.start + i * step, word.end + i * step, word.probability)
        for i in range(times)
        for word in words
    ]
