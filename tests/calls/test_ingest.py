"""The order of frames: whatever a network does to them, each is taken once and none is skipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.ingest import FrameOrder, Gap, Verdict

pytestmark = pytest.mark.property

FRAME = 160


@given(st.lists(st.integers(min_value=0, max_value=40), max_size=400))
def test_a_client_that_sends_again_from_the_expected_frame_loses_and_doubles_nothing(arrivals: list[int]) -> None:
    order, taken = FrameOrder(), []
    for seq in [*arrivals, *range(41)]:
        if order.judge(seq, seq * FRAME) is Verdict.TAKE:
            taken.append(seq)
            order = order.taken(seq * FRAME, FRAME)
    assert taken == list(range(len(taken)))
    assert order == FrameOrder(len(taken), len(taken) * FRAME)


@given(st.integers(0, 1000), st.integers(0, 10**6), st.integers(0, 2000), st.integers(0, 10**6))
def test_only_the_expected_frame_that_does_not_run_backwards_is_taken(
    next_seq: int, next_offset: int, seq: int, offset: int
) -> None:
    verdict = FrameOrder(next_seq, next_offset).judge(seq, offset)
    assert (verdict is Verdict.TAKE) == (seq == next_seq and offset >= next_offset)
    assert (verdict is Verdict.DUPLICATE) == (seq < next_seq)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), max_size=50))
def test_every_lost_sample_is_inside_exactly_one_gap(frames: list[tuple[int, int]]) -> None:
    order, lost, sent = FrameOrder(), 0, 0
    for skipped, samples in frames:
        offset = order.next_offset + skipped
        gap = order.gap_before(offset)
        assert (gap is None) == (skipped == 0)
        lost += gap.end - gap.start if gap else 0
        sent += samples
        order = order.taken(offset, samples)
    assert lost + sent == order.next_offset


def test_a_jump_of_the_offset_is_a_gap_with_its_place() -> None:
    assert FrameOrder(3, 480).gap_before(800) == Gap(480, 800)
