"""Which stretch of sound goes to the engine as one window, and where its words lie on the clock. Pure.

Invariants (all measured; figures in docs/adr/0303 and 0304): a window for finals is at least 8 s long and has at least
1 s of silence after the sound, or the decoder loops; one for partials is at least 5 s long with 1.5 s of silence, and
what runs away in it is heard again in 8 s; windows come in few lengths, so that they can share a batch; a merged
window holds at most 24 s of sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from .engine import HeardWord
from .events import Word

RATE: Final = 16000
BUCKETS: Final = tuple(seconds * RATE for seconds in (8, 12, 16, 24, 30))
TAIL: Final = RATE
"""Silence after the sound."""
QUICK_BUCKETS: Final = (5 * RATE, 6 * RATE)
QUICK_TAIL: Final = 3 * RATE // 2
"""Shorter windows for partials, and the silence that they need: a third of a pass goes by the window's length."""
MERGED_MAX: Final = 24 * RATE
JOINT: Final = RATE // 10
"""Silence between two clips of a merged window, so that their words do not run together."""


def bucket(samples: int) -> int:
    """The shortest window that holds that much sound and its tail; the longest is the model's own 30 s."""
    return next((size for size in BUCKETS if size >= samples + TAIL), BUCKETS[-1])


def quick_bucket(samples: int) -> int:
    """The shortest window for a partial. One that loops in it is heard again in the usual one."""
    return next((size for size in QUICK_BUCKETS if size >= samples + QUICK_TAIL), bucket(samples))


def partial_start(utterance_start: int, committed_end: int | None, end: int, overlap: int) -> int:
    """Where a partial's window begins: at the utterance, or a little before the words that are still open.

    Never more than the longest window allows, even if nothing has been committed for long.
    """
    start = utterance_start if committed_end is None else max(utterance_start, committed_end - overlap)
    return max(start, end - (BUCKETS[-1] - TAIL))


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch [start, end) of a stream, part of a window."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Samples."""
        return self.end - self.start


def offsets(clips: Sequence[Clip]) -> list[int]:
    """Where each clip begins in the window that joins them."""
    places, at = [], 0
    for clip in clips:
        places.append(at)
        at += clip.length + JOINT
    return places


def joined_length(clips: Sequence[Clip]) -> int:
    """Samples of the window's sound."""
    return sum(clip.length for clip in clips) + JOINT * max(0, len(clips) - 1)


def fitting(clips: Sequence[Clip], limit: int = MERGED_MAX) -> int:
    """How many clips, from the first, make one merged window; at least one if there is any."""
    count = 0
    while count < len(clips) and (not count or joined_length(clips[: count + 1]) <= limit):
        count += 1
    return count


def shared_out(words: Sequence[HeardWord], clips: Sequence[Clip]) -> list[tuple[Word, ...]]:
    """The window's words, each given to the clip in which its middle lies, on the stream's clock."""
    places = offsets(clips)
    groups: list[list[Word]] = [[] for _ in clips]
    for word in words:
        middle = (word.start + word.end) // 2
        index = max((i for i, place in enumerate(places) if place - JOINT // 2 <= middle), default=0)
        groups[index].append(_placed(word, clips[index], places[index]))
    return [tuple(group) for group in groups]


def _placed(word: HeardWord, clip: Clip, place: int) -> Word:
    shift = clip.start - place
    start = min(max(word.start + shift, clip.start), clip.end)
    return Word(word.text, start, min(max(word.end + shift, start), clip.end), word.probability)


def in_order(words: Sequence[Word]) -> tuple[Word, ...]:
    """The same words with times that never run backwards."""
    ordered: list[Word] = []
    for word in words:
        start = max(word.start, ordered[-1].end) if ordered else word.start
        ordered.append(replace(word, start=start, end=max(start, word.end)))
    return tuple(ordered)
