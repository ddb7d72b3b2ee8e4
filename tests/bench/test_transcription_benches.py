"""The benches of transcription: what they say, and that what they say comes from what happened."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench import curve, memory
from bench._virtual_engine import COSTS
from bench.noise import loops
from transcription import Window

pytestmark = pytest.mark.unit

ROW = {
    "model": "base", "calls": 4, "seconds": 240.0, "speech_share": 0.8, "wer_revised": 0.15, "wer_final": 0.2,
    "wer_stable": 0.23, "stable_p50_s": 0.9, "stable_p95_s": 1.4, "final_p95_s": 1.1, "busy": 1.6, "lost_samples": 0,
    "tiers": ["full"], "factor": 1.0,
}  # fmt: skip


def window(seconds: int, beam: int = 1) -> Window:
    return Window(np.zeros(16000, np.int16), seconds * 16000, "en", beam=beam)


def test_a_decode_costs_more_for_longer_windows_more_words_wider_beams_and_bigger_models() -> None:
    base = COSTS["base"]
    cheap = base.of([window(8)], 5, 8)
    assert min(base.of([window(24)], 5, 8), base.of([window(8)], 15, 20), base.of([window(8, 5)], 5, 8)) > cheap
    assert cheap < base.of([window(8)] * 4, 5, 8) < 4 * cheap
    assert base.of([window(8)], 5, 3) < cheap, "a draft that is right saves steps"
    assert COSTS["tiny.en"].of([window(8)], 5, 8) < cheap


def test_a_curve_is_drawn_again_from_its_figures(tmp_path: Path) -> None:
    figures, plot = tmp_path / "figures.jsonl", tmp_path / "curve.svg"
    figures.write_text("".join(json.dumps(ROW | {"calls": calls}) + "\n" for calls in (8, 4)))
    told = curve.run(None, (4, 8), ("base",), 60.0, 1.0, figures, plot)
    assert told["rows"] == 2
    assert str(told["table"]).splitlines()[2].startswith("| base | 4 | 240.0 |")
    assert plot.read_text().lstrip().startswith("<?xml")


def test_the_memory_of_a_call_is_measured_while_calls_are_heard() -> None:
    told = memory.run(2, 0.2)
    assert isinstance(told["mb_a_call"], float)
    assert told["mb_a_call"] < 8
    assert isinstance(told["heard_hours"], float)
    assert told["heard_hours"] > 2 * 2 / 60


def test_a_loop_is_a_phrase_again_and_again_or_more_than_anybody_says() -> None:
    assert loops(["no"] * 6, 10 * 16000)
    assert loops([f"word{number}" for number in range(20)], 2 * 16000)
    assert not loops(["he", "is", "not", "breathing", "please", "send", "help"], 2 * 16000)
