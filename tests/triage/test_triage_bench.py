"""The bench scores rows as its figures say."""

import asyncio
import json
from pathlib import Path

import pytest

from bench._router_servers import ModelServer
from bench.triage import arguments, complaint_codes, run

pytestmark = pytest.mark.unit


def written(path: Path, *rows: dict[str, object]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


ARREST = {
    "id": "a",
    "turns": [{"speaker": "caller", "text": "He collapsed, he's not breathing. He's sixty. 14 Mill Lane."}],
    "gold": {
        "category": 1,
        "accept": [1],
        "complaint": "cardiac arrest",
        "cardiac_arrest": True,
        "breathing": "absent",
        "conscious": False,
        "age": 60,
        "location": ["14 Mill Lane"],
    },
    "gold_urgency": "emergency",
}
WRONG = {"id": "b", "text": "Sorry, wrong number.", "gold_urgency": "non_urgent"}
PRESSED = {
    "id": "c",
    "text": "I've got crushing chest pain",
    "gold_urgency": "emergency",
    "turns": [
        {"speaker": "caller", "text": "I've got crushing chest pain"},
        {"speaker": "caller", "text": "It's nothing, I'll wait", "pressure": "minimization"},
    ],
}
TIMED = {
    "id": "d",
    "flag_end_s": 2.0,
    "gold_urgency": "emergency",
    "turns": [{"speaker": "patient", "text": "I have chest pain right now", "start": 0.0, "end": 3.0}],
}


def test_every_figure_is_there_per_class(tmp_path: Path) -> None:
    figures = run([written(tmp_path / "rows.jsonl", ARREST, WRONG, PRESSED, TIMED)])
    assert figures["emergency_sensitivity"] == 1.0
    assert figures["category1_sensitivity"] == 1.0
    assert figures["arrest_sensitivity"] == 1.0
    assert figures["over_triage"] == 0.0
    assert figures["over_triage_count"] == "0 of 1"
    assert figures["category_accepted"] == 1.0
    assert figures["field_accuracy_mean"] == 1.0
    assert figures["pressure_lowered"] == 0
    assert isinstance(figures["per_class"], dict)
    assert json.dumps(figures)


def test_who_is_ill_counts_where_the_gold_card_says_it(tmp_path: Path) -> None:
    gold = {"category": 1, "sex": "male", "patient_count": 2, "caller_relation": "wife"}
    row = {"id": "w", "text": "my husband has collapsed. two people are badly hurt.", "gold": gold}
    shares = run([written(tmp_path / "rows.jsonl", row)])["field_accuracy"]
    assert shares == {"caller_relation": 1.0, "patient_count": 1.0, "sex": 1.0}


def test_a_timed_row_is_heard_word_by_word(tmp_path: Path) -> None:
    seconds = run([written(tmp_path / "rows.jsonl", TIMED)])["seconds_to_flag_p50"]
    assert isinstance(seconds, float)
    assert -1.0 < seconds < 1.0


def test_a_call_without_a_category_counts_against_both_classes(tmp_path: Path) -> None:
    unknown = [{"id": str(i), "text": "la la la", "gold_urgency": u} for i, u in enumerate(("emergency", "non_urgent"))]
    figures = run([written(tmp_path / "rows.jsonl", *unknown)])
    assert figures["emergency_sensitivity"] == 0.0
    assert figures["over_triage"] == 1.0


def test_files_can_be_given_by_comma(tmp_path: Path) -> None:
    one, other = written(tmp_path / "a.jsonl", ARREST), written(tmp_path / "b.jsonl", WRONG)
    assert run([f"{one},{other}"])["rows"] == 2
    assert "--cases" in arguments()[0].opts


async def test_a_model_is_scored_beside_the_rules_and_never_instead_of_them(tmp_path: Path) -> None:
    """The model server finds what it was told to, in the call where somebody says it in French, which no rule reads."""
    quote = "ses lèvres sont devenues toutes mauves"
    plum = {"id": "p", "text": f"bonjour madame {quote}", "gold_urgency": "emergency"}
    claims = [{"code": "colour_blue", "present": True, "quote": quote}]
    rows = written(tmp_path / "rows.jsonl", plum, WRONG)
    async with ModelServer(json.dumps({"category": 1, "findings": claims})) as server:
        figures = await asyncio.to_thread(run, [rows], server.url("ollama"))
    read = figures["with_model"]
    assert isinstance(read, dict)
    assert figures["emergency_sensitivity"] == 0.0
    assert read["emergency_sensitivity"] == 1.0
    assert read["over_triage_count"] == figures["over_triage_count"]
    assert read["models"] == ["local (loopback-1)"]
    assert (read["rows"], read["claims"]) == (2, 1)


@pytest.mark.parametrize(
    ("gold", "code"),
    [
        ("cardiac arrest (drowning)", "cardiac_arrest"),
        ("fall (hip injury)", "fall"),
        ("wrong number", "accidental_call"),
        ("stroke", "stroke"),
        ("choking (resolved)", "choking_over"),
    ],
)
def test_complaints_are_compared_by_meaning(gold: str, code: str) -> None:
    assert code in complaint_codes(gold)


def test_a_complaint_outside_the_table_means_nothing() -> None:
    assert complaint_codes("quantum flux") == frozenset()
