"""The whole router over real sockets while providers fail: the bench's own scenarios, smaller."""

import pytest

from bench._router_faults import (
    GRACE_S,
    MATRIX_DEADLINE_S,
    cost_overshoot,
    error_500,
    fault_matrix,
    half_open_probes,
    hang,
    stalled_stream,
    two_servers,
)
from bench._router_house import triage_request

pytestmark = pytest.mark.integration

GENEROUS_S = 1.0
"""These are not timings: a machine that runs other things too must not fail them."""


async def test_a_provider_that_hangs_fails_over_long_before_the_deadline() -> None:
    first_s, steady_s = await hang()
    assert first_s < GENEROUS_S
    assert steady_s < GENEROUS_S


async def test_errors_and_stalled_streams_fail_over_too() -> None:
    assert await error_500() < GENEROUS_S
    assert await stalled_stream() < 2 * GENEROUS_S


async def test_of_fifty_waiters_one_reaches_the_provider() -> None:
    assert await half_open_probes(50) == 1


async def test_two_hundred_at_once_pay_no_more_than_the_day_allows() -> None:
    assert await cost_overshoot(200) == 0


async def test_every_fault_of_every_wire_ends_in_a_valid_answer() -> None:
    matrix = await fault_matrix(("hang", "drip", "cut", "junk", "429", "redirect"))
    assert matrix.cases == 72
    assert matrix.unanswered == 0
    assert matrix.worst_late_s < GENEROUS_S
    assert MATRIX_DEADLINE_S > GRACE_S


async def test_a_provider_that_comes_back_is_used_again() -> None:
    async with two_servers(cooldown_s=(0.05, 0.05)) as (router, first, _):
        first.fault = "500"
        for _call in range(3):
            await router.complete(triage_request())
        first.fault = "ok"
        answered = set()
        for _call in range(200):
            answered.add((await router.complete(triage_request())).decision.answered_by)
            if "own0" in answered:
                break
        assert "own0" in answered
