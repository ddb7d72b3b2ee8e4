"""What a recogniser says although nobody said it: loops, words in silence, runaway lengths. Pure.

Sources: the cap and the loop cut are measurements of this project; the compression ratio of 2.4, the silence
rule (no-speech probability above 0.6 with a mean log probability below -1) are the ones of Whisper's paper (Radford
et al. 2022, section 4.5).
"""

import zlib
from collections.abc import Callable, Sequence
from typing import Final

from .engine import HeardWord, Hypothesis
from .events import Word

RATE: Final = 16000
_TOKENS_A_SECOND: Final = 8
_TOKENS_SPARE: Final = 16
_COMPRESSION_MAX: Final = 2.4
_NO_SPEECH: Final = 0.6
_LOG_PROBABILITY_MIN: Final = -1.0
_LONGEST_PHRASE: Final = 12
_KEPT_MIN: Final = 0.8
_WORDS_A_SECOND: Final = 5
_WORDS_SPARE: Final = 5
_NEAR: Final = RATE // 4
"""Word times are that exact at best, so a voice that near counts."""


def token_cap(samples: int) -> int:
    """Tokens that so much speech can hold at most."""
    return _TOKENS_A_SECOND * samples // RATE + _TOKENS_SPARE


def plain(text: str) -> str:
    """A word without case and punctuation, for comparing."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def loop_start(words: Sequence[str]) -> int | None:
    """Index after the first round of a phrase that repeats to excess, or None.

    A single word must come five times in a row, a pair four times, longer phrases three times: people do say
    "no no no" and "help me, help me", a looping decoder does not stop there.
    """
    plains = [plain(word) for word in words]
    for at in range(len(plains)):
        for size in range(1, min(_LONGEST_PHRASE, (len(plains) - at) // 3) + 1):
            rounds = 5 if size == 1 else 4 if size == 2 else 3
            if _repeats(plains, at, size) >= rounds:
                return at + size
    return None


def _repeats(words: Sequence[str], at: int, size: int) -> int:
    count, phrase = 1, words[at : at + size]
    while words[at + count * size : at + (count + 1) * size] == phrase:
        count += 1
    return count


def compression(text: str) -> float:
    """How much shorter zlib makes it; far above 2 means repetition."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def believable(heard: Hypothesis) -> tuple[HeardWord, ...]:
    """The words of a hypothesis, or none when the model itself believes in silence."""
    silent = heard.no_speech > _NO_SPEECH and heard.mean_log_probability < _LOG_PROBABILITY_MIN
    return () if silent else heard.words


def without_loops(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of one utterance, a loop cut after its first round.

    Of one utterance: people repeat a plea again and again with pauses, a looping decoder makes none.
    """
    cut = loop_start([word.text for word in words])
    kept = tuple(words[:cut])
    return () if compression(" ".join(word.text for word in kept)) > _COMPRESSION_MAX else kept


def keeps_enough(before: int, after: int) -> bool:
    """Whether a second look with `after` words may replace finals with `before`.

    The decoder sometimes skips a passage of a long noisy window; a caller's words are not taken back by the dozen.
    """
    return after >= _KEPT_MIN * before


def runs_away(words: Sequence[Word], samples: int) -> bool:
    """Whether a decoder has lost the sound: it repeats itself, or finds more words than anybody could say in it."""
    return len(words) > _WORDS_A_SECOND * samples / RATE + _WORDS_SPARE or len(without_loops(words)) < len(words)


def voiced(words: Sequence[Word], loudest: Callable[[int, int], float], floor: float) -> tuple[Word, ...]:
    """The words during which the voice detector heard somebody; `loudest(start, end)` is its highest probability."""
    return tuple(word for word in words if loudest(word.start - _NEAR, word.end + _NEAR) >= floor)
