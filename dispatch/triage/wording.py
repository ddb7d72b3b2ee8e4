"""What the wording of a call as a whole suggests, where no single pattern says it.

In: a caller's chunks and the findings that count. Out: how sure linear models over words and findings are that the call
is an emergency, that a life is in danger now, that a heart has stopped, that somebody has to be seen within hours, or
that nobody is ill. Their weights are data (`wording.tsv`), learnt by `kiwimesh bench triage_wording` from sentences of
this project's own. Invariants: it only raises (see `case`), and is shown as a model's; words that are denied, over,
imagined or about a thing count as other words; the newest `MAX_TOKENS` tokens are looked at, so it costs the same at
any length of call; no I/O but its weights, once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import exp, sqrt
from typing import Final

from dispatch.contract.base import UtteranceId

from .context import marks
from .resources import table

MAX_TOKENS: Final = 200
"""Tokens looked at: a minute of speech, within which a caller says what matters."""
MIN_TOKENS: Final = 4
"""Fewer say too little."""
URGENT: Final = "wording_urgent"
CRITICAL: Final = "wording_critical"
ARREST: Final = "wording_arrest"
SOON: Final = "wording_soon"
NOBODY: Final = "wording_nobody"
"""Small, and about nobody's illness: a question, a wrong number, somebody else's work."""
SMALL: Final = "wording_small"
"""Alone it means nothing; a protocol may want it beside a finding before it calls something small."""
CLEAR: Final = "wording_clear"
"""Very small, and told at some length: enough for a call of which nothing else is known."""
LEARNT: Final = (URGENT, CRITICAL, ARREST, SOON, NOBODY)
"""One linear model each."""
CODES: Final = frozenset({*LEARNT, SMALL, CLEAR})
REFERENCE: Final = "wording 4"
"""Name and version of the model, as cards show it."""
WHOLE: Final = 1000
"""Thousandths in one."""
CODE_WEIGHT: Final = 0.3
"""What a finding counts beside a text of length one; the best of 0.15, 0.3 and 0.6 in five folds of the training."""
THRESHOLDS: Final = {URGENT: 0.7, CRITICAL: 0.8, ARREST: 0.7, SOON: 0.65}
"""Least probability at which it speaks; ADR 0501 has the figures by threshold."""
NOBODY_AT_LEAST: Final = 0.6
NEEDED_TOKENS: Final = {SOON: 20, NOBODY: 20}
"""Where more than `MIN_TOKENS` are wanted: fewer are the beginning of anything."""
SMALL_AT_MOST: Final = 0.3
"""Probability of an emergency below which the wording is one of small things."""
CLEAR_BARS: Final = ((28, 0.1, 1.0), (44, 0.3, 0.4))
"""Least tokens, most probability of an emergency and of having to be seen within hours; one line that holds is enough.

Where somebody lives and a few polite words have no word of an emergency either: of 844 emergencies in the development
files, heard sentence by sentence, the second line shows four more as small on their way; from 28 tokens on, 21.
"""
FEW_TOKENS: Final = 20
FEW_AT_LEAST: Final = 0.9
"""Least probability of an emergency while fewer than `FEW_TOKENS` were spoken: a sentence offers little to weigh.

Of 301 harmless openings this keeps eight from being raised; with 24 tokens a real one of `held_out.txt` is missed.
"""
LATE: Final = 0.9
"""The same once more than `MAX_TOKENS` were spoken: a long call offers many chances of a false alarm."""

_ENDINGS: Final = ("ing", "ed", "es", "s", "ly")
_SHORTEST_STEM: Final = 3


@lru_cache(maxsize=256)
def words_of(text: str) -> frozenset[str]:
    """The words of a chunk and its pairs of neighbouring words, without endings, marked for denial, time and person."""
    tokens = [mark + _stem(word) for word, mark in marks(text) if word[0] not in ".,?!_"]
    return frozenset((*tokens, *map(" ".join, pairwise(tokens))))


@lru_cache(maxsize=16384)
def _stem(word: str) -> str:
    if word[0].isdigit():
        return "#"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class Line:
    """One chunk of the caller's: its text, and which words of which utterance it was."""

    text: str = field(repr=False)
    utterance_id: UtteranceId
    first: int
    last: int

    @property
    def tokens(self) -> int:
        return self.text.count(" ")


@dataclass(frozen=True, slots=True)
class Lines:
    """The newest chunks of the caller's."""

    kept: tuple[Line, ...] = ()
    tokens: int = 0
    """Of all that are kept."""

    def with_line(self, line: Line) -> "Lines":
        """The lines with one more; the oldest go when more than `MAX_TOKENS` would be kept."""
        kept, held, first = (*self.kept, line), self.tokens + line.tokens, 0
        while held > MAX_TOKENS and first < len(kept) - 1:
            held -= kept[first].tokens
            first += 1
        return Lines(kept[first:], held)

    @property
    def words(self) -> frozenset[str]:
        return frozenset().union(*(words_of(line.text) for line in self.kept))


def features(lines: Lines, present: frozenset[str], absent: Sequence[str]) -> tuple[frozenset[str], list[str]]:
    """The words, and the findings: `+code` for one that counts, `-code` for one that was denied."""
    return lines.words, [*("+" + c for c in present if c not in CODES), *("-" + c for c in absent if c not in CODES)]


@dataclass(frozen=True, slots=True)
class Weights:
    """One linear model per suggested finding, side by side.

    Weights are in thousandths: whole numbers come to the same sum in whichever order a set gives them.
    """

    codes: tuple[str, ...]
    bias: tuple[int, ...]
    by_feature: Mapping[str, tuple[int, ...]]

    def probabilities(self, words: frozenset[str], findings: Sequence[str]) -> Iterator[tuple[str, float]]:
        """Each suggested finding with its probability. Words share one unit of length; every finding counts alike."""
        known, said = self._summed(words)
        _, stated = self._summed(findings)
        length = sqrt(known) or 1.0
        for at, code in enumerate(self.codes):
            score = (self.bias[at] + said[at] / length + CODE_WEIGHT * stated[at]) / WHOLE
            yield code, 1.0 / (1.0 + exp(-max(-30.0, min(30.0, score))))

    def _summed(self, features: Iterable[str]) -> tuple[int, Sequence[int]]:
        """How many of the features are known, and the sum of their weights for each model, the same in any order."""
        known = [self.by_feature[feature] for feature in self.by_feature.keys() & features]
        return len(known), [sum(column) for column in zip(*known, strict=True)] or [0] * len(self.codes)


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights of `wording.tsv`: a head row with the suggested findings, `bias`, then a feature a row."""
    rows = table("wording.tsv")
    head = next(rows)
    by_feature = {row[0]: tuple(round(WHOLE * float(cell)) for cell in row[1:]) for row in rows}
    bias = by_feature.pop("bias", (0,) * (len(head) - 1))
    return Weights(tuple(head[1:]), bias, by_feature)


def suggested(lines: Lines, present: frozenset[str], absent: Sequence[str], late: bool) -> tuple[str, ...]:
    """Findings that the wording suggests; `late` is whether more was spoken than is looked at."""
    if lines.tokens < MIN_TOKENS:
        return ()
    probabilities = dict(weights().probabilities(*features(lines, present, absent)))
    raised = tuple(
        code
        for code in THRESHOLDS
        if probabilities[code] >= (LATE if late else _least(code, lines.tokens))
        and lines.tokens >= NEEDED_TOKENS.get(code, MIN_TOKENS)
    )
    return raised or _mild(probabilities, lines.tokens)


def _least(code: str, tokens: int) -> float:
    return FEW_AT_LEAST if code == URGENT and tokens < FEW_TOKENS else THRESHOLDS[code]


def _mild(probabilities: Mapping[str, float], tokens: int) -> tuple[str, ...]:
    """What a wording says that raises nothing."""
    if probabilities[URGENT] > SMALL_AT_MOST:
        return ()
    clear = (CLEAR,) if any(_within(bar, probabilities, tokens) for bar in CLEAR_BARS) else ()
    nobody = (NOBODY,) if probabilities[NOBODY] >= NOBODY_AT_LEAST and tokens >= NEEDED_TOKENS[NOBODY] else ()
    return (SMALL, *clear, *nobody)


def _within(bar: tuple[int, float, float], probabilities: Mapping[str, float], tokens: int) -> bool:
    least, urgent, soon = bar
    return tokens >= least and probabilities[URGENT] <= urgent and probabilities[SOON] <= soon


def telling(lines: Lines, code: str) -> Line:
    """The line that speaks most for a suggested finding."""
    sign, of = (-1, URGENT) if code in (SMALL, CLEAR) else (1, code)
    at = weights().codes.index(of)
    known = weights().by_feature
    return max(lines.kept, key=lambda line: sign * sum(known[word][at] for word in known.keys() & words_of(line.text)))
