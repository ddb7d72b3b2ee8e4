"""The reference operator's figures: over rows, so that a run that was broken off goes on from what it has written."""

import itertools
import json
from pathlib import Path

import pytest

from scenarios.reckoning import Result, Row, figures, kept_rows, reckon, row
from scenarios.script import load_script

pytestmark = pytest.mark.unit


def made(name: str, gold: int, **more: object) -> Row:
    return {
        "id": name, "type": name, "gold": gold, "telling": gold == 1, "seconds": 60.0, "category": gold,
        "accepted": True, "passed": True, "flag_s": None, "flag_found": False, "most_urgent": gold, "lost_samples": 0,
        **more,
    }  # fmt: skip


def test_the_figures_say_what_was_found_missed_shown_red_and_not_played() -> None:
    found = figures(
        [
            made("arrest", 1, flag_s=2.0, flag_found=True),
            made("choking", 1, passed=False, category=2),
            made("hives", 4, most_urgent=1),
            {"id": "fire", "type": "fire", "gold": 1, "telling": True, "seconds": 1.0, "problem": "TimeoutError"},
        ]
    )
    assert (found["scripts"], found["played"], found["passed"], found["category_exact"]) == (4, 3, 2, 2)
    assert (found["red_flags"], found["red_flag_found"]) == (3, 1)
    assert (found["seconds_to_flag_p50"], found["seconds_to_flag_p95"]) == (2.0, 2.0)
    assert (found["non_emergencies"], found["non_emergency_shown_red"]) == (1, 1)


def test_a_run_goes_on_from_the_newest_rows_that_were_played_even_if_the_last_line_is_torn(tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    rows = [
        made("stroke-breakfast", 2, score=10),
        made("stroke-breakfast", 2, score=90),
        {**made("sore-throat-minimal", 5), "problem": "ClientError"},
        made("of-another-library", 2),
    ]
    kept.write_text("".join(json.dumps(line) + "\n" for line in rows) + '{"id": "drowning-la')
    scripts = [load_script(name) for name in ("sore-throat-minimal", "stroke-breakfast", "drowning-lake")]
    assert [(line["id"], line["score"]) for line in kept_rows(kept, scripts)] == [("stroke-breakfast", 90)]
    assert kept_rows(tmp_path / "none.jsonl", scripts) == []


async def test_a_script_that_cannot_be_played_is_a_row_that_says_so_and_the_others_go_on() -> None:
    scripts = [load_script(name) for name in ("sore-throat-minimal", "stroke-breakfast")]
    told: list[Result] = []
    tokens = itertools.count()

    async def signed_in() -> str:
        return f"token {next(tokens)}"

    await reckon("http://127.0.0.1:9", signed_in, scripts, at_once=1, told=told.append)
    assert next(tokens) == len(scripts)  # a run is longer than a token's life: each call has one of its own
    assert [(result.script.id, bool(row(result)["problem"])) for result in told] == [
        ("sore-throat-minimal", True),
        ("stroke-breakfast", True),
    ]
