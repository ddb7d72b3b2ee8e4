"""Whisper's text decoder on a CPU, by onnxruntime: tokens from sound, token by token, and where each was said.

In: the encoder's output for windows of one length, and the prompts. Out: tokens with their probabilities. It does what
CTranslate2's `generate` and `align` do, from the same weights, faster where that one has no fitting matrix library
(decoder_graph.py): see docs/adr/0305. A draft, what was heard of the same sound before, is read in one step as far as
it is right, so that only what is new costs a step a token. The answer is the one without the draft, up to rounding.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .alignment import path, sharpened
from .decoder_graph import memory_graph, shape_of, step_graph
from .onnx import session
from .weights import Weights, as_floats, row_floats

Floats = NDArray[np.float32]
_HIDDEN: Final = np.float32(-1e9)
_TINY: Final = 1e-30
_DRAFT_AT_ONCE: Final = 24
"""Tokens of a draft in the first step: an utterance of seven seconds holds no more."""
_DRAFT_LATER: Final = 3
"""In later steps, once the draft was wrong: a token that is read for nothing costs a tenth of a step."""


@dataclass(frozen=True, slots=True)
class Special:
    """Token numbers with a meaning, and those that are never written: words come before `end`, all others after it."""

    end: int
    no_speech: int
    barred: Sequence[int]
    barred_first: Sequence[int]


@dataclass(frozen=True, slots=True)
class Written:
    """What was decoded of one window."""

    tokens: list[int] = field(repr=False)
    probabilities: list[float]
    """Of each token among all that are words."""
    path: list[tuple[int, int]]
    """Where each token was said: pairs of token and stretch of 20 ms, both growing."""
    score: float
    """Log probability of it all, the end too, by the number of its tokens: the end alone counts as one."""
    no_speech: float


@dataclass(slots=True)
class _Row:
    """One window's text as it is written."""

    draft: Sequence[int] = ()
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    attention: list[Floats] = field(default_factory=list)
    """Of each token read, the prompt's too: [heads, stretches]."""
    total: float = 0.0
    place: int = 0
    """Where in the draft the next token stands, as far as one can tell."""
    done: bool = False

    def guess(self, limit: int, most: int) -> list[int]:
        """What the draft says comes next."""
        return list(self.draft[self.place : self.place + max(0, min(most, limit - len(self.tokens) - 1))])

    def take(self, token: int, chance: float, among_words: float, end: int) -> None:
        """Write one token; the draft goes on behind its next occurrence, or behind the word that it replaced."""
        self.total += math.log(max(chance, _TINY))
        if token == end:
            self.done = True
            return
        self.tokens.append(token)
        self.probabilities.append(among_words)
        later = [at for at in range(self.place, len(self.draft)) if self.draft[at] == token]
        self.place = later[0] + 1 if later else self.place + 1

    def written(self, prompt: int, steps: int, no_speech: float) -> Written:
        """The result; the prompt's tokens and the first `steps` stretches count for the alignment."""
        picture = sharpened(np.stack(self.attention, axis=1)[:, :, :steps])[prompt:]
        score = self.total / max(1, len(self.tokens))
        return Written(self.tokens, self.probabilities, path(picture) if self.tokens else [], score, no_speech)


class _Memory:
    """Keys and values of the sound, and what was read so far: room for every row's tokens, some of them not valid."""

    def __init__(self, sound: dict[str, Any], past: Floats, valid: NDArray[np.bool_], lengths: NDArray[Any]) -> None:
        self.sound = sound
        self.past = past
        self.valid = valid
        self.lengths = lengths

    def forget(self, row: int, from_end: int, count: int) -> None:
        """So many tokens of a row, the first of them that far from the end, were never read."""
        start = self.valid.shape[1] - from_end
        self.valid[row, start : start + count] = False
        self.lengths[row] -= count


class TextDecoder:
    """A loaded decoder; not for several threads at once."""

    def __init__(
        self, read: Callable[[], Weights], special: Special, heads: Sequence[tuple[int, int]], threads: int
    ) -> None:
        """`read` gives the weights. It is called twice: what loading has touched of their file is let go again."""
        weights = read()
        self._shape = shape_of(weights)
        self._special = special
        self._heads = list(heads)
        self._layers = sorted({layer for layer, _ in heads})
        self._places = as_floats(weights, "decoder/position_encodings/encodings")
        self._barred = np.zeros(len(weights["decoder/embeddings/weight"]), np.float32)
        self._barred[list(special.barred)] = _HIDDEN
        self._barred[special.end + 1 :] = _HIDDEN
        self._listener = session(memory_graph(weights), threads)
        self._stepper = session(step_graph(weights), threads)
        self._weights = read()
        self.steps = 0
        """Made so far, for whoever works out what they cost."""

    def listen(self, encoded: Floats) -> dict[str, Any]:
        """What every step needs of the encoder's output [windows, steps, width]."""
        names = [one.name for one in self._listener.get_outputs()]
        return dict(zip(names, self._listener.run(names, {"memory": encoded}), strict=True))

    def write(
        self,
        sound: dict[str, Any],
        prompts: Sequence[Sequence[int]],
        drafts: Sequence[Sequence[int]],
        limit: int,
        steps: Sequence[int],
    ) -> list[Written]:
        """The likeliest tokens one by one, at most `limit` for each window, said within its first `steps` stretches.

        Prompts are of equal length; a draft may be empty.
        """
        rows = [_Row(draft) for draft in drafts]
        memory = self._fresh(sound, len(rows))
        guesses = [row.guess(limit, _DRAFT_AT_ONCE) for row in rows]
        lines = [[*prompt, *guess] for prompt, guess in zip(prompts, guesses, strict=True)]
        found = self._read(memory, lines, ["logits"])
        first = len(prompts[0]) - 1
        for number, row in enumerate(rows):
            row.attention += [found["attention"][:, number, place] for place in range(first)]
        silence = self._no_speech(found["logits"])
        self._follow(memory, rows, found, first, guesses, limit)
        return [row.written(first, count, silent) for row, count, silent in zip(rows, steps, silence, strict=True)]

    # Greedy, with a draft

    def _follow(
        self, memory: _Memory, rows: list[_Row], found: dict[str, Any], first: int, guesses: list[list[int]], limit: int
    ) -> None:
        while True:
            for number, row in enumerate(rows):
                if not row.done:
                    self._accept(memory, row, number, found, first, guesses[number], limit)
            if all(row.done for row in rows):
                return
            guesses = [[] if row.done else row.guess(limit, _DRAFT_LATER) for row in rows]
            heads = [row.tokens[-1] if row.tokens else self._special.end for row in rows]
            found = self._read(memory, [[head, *guess] for head, guess in zip(heads, guesses, strict=True)])
            first = 0

    def _accept(
        self, memory: _Memory, row: _Row, number: int, found: dict[str, Any], first: int, guess: list[int], limit: int
    ) -> None:
        """Take the tokens that the guess had right and the one after them; forget what was read beyond."""
        right = 0
        while True:
            token, chance, among_words = self._likeliest(found, number, first + right, beginning=not row.tokens)
            row.attention.append(found["attention"][:, number, first + right])
            row.take(token, chance, among_words, self._special.end)
            row.done = row.done or len(row.tokens) >= limit
            if row.done or right == len(guess) or guess[right] != token:
                break
            right += 1
        wrong = len(guess) - right
        if wrong:
            memory.forget(number, found["width"] - first - 1 - right, wrong)

    def _likeliest(
        self, found: dict[str, Any], number: int, place: int, *, beginning: bool
    ) -> tuple[int, float, float]:
        """The token, its probability, and that among the tokens that are words."""
        chances = dict(
            zip(found["tokens"][number, place].tolist(), found["chances"][number, place].tolist(), strict=True)
        )
        barred = self._special.barred_first if beginning else ()
        token = next(one for one in chances if one not in barred)
        words = max(1.0 - chances.get(self._special.end, 0.0), chances[token])
        return token, chances[token], chances[token] / max(words, _TINY)

    # One step

    def _fresh(self, sound: dict[str, Any], rows: int) -> _Memory:
        shape = self._shape
        past = np.zeros((2 * shape.layers, rows, shape.heads, 0, shape.head), np.float32)
        return _Memory(sound, past, np.zeros((rows, 0), np.bool_), np.zeros(rows, np.int64))

    def _read(self, memory: _Memory, lines: Sequence[Sequence[int]], extra: Sequence[str] = ()) -> dict[str, Any]:
        """Read tokens after what is in memory; shorter lines are filled up with what nobody will look at."""
        rows, width = len(lines), max(len(line) for line in lines)
        ids = np.array([[*line, *[self._special.end] * (width - len(line))] for line in lines])
        real = np.array([[n < len(line) for n in range(width)] for line in lines])
        places = np.minimum(memory.lengths[:, None] + np.arange(width), len(self._places) - 1)
        inputs = {
            "x": row_floats(self._weights, "decoder/embeddings/weight", ids) + self._places[places],
            "mask": _mask(memory.valid, width),
            "past": memory.past,
            "by_window": np.array([len(memory.sound["k0"]), -1, self._shape.heads, self._shape.head]),
            "by_row": np.array([rows, width, self._shape.width]),
            "rows": np.arange(width),
            "barred": self._barred,
        }
        names = ["tokens", "chances", "new", *(f"attention{layer}" for layer in self._layers), *extra]
        self.steps += 1
        found = dict(zip(names, self._stepper.run(names, inputs | memory.sound), strict=True))
        found["attention"] = np.stack([found[f"attention{layer}"][:, head] for layer, head in self._heads])
        memory.past = np.concatenate((memory.past, found.pop("new")), axis=3)
        memory.valid = np.concatenate((memory.valid, real), axis=1)
        memory.lengths = memory.lengths + real.sum(axis=1)
        return found | {"width": width}

    def _no_speech(self, logits: Floats) -> list[float]:
        """By the first token of the prompt, as Whisper does."""
        rows = logits[:, 0].astype(np.float64)
        rows = np.exp(rows - rows.max(axis=1, keepdims=True))
        return [float(row[self._special.no_speech] / row.sum()) for row in rows]


def _mask(valid: NDArray[np.bool_], width: int) -> Floats:
    """What each new token may look at: what was valid before, and itself and the new ones before it."""
    rows, before = valid.shape
    mask = np.zeros((rows, 1, width, before + width), np.float32)
    mask[:, 0, :, :before] = np.where(valid, np.float32(0), _HIDDEN)[:, None]
    mask[:, 0, :, before:] = np.triu(np.full((width, width), _HIDDEN, np.float32), 1)
    return mask
