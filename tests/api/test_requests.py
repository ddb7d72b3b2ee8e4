"""Keys, cursors, versions and budgets: the pure rules around a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.api.cursors import Cursors
from dispatch.api.desk import read_version
from dispatch.api.limits import RequestBudget
from dispatch.api.once import Once, Stored, fingerprint, recall, remember
from dispatch.contract.problems import Refused
from dispatch.contract.roles import Role
from dispatch.contract.routes.spec import Method, guarded
from dispatch.observability.clock import VirtualClock
from dispatch.storage import Context, Database, DatabaseRole
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import PersonRow

pytestmark = pytest.mark.property

VERSIONED = guarded("change", Method.PATCH, "/v1/x/{x_id}", "Changes x.", (Role.NURSE,), versioned=True)


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_a_cursor_brings_its_holder_back_to_the_place(place: list[str], holder: list[str]) -> None:
    cursors = Cursors("secret")
    assert cursors.read(tuple(holder), cursors.write(tuple(holder), tuple(place))) == tuple(place)


@given(st.text(max_size=40))
def test_a_cursor_of_somebody_else_or_made_up_is_refused(made_up: str) -> None:
    cursors = Cursors("secret")
    for cursor in (made_up, cursors.write(("list", "other"), ("7",)), Cursors("s2").write(("list", "me"), ("7",))):
        with pytest.raises(Refused):
            cursors.read(("list", "me"), cursor)


@given(st.lists(st.floats(0, 5), max_size=80))
def test_nobody_gets_more_than_the_burst_and_the_steady_rate(gaps: list[float]) -> None:
    budget, now_s, taken = RequestBudget(steady_per_s=2, burst=5), 0.0, 0
    for gap in gaps:
        now_s += gap
        taken += budget.take("somebody", now_s) == 0
    assert taken <= 5 + 2 * now_s + 1e-6


def test_a_wait_that_was_announced_is_enough_and_others_are_not_held_up() -> None:
    budget = RequestBudget(steady_per_s=2, burst=1)
    assert budget.take("a", 0.0) == 0
    wait_s = budget.take("a", 0.0)
    assert wait_s == pytest.approx(0.5)
    assert budget.take("b", 0.0) == 0
    assert budget.take("a", wait_s) == 0


@pytest.mark.parametrize(("given", "read"), [('"7"', 7), ("12", 12)])
def test_a_version_is_read_from_its_etag(given: str, read: int) -> None:
    assert read_version(VERSIONED, given) == read


@pytest.mark.parametrize("given", [None, "", '"x"', "*", 'W/"7"', "9" * 10, "\u0667"])
def test_a_change_without_a_version_that_was_read_is_refused(given: str | None) -> None:
    with pytest.raises(Refused):
        read_version(VERSIONED, given)


async def test_a_request_is_carried_out_once_and_another_one_needs_another_key(database: Database) -> None:
    async with database.transaction(REGISTRY) as session:
        await session.merge(PersonRow(person_id="once", display_name="Once"))
    me, at = Context(DatabaseRole.NURSE, "once"), VirtualClock().now()
    once = Once("once", "a-key-of-16-chars", fingerprint("POST", "/v1/x", b"{}"))
    async with database.transaction(me) as session:
        if await recall(session, once) is None:
            await remember(session, once, Stored({"made": 1}, 3), at)
    async with database.transaction(me) as session:
        assert await recall(session, once) == Stored({"made": 1}, 3)
        with pytest.raises(Refused, match="another request"):
            await recall(session, Once("once", once.key, fingerprint("POST", "/v1/x", b"[]")))


async def test_while_the_first_request_runs_the_second_is_told_to_wait(database: Database) -> None:
    me = Context(DatabaseRole.NURSE, "once")
    once = Once("once", "another-key-of-20-chars", "f")
    async with database.transaction(me) as first:
        assert await recall(first, once) is None
        async with database.transaction(me) as second:
            with pytest.raises(Refused, match="still running"):
                await recall(second, once)
