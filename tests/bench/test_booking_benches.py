"""`kiwimesh bench booking` and `bench http`: small, but the whole of them."""

import pytest

from bench import booking, http

pytestmark = pytest.mark.integration


def test_contenders_for_one_unit_and_one_slot_are_counted() -> None:
    figures = booking.run(rows=40, contenders=4, rounds=2)
    assert (figures["double_assignments"], figures["deadlocks"]) == (0, 0)
    for race in ("unit", "slot"):
        assert (figures[race]["winners"], figures[race]["refused"]) == (2, 6)  # type: ignore[index]


def test_the_bare_handler_executes_the_same_sql() -> None:
    figures = http.run(rows=20, requests=10, rounds=1, connections=2)
    assert figures["statements"] == {"create": 9, "list": 2}
    assert figures["ratio"] > 0  # type: ignore[operator]
    assert [len(each) for each in figures["rounds"].values()] == [1, 1]  # type: ignore[attr-defined]
