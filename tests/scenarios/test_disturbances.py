"""What a trainer makes happen on the line, as it is heard."""

import array

import pytest

from dispatch.contract.training_exercises import InjectionKind
from scenarios.disturbances import BATTERY_S, NOISE_LEVEL, NOISE_S, PIECE_S, Line
from scenarios.sound import mulaw_to_pcm, pcm_to_mulaw

pytestmark = pytest.mark.unit

SPOKEN = bytes(range(160))


def levels(frame: bytes) -> list[int]:
    return array.array("h", mulaw_to_pcm(frame)).tolist()


def test_sound_that_is_encoded_again_is_the_same_sound() -> None:
    every = bytes(range(256))
    assert levels(pcm_to_mulaw(levels(every))) == levels(every)


def test_an_undisturbed_line_changes_nothing() -> None:
    assert Line().through(SPOKEN, 3.0) == SPOKEN


def test_noise_lies_over_the_caller_for_a_while_and_no_louder_than_said() -> None:
    line = Line()
    line.disturb(InjectionKind.LINE_NOISE, 10.0)
    heard = line.through(SPOKEN, 10.0)
    assert heard is not None
    assert heard != SPOKEN
    quiet = line.through(b"\xff" * 160, 11.0)
    assert quiet is not None
    assert max(map(abs, levels(quiet))) <= NOISE_LEVEL * 1.05
    assert line.through(SPOKEN, 10.0 + NOISE_S) == SPOKEN


def test_a_dying_battery_gives_pieces_of_sound_and_then_a_dead_line() -> None:
    line = Line()
    line.disturb(InjectionKind.BATTERY_LOW, 5.0)
    assert line.through(SPOKEN, 5.0) == b"\xff" * 160
    assert line.through(SPOKEN, 5.0 + PIECE_S * 1.5) == SPOKEN
    line.disturb(InjectionKind.BATTERY_LOW, 6.0)
    assert line.through(SPOKEN, 5.0 + BATTERY_S) is None
