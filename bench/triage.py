"""Triage: the rule engine against written calls with gold cards, per class and never pooled.

In: JSONL rows `{id, text | turns, gold_urgency?, gold?, flag_end_s?}`. Out: one JSON object. Each turn is heard as a
final; rows with `flag_end_s` are heard again word by word, at the words' own times. A call without a category counts as
missed among the emergencies and as over-triaged among the others. Rows whose later turns carry `pressure` are scored on
what was said before it, and again after it. Complaints are compared by meaning, with `triage_complaints.yaml`. With a
model, its figures stand under `with_model`, beside the rules' own.
"""

import asyncio
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import click
import yaml

from dispatch.contract.audio import Channel
from dispatch.contract.card import Card, FieldName
from dispatch.contract.transcript import Word
from dispatch.observability.heap import settle_heap
from dispatch.triage import Case, Heard, HeardStatus, card_of, hear, warm_up
from dispatch.triage.people import relation_code
from dispatch.triage.words import chunk_of

SECONDS_A_WORD: Final = 0.3
"""Pace of rows without times; about 200 words a minute."""
_OPERATORS: Final = frozenset({"operator", "doctor", "dispatcher", "calltaker", "call_taker", "nurse"})
_NOT_URGENT: Final = frozenset({"non_urgent", "self_care"})
EMERGENCY: Final = 2


def arguments() -> list[click.Parameter]:
    """The command line of this bench."""
    return [
        click.Option(
            ["--cases"], multiple=True, required=True, help="JSONL files of calls; repeat or separate by comma."
        ),
        click.Option(
            ["--with-model"], metavar="URL", help="Also ask the models of an Ollama server, beside the rules."
        ),
        click.Option(["--show"], is_flag=True, help="Print every wrong row on stderr."),
    ]


def run(cases: Sequence[str], with_model: str | None = None, show: bool = False) -> dict[str, object]:
    """Scores every row of every file, by the rules alone and, where asked, with a model beside them.

    Raises `OSError` or `ValueError` for a file that cannot be read.
    """
    files = [Path(name) for given in cases for name in given.split(",") if name]
    rows = [
        json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    warm_up()
    settle_heap()  # as a server does before its first call
    scored = [_scored(row) for row in rows]
    if show:
        _show(scored)
    figures = _figures(scored)
    if with_model is not None:
        figures["with_model"] = asyncio.run(_with_model(scored, with_model))
    return figures


async def _with_model(scored: Sequence["Scored"], url: str) -> dict[str, object]:
    """The same figures once a model has read each call; urgency and cards only, since timing is the rules' own."""
    from ._triage_model import Models  # building the closed vocabulary takes half a second

    async with Models(url) as models:
        read = [await models.read(one.case) for one in scored]
    after = [replace(one, card=card) for one, card in zip(scored, read, strict=True)]
    kept = {**_sensitivities(after), **_categories(after), **_fields(after), "per_class": _per_class(after)}
    return {**models.figures(), **kept}


@dataclass
class Scored:
    """One row and what came of it."""

    row: dict[str, Any]
    card: Card
    case: Case
    """What was said before any pressure."""
    after_pressure: int | None
    ms: list[float] = field(default_factory=list)
    flagged_s: float | None = None
    streamed: int | None = None

    @property
    def gold(self) -> dict[str, Any]:
        return dict(self.row.get("gold") or {})

    @property
    def urgency(self) -> str | None:
        named = self.row.get("gold_urgency")
        if named or not self.gold:
            return str(named) if named else None
        category = int(self.gold["category"])
        return "emergency" if category <= EMERGENCY else "urgent" if category == 3 else "non_urgent"

    @property
    def emergency(self) -> bool:
        return self.card.category is not None and self.card.category <= EMERGENCY

    @property
    def arrest(self) -> bool:
        return any(reason.code.startswith("cardiac_arrest") for reason in self.card.reasons)


def _scored(row: dict[str, Any]) -> Scored:
    turns = row.get("turns") or [{"speaker": "caller", "text": row["text"]}]
    case, at, ms, opening = Case.new(), 0.0, list[float](), None
    before = case
    for index, turn in enumerate(turns):
        if turn.get("pressure") and opening is None:
            opening, before = card_of(case, version=index, call_s=at), case
        heard, at = _heard(turn, index, at)
        started = time.perf_counter()
        case = hear(case, heard)
        card_of(case, version=index, call_s=at)
        ms.append(1000 * (time.perf_counter() - started))
    last = card_of(case, version=len(turns), call_s=at)
    scored = Scored(row, opening or last, before if opening else case, last.category, ms)
    if "start" in turns[0]:
        scored.flagged_s, scored.streamed = _streamed(turns)
    return scored


def _heard(turn: dict[str, Any], index: int, at: float) -> tuple[Heard, float]:
    words = _words(turn, at)
    channel = Channel.OPERATOR if turn["speaker"] in _OPERATORS else Channel.CALLER
    return Heard(f"u{index}", channel, words, HeardStatus.FINAL), words[-1].end_s if words else at


def heard_turns(call: str) -> list[tuple[Channel, str]]:
    """A call written on one line: the operator's turns in [brackets]."""
    parts = [part.strip() for part in re.split(r"(\[[^\]]*\])", call)]
    return [
        (Channel.OPERATOR, part[1:-1]) if part.startswith("[") else (Channel.CALLER, part) for part in parts if part
    ]


def _words(turn: dict[str, Any], at: float) -> tuple[Word, ...]:
    texts = str(turn["text"]).split()
    begin = float(turn.get("start", at))
    pace = (float(turn["end"]) - begin) / max(1, len(texts)) if "end" in turn else SECONDS_A_WORD
    return tuple(
        Word(text=text, start_s=begin + i * pace, end_s=begin + (i + 1) * pace, confidence=1.0)
        for i, text in enumerate(texts)
    )


def _streamed(turns: Sequence[dict[str, Any]]) -> tuple[float | None, int | None]:
    """Second at which the card turned red, heard word by word in the order of time, and the category at the end."""
    spoken = sorted((w.end_s, i, w) for i, turn in enumerate(turns) for w in _words(turn, 0.0))
    case, red, category = Case.new(), None, None
    for at, index, word in spoken:
        channel = Channel.OPERATOR if turns[index]["speaker"] in _OPERATORS else Channel.CALLER
        case = hear(case, Heard(f"u{index}", channel, (word,), HeardStatus.STABLE))
        category = card_of(case, version=0, call_s=at).category if case.raised else None
        if red is None and category is not None and category <= EMERGENCY:
            red = at
    return red, category


def _figures(scored: Sequence[Scored]) -> dict[str, object]:
    ms = sorted(ms for s in scored for ms in s.ms)
    delays = sorted(s.flagged_s - float(s.row["flag_end_s"]) for s in scored if s.row.get("flag_end_s") and s.flagged_s)
    return {
        "rows": len(scored),
        **_sensitivities(scored),
        **_categories(scored),
        **_fields(scored),
        "per_class": _per_class(scored),
        "seconds_to_flag_p50": _percentile(delays, 0.5),
        "seconds_to_flag_p95": _percentile(delays, 0.95),
        "never_flagged": sum(1 for s in scored if s.row.get("flag_end_s") and s.flagged_s is None),
        "pressure_lowered": sum(_lowered(s) for s in scored),
        "ms_per_turn_p95": _percentile(ms, 0.95),
        "with_model": None,
    }


def _sensitivities(scored: Sequence[Scored]) -> dict[str, object]:
    emergencies = [s for s in scored if s.urgency == "emergency"]
    others = [s for s in scored if s.urgency in _NOT_URGENT]
    first = [s for s in scored if s.gold.get("category") == 1]
    arrests = [s for s in scored if s.gold.get("cardiac_arrest") is True]
    not_arrests = [s for s in scored if s.gold.get("cardiac_arrest") is False]
    over = [s for s in others if s.emergency or s.card.category is None]
    return {
        "emergency_sensitivity": _share([s.emergency for s in emergencies]),
        "category1_sensitivity": _share([s.card.category == 1 for s in first]),
        "arrest_sensitivity": _share([s.arrest for s in arrests]),
        "arrest_specificity": _share([not s.arrest for s in not_arrests]),
        "over_triage": _share([s in over for s in others]),
        "over_triage_count": f"{len(over)} of {len(others)}",
        "under_triage": _share([not s.emergency for s in emergencies]),
        "under_triage_count": f"{sum(not s.emergency for s in emergencies)} of {len(emergencies)}",
    }


def _categories(scored: Sequence[Scored]) -> dict[str, object]:
    gold = [s for s in scored if "category" in s.gold]
    accepted = [s.card.category in {s.gold["category"], *s.gold.get("accept", ())} for s in gold]
    return {
        "category_exact": _share([s.card.category == s.gold["category"] for s in gold]),
        "category_within_1": _share([abs((s.card.category or 9) - s.gold["category"]) <= 1 for s in gold]),
        "category_accepted": _share(accepted),
    }


def _fields(scored: Sequence[Scored]) -> dict[str, object]:
    right: dict[str, list[bool]] = defaultdict(list)
    for one in scored:
        for name, verdict in _verdicts(one):
            right[name].append(verdict)
    shares = {name: _share(verdicts) for name, verdicts in sorted(right.items())}
    known = [share for share in shares.values() if share is not None]
    return {
        "field_accuracy": shares,
        "field_counts": {name: len(verdicts) for name, verdicts in sorted(right.items())},
        "field_accuracy_mean": round(sum(known) / len(known), 4) if known else None,
    }


def _verdicts(scored: Scored) -> Iterator[tuple[str, bool]]:
    gold, card = scored.gold, scored.card
    values = {f.name: f.value for f in card.fields}
    if gold.get("conscious") is not None:
        yield "conscious", values.get(FieldName.CONSCIOUS) == ("yes" if gold["conscious"] else "no")
    if gold.get("breathing") is not None:
        yield "breathing", values.get(FieldName.BREATHING) == gold["breathing"]
    if gold.get("age") is not None:
        yield "age", _same_age(values.get(FieldName.AGE), float(gold["age"]))
    if gold.get("location"):
        yield "location", _same_place(values.get(FieldName.LOCATION, ""), gold["location"])
    yield from _who(gold, values)
    if gold.get("complaint"):
        yield "complaint", values.get(FieldName.COMPLAINT, "") in complaint_codes(str(gold["complaint"]))


def _who(gold: dict[str, Any], values: dict[FieldName, str]) -> Iterator[tuple[str, bool]]:
    """Sex, number of patients and the caller's relation to the patient, where the gold card says them."""
    if gold.get("sex"):
        yield "sex", values.get(FieldName.SEX, "-")[:1] == str(gold["sex"]).lower()[:1]
    if gold.get("patient_count") is not None:
        yield "patient_count", values.get(FieldName.PATIENT_COUNT) == str(gold["patient_count"])
    if gold.get("caller_relation"):
        yield "caller_relation", values.get(FieldName.CALLER_RELATION) == relation_code(str(gold["caller_relation"]))


def _same_age(said: str | None, gold: float) -> bool:
    """Completed years, as the card has them: one year of a child of eighteen months."""
    return said is not None and float(said) == int(gold)


def _same_place(said: str, variants: Sequence[str]) -> bool:
    """Whether a place has all parts of a variant; their order, which callers choose, is no matter."""
    heard = _plain(said)
    return any(all(_plain(part) in heard for part in _parts(variant)) for variant in variants)


def _parts(variant: str) -> list[str]:
    return [part.strip().removeprefix("the ").removeprefix("The ") for part in variant.split(",") if part.strip()]


def _plain(text: str) -> str:
    """The words alone: no capitals, marks or apostrophes, numbers in figures."""
    bare = text.replace("'", "").replace("\u2019", "")
    words = tuple(Word(text=t, start_s=0, end_s=0, confidence=1) for t in bare.split())
    return " " + " ".join(re.findall(r"[a-z0-9]+", chunk_of(words, 0, len(words)).text if words else "")) + " "


@lru_cache(maxsize=1)
def _aliases() -> list[tuple[re.Pattern[str], frozenset[str]]]:
    raw = yaml.safe_load(Path(__file__).with_name("triage_complaints.yaml").read_text(encoding="utf-8"))
    return [(re.compile(entry["gold"]), frozenset(entry["codes"])) for entry in raw]


def complaint_codes(gold: str) -> frozenset[str]:
    """The complaint codes that mean the same as a gold complaint, by the first line of the table that fits."""
    return next((codes for regex, codes in _aliases() if regex.search(gold.lower())), frozenset())


def _per_class(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for one in scored:
        shown = str(one.card.category) if one.card.category else "unassessed"
        if one.urgency:
            table[one.urgency][shown] += 1
        if "category" in one.gold:
            table[f"gold_{one.gold['category']}"][shown] += 1
    return {name: dict(sorted(counts.items())) for name, counts in sorted(table.items())}


def _lowered(scored: Scored) -> bool:
    before, after = scored.card.category, scored.after_pressure
    return before is not None and (after is None or after > before)


def _share(verdicts: Sequence[bool]) -> float | None:
    return round(sum(verdicts) / len(verdicts), 4) if verdicts else None


def _percentile(values: Sequence[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(share * len(values)))], 2) if values else None


def _show(scored: Sequence[Scored]) -> None:
    for one in scored:
        gold, shown = one.gold, one.card.category
        accepted = {gold.get("category"), *gold.get("accept", ())}
        wrong = [name for name, verdict in _verdicts(one) if not verdict]
        off = (bool(gold) and shown not in accepted) or (one.urgency == "emergency" and not one.emergency)
        over = one.urgency in _NOT_URGENT and (one.emergency or shown is None)
        if off or over or wrong or one.arrest != bool(gold.get("cardiac_arrest")):
            values = {f.name.value: f.value for f in one.card.fields}
            reasons = ", ".join(r.code for r in one.card.reasons[:4])
            shown_wrong = {name: (values.get(name), gold.get(name)) for name in wrong}
            mark = "CATEGORY" if off or over else "fields"
            head = f"{mark} {one.row['id']} {one.urgency} {sorted(map(str, accepted))} -> {shown}"
            line = f"{head} [{reasons}] {shown_wrong}"
            click.echo(line, err=True)
