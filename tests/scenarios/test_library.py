"""The library of recorded calls: every file is valid, and its sound is what the file says."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from dispatch.contract.audio import Channel, Encoding
from scenarios.library import DEMO_CALL, LIBRARY, Scenario, load, scenario_ids

pytestmark = pytest.mark.contract

CALLS = scenario_ids()
MULAW_FORMAT = 7
BOTH = (Channel.CALLER, Channel.OPERATOR)


def mulaw_samples(path: Path) -> tuple[int, NDArray[np.float64]]:
    """Rate and samples (full scale 1) of a mono mu-law WAV file, read chunk by chunk."""
    content = path.read_bytes()
    chunks, at = {}, 12
    while at < len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        chunks[name] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    kind, channels, rate = struct.unpack_from("<HHI", chunks[b"fmt "])
    assert (kind, channels) == (MULAW_FORMAT, 1)
    code = ~np.frombuffer(chunks[b"data"], np.uint8)
    level = ((((code & 15).astype(int) << 3) + 132) << ((code >> 4) & 7)) - 132
    return rate, np.where(code & 0x80, -level, level) / 32768


def loudness(samples: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize("scenario_id", CALLS)
def test_both_sides_are_equally_long_and_as_long_as_the_file_says(scenario_id: str) -> None:
    scenario = load(scenario_id)
    assert scenario.id == scenario_id
    assert scenario.audio.encoding is Encoding.MULAW
    for channel in BOTH:
        rate, samples = mulaw_samples(scenario.sound(channel))
        assert rate == scenario.audio.sample_rate
        assert len(samples) / rate == pytest.approx(scenario.seconds, abs=1 / rate)


@pytest.mark.parametrize("scenario_id", CALLS)
def test_each_turn_is_heard_on_its_own_side_at_its_own_time(scenario_id: str) -> None:
    scenario = load(scenario_id)
    sides = {channel: mulaw_samples(scenario.sound(channel)) for channel in BOTH}
    for turn in scenario.turns:
        for channel, (rate, samples) in sides.items():
            heard = loudness(samples[round(turn.start_s * rate) : round(turn.end_s * rate)])
            assert (heard > 0.05) == (channel is turn.speaker), (turn.start_s, channel)


@pytest.mark.parametrize("scenario_id", CALLS)
def test_the_noise_is_at_the_stated_distance_below_the_speech(scenario_id: str) -> None:
    scenario = load(scenario_id)
    rate, samples = mulaw_samples(scenario.sound(Channel.CALLER))
    spoken = np.zeros(len(samples), bool)
    for turn in scenario.turns:
        if turn.speaker is Channel.CALLER:
            spoken[round(turn.start_s * rate) : round(turn.end_s * rate)] = True
    distance = 20 * np.log10(loudness(samples[spoken]) / loudness(samples[~spoken]))
    assert distance == pytest.approx(scenario.caller.snr_db, abs=1)


def test_the_demo_call_lasts_35_to_50_seconds_and_turns_red_at_words_of_the_caller() -> None:
    scenario = load(DEMO_CALL)
    assert 35 <= scenario.seconds <= 50
    assert scenario.gold.category == 1
    assert scenario.red_flag_end_s is not None
    assert [
        turn.text
        for turn in scenario.turns
        if turn.speaker is Channel.CALLER and turn.start_s < scenario.red_flag_end_s <= turn.end_s
    ] == ["He just collapsed in the kitchen. He will not wake up. Please help us."]


def test_the_library_holds_calls_of_different_urgency() -> None:
    assert {load(scenario_id).gold.category for scenario_id in CALLS} >= {1, 2, 4, 5}


def test_the_reference_for_benches_says_what_the_scenarios_say() -> None:
    lines = [json.loads(line) for line in (LIBRARY / "reference.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == list(CALLS)
    for line in lines:
        scenario = load(line["id"])
        ends = [turn.end_s for turn in scenario.turns if turn.speaker is Channel.CALLER]
        assert (line["file"], line["text"]) == (scenario.audio.caller, scenario.said_by(Channel.CALLER))
        assert line["turn_ends_s"] == ends


def test_an_unknown_call_is_named_together_with_those_that_exist() -> None:
    with pytest.raises(LookupError, match=DEMO_CALL):
        load("no-such-call")


@pytest.mark.parametrize("change", [{"surprise": 1}, {"seconds": 3.0}, {"turns": []}])
def test_a_broken_scenario_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Scenario.model_validate(load(DEMO_CALL).model_dump() | change)
