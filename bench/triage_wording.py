"""Learns the text model of triage from this project's sentences, and measures it.

In: calls with accepted categories (`triage_corpus/*.txt`, `tests/triage/spoken_calls*.txt`, `--develop` files of the
same form, `--cases` rows of `kiwimesh bench triage`). Out: five-fold figures per source, each call judged by a model
that never saw it, or with `--by-author` any call of its source; with `--write`, the weights of all of them in
`dispatch/triage/wording.tsv`. A call is learnt as its windows at the ends of utterances: an emergency by the last one,
or all when it is long; any other call by every one, so that no beginning of it alarms. Logistic regression with a
quadratic penalty, solved exactly in the dual; the same input gives the same weights.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from numpy.typing import NDArray

from dispatch.contract.audio import Channel
from dispatch.contract.transcript import Word
from dispatch.triage import Case, Heard, HeardStatus, hear
from dispatch.triage.wording import ARREST, CODE_WEIGHT, CRITICAL, LEARNT, MAX_TOKENS, NOBODY, SOON, URGENT, features

from .triage import heard_turns

FOLDS: Final = 5
PENALTY: Final = 0.1
"""One over the usual C; 10 was the best of 3, 10 and 30."""
MIN_CALLS: Final = 2
"""Calls in which a feature must stand to be learnt from."""
SMALLEST: Final = 0.02
"""Weights nearer to nought are left out of the file."""
MAX_WINDOWS: Final = 10
"""Windows of one call that are learnt from."""
ROUNDS: Final = 8
"""Newton steps; the figures stand still after six."""
LEVELS: Final = (0.5, 0.6, 0.66, 0.7, 0.8)
_HERE: Final = Path(__file__).parent
_OWN: Final = (
    *sorted((_HERE / "triage_corpus").glob("*.txt")),
    *sorted(_HERE.parent.glob("tests/triage/spoken_calls*.txt")),
)
_OUT: Final = _HERE.parent / "dispatch" / "triage" / "wording.tsv"
_URGENCIES: Final = {"emergency": {1, 2}, "urgent": {3}, "non_urgent": {4, 5}, "self_care": {5}}

_WANTED: Final = {
    URGENT: ({1, 2}, {3, 4, 5}),
    CRITICAL: ({1}, {2, 3, 4, 5}),
    SOON: ({1, 2, 3}, {4, 5}),
    NOBODY: ({5}, {1, 2, 3, 4}),
}
"""The finding should be suggested of calls that accept nothing but the first categories, and not of those that accept
nothing but the second; the others teach nothing."""

Floats = NDArray[np.float64]


def arguments() -> list[click.Parameter]:
    """The command line of this bench."""
    return [
        click.Option(["--develop"], multiple=True, help="More files of calls written one a line."),
        click.Option(["--cases"], multiple=True, help="JSONL files of calls; repeat or separate by comma."),
        click.Option(["--by-author"], is_flag=True, help="Leave out one given file at a time instead of a fifth."),
        click.Option(["--write"], is_flag=True, help="Write the weights learnt from everything."),
    ]


Window = tuple[frozenset[str], tuple[str, ...]]
"""Words and findings, as `dispatch.triage.wording.features` gives them."""


@dataclass(frozen=True)
class Call:
    """One call: where it is from, what is accepted, and its windows as the features of each."""

    source: str
    accepted: frozenset[int]
    arrest: bool | None
    """None where nobody has said."""
    windows: tuple[Window, ...]
    whole: bool
    """It fits one window."""

    def wanted(self, code: str) -> float | None:
        """1 for a call that the finding should be suggested of, 0 for one that it should not, else None."""
        if code == ARREST:
            return None if self.arrest is None else float(self.arrest)
        yes, no = _WANTED[code]
        return 1.0 if self.accepted <= yes else 0.0 if self.accepted <= no else None


def run(
    develop: Sequence[str] = (), cases: Sequence[str] = (), by_author: bool = False, write: bool = False
) -> dict[str, object]:
    """Figures of the folds per source; raises `OSError` or `ValueError` for a file that cannot be read."""
    written = [line for path in (*_OWN, *map(Path, develop)) for line in _lines(path)]
    rows = [row for names in cases for name in names.split(",") if name for row in _rows(Path(name))]
    calls = [_call(*told) for told in (*written, *rows)]
    own = sum(1 for path in _OWN for _ in _lines(path))
    parts = _parts(calls, own if by_author else None)
    figures = {code: _folds(calls, code, parts) for code in LEARNT}
    if write:
        _write({code: _learnt(calls, code) for code in LEARNT})
    return {"calls": len(calls), **figures}


Turns = Sequence[tuple[Channel, str]]
Told = tuple[str, frozenset[int], bool | None, Turns]
"""Source, accepted categories, whether it is an arrest, what was said."""


def _lines(path: Path) -> Iterator[Told]:
    """Calls one a line: `accepted|arrest|...|turns`, the operator's in brackets."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            accepted, arrest, *_, text = line.split("|")
            source = path.stem.rstrip("_").split("_calls")[0]
            yield source, frozenset(int(c) for c in accepted.split(",")), arrest == "y", heard_turns(text)


def _rows(path: Path) -> Iterator[Told]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        gold = row.get("gold") or {}
        accepted = {*gold.get("accept", ()), *([gold["category"]] if "category" in gold else ())}
        accepted = accepted or _URGENCIES.get(str(row.get("gold_urgency")), set())
        if accepted:
            turns = row.get("turns") or [{"speaker": "caller", "text": row["text"]}]
            said = [t for t in turns if not t.get("pressure")]
            sides = {True: Channel.OPERATOR, False: Channel.CALLER}
            operators = {"operator", "doctor"}
            heard = [(sides[t["speaker"] in operators], t["text"]) for t in said]
            yield path.stem, frozenset(accepted), gold.get("cardiac_arrest"), heard


def _call(source: str, accepted: frozenset[int], arrest: bool | None, turns: Turns) -> Call:
    case, windows = Case.new(), []
    for number, (channel, text) in enumerate(turns):
        words = tuple(Word(text=w, start_s=0.0, end_s=0.0, confidence=1.0) for w in text.split())
        case = hear(case, Heard(f"u{number}", channel, words, HeardStatus.FINAL))
        if channel is Channel.CALLER:
            absent = [code for code, state in case.picture.states.items() if not state.present]
            said, findings = features(case.picture.lines, case.picture.present, absent)
            windows.append((said, tuple(findings)))
    return Call(source, accepted, arrest, tuple(windows), case.picture.caller_words <= MAX_TOKENS)


@dataclass(frozen=True)
class Model:
    """Features by column, their weights, and the bias."""

    columns: dict[str, int]
    weights: Floats
    bias: float

    def probability(self, call: Call) -> float:
        """The highest of any window."""
        scores = _matrix(list(call.windows), self.columns) @ self.weights + self.bias
        return float(1.0 / (1.0 + np.exp(-scores.max()))) if len(scores) else 0.0


def _parts(calls: Sequence[Call], own: int | None) -> list[str]:
    """The part that each call is left out with: a fifth, or its source; "" for the first `own` calls, never out."""
    if own is None:
        return [str(at % FOLDS) for at in range(len(calls))]
    return [""] * own + [call.source for call in calls[own:]]


def _folds(calls: Sequence[Call], code: str, parts: Sequence[str]) -> dict[str, object]:
    judged: dict[str, list[tuple[float, float]]] = {}
    for left_out in sorted({part for part in parts if part}):
        model = _learnt([c for c, part in zip(calls, parts, strict=True) if part != left_out], code)
        for call in (c for c, part in zip(calls, parts, strict=True) if part == left_out):
            wanted = call.wanted(code)
            if wanted is not None:
                judged.setdefault(call.source, []).append((wanted, model.probability(call)))
    return {source: _shares(pairs) for source, pairs in sorted(judged.items())}


def _shares(pairs: Sequence[tuple[float, float]]) -> dict[str, object]:
    """Of the wanted and of the others, how many each level of probability would suggest."""
    sides = {name: [p for wanted, p in pairs if wanted == side] for name, side in (("found", 1.0), ("false", 0.0))}
    return {
        str(level): {name: f"{sum(p >= level for p in ps)} of {len(ps)}" for name, ps in sides.items()}
        for level in LEVELS
    }


def _learnt(calls: Sequence[Call], code: str) -> Model:
    windows: list[Window] = []
    wanted: list[float] = []
    shares: list[float] = []
    for call in calls:
        target = call.wanted(code)
        if target is None or not call.windows:
            continue
        chosen = call.windows[-1:] if target and call.whole else _spread(call.windows)
        windows += chosen
        wanted += [target] * len(chosen)
        shares += [len(chosen) ** -0.5] * len(chosen)
    columns = _columns(calls)
    return _fitted(_matrix(windows, columns), np.array(wanted), np.array(shares), columns)


def _spread(windows: Sequence[Window]) -> Sequence[Window]:
    """At most `MAX_WINDOWS` of them, evenly over the call and the last among them."""
    step = -(-len(windows) // MAX_WINDOWS)
    return windows[::-1][::step]


def _columns(calls: Sequence[Call]) -> dict[str, int]:
    counts = Counter(f for call in calls for f in {f for words, found in call.windows for f in (*words, *found)})
    return {feature: at for at, feature in enumerate(sorted(f for f, n in counts.items() if n >= MIN_CALLS))}


def _matrix(windows: Sequence[Window], columns: dict[str, int]) -> NDArray[np.float32]:
    out = np.zeros((len(windows), len(columns)), dtype=np.float32)
    for row, (words, findings) in enumerate(windows):
        said = [columns[w] for w in words if w in columns]
        out[row, said] = 1.0 / max(1.0, len(said)) ** 0.5
        out[row, [columns[f] for f in findings if f in columns]] = CODE_WEIGHT
    return out


def _fitted(x: NDArray[np.float32], wanted: Floats, shares: Floats, columns: dict[str, int]) -> Model:
    """Iteratively reweighted least squares in the dual; both sides weigh the same in sum."""
    sides = [shares[wanted == side].sum() for side in (0.0, 1.0)]
    weight = shares * np.where(wanted == 1.0, len(wanted) / (2 * sides[1]), len(wanted) / (2 * sides[0]))
    kernel = (x @ x.T).astype(np.float64) + 1.0
    scores = np.zeros(len(wanted))
    for _ in range(ROUNDS):
        p = 1.0 / (1.0 + np.exp(-scores))
        curve = np.maximum(weight * p * (1.0 - p), 1e-6)
        target = scores + weight * (wanted - p) / curve
        dual = np.linalg.solve(kernel + np.diag(PENALTY / curve), target)
        scores = kernel @ dual
    return Model(columns, x.T.astype(np.float64) @ dual, float(dual.sum()))


def _write(models: dict[str, Model]) -> None:
    codes = list(models)
    lines = ["\t".join(["feature", *codes]), "\t".join(["bias", *(f"{models[c].bias:.3f}" for c in codes)])]
    for feature in sorted({f for model in models.values() for f in model.columns}):
        values = [m.weights[m.columns[feature]] if feature in m.columns else 0.0 for m in models.values()]
        if max(map(abs, values)) >= SMALLEST:
            lines.append("\t".join([feature, *(f"{value:.2f}" for value in values)]))
    _OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
