"""Two calls about one incident: proposed to people, merged by one of them, and parted again.

The first part is the whole server over real sockets; the second the proposals by themselves.
"""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dispatch.bootstrap import Node
from dispatch.calls.call import CallStatus, LiveCall
from dispatch.calls.likely_duplicates import MAX_COMPARED, LikelyDuplicates
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.base import CallId, CentreId, IncidentId
from dispatch.contract.caller import StartCall
from dispatch.contract.card import Card, CardField, FieldName, SetBy, Source
from dispatch.contract.console import CallSummary
from dispatch.contract.dispatch_commands import MergeIncident, UnmergeIncident
from dispatch.contract.dispatching import IncidentRegrouped
from dispatch.contract.timeline import Position
from dispatch.observability.clock import VirtualClock
from dispatch.storage import CallRecord
from tests.fixtures_node import MULAW, console_of, new_id, talk

pytestmark = pytest.mark.integration

HERE = Position(latitude=52.0, longitude=4.0)
WAIT_S = 60


async def calling(node: Node) -> tuple[CallerClient, CallId]:
    caller = CallerClient(node.url)
    await caller.start(StartCall(format=MULAW, position=HERE))
    assert caller.opened is not None
    return caller, caller.opened.call_id


async def seen(console: ConsoleClient, call_id: CallId, true: Any) -> CallSummary:
    async with asyncio.timeout(WAIT_S):
        await console.until(lambda view: call_id in view.queue and true(view.queue[call_id]))
    return console.view.queue[call_id]


async def in_database(node: Node) -> None:
    """Commands about incidents need them there."""
    async with asyncio.timeout(WAIT_S):
        while node.shipper.behind:  # noqa: ASYNC110 - the shipper brings it about
            await asyncio.sleep(0.02)


async def test_two_calls_from_one_place_are_proposed_merged_and_parted_again_on_both_consoles(node: Node) -> None:
    one, other = await console_of(node), await console_of(node)
    first, first_id = await calling(node)
    second, second_id = await calling(node)
    await talk(first, 6)
    await talk(second, 6)
    for console in (one, other):
        shown = await seen(console, first_id, lambda call: call.duplicates)
        assert shown.duplicates[0].call_id == second_id
        assert "callers close to each other" in shown.duplicates[0].reasons
    await in_database(node)
    await one.open_call(second_id)
    into, own = one.view.queue[first_id].incident_id, one.view.queue[second_id].incident_id
    assert own != into
    assert (await one.command(MergeIncident(command_id=new_id(), incident_id=own, into=into))).ok
    for console in (one, other):
        merged = await seen(console, second_id, lambda call: call.incident_id == into and not call.duplicates)
        assert merged.duplicates == ()
    assert (await other.command(UnmergeIncident(command_id=new_id(), incident_id=own))).ok
    for console in (one, other):
        await seen(console, second_id, lambda call: call.incident_id == own and call.duplicates)
    async with asyncio.timeout(WAIT_S):
        await one.until(lambda view: [e.body.how for e in regrouped(view, second_id)] == ["merged", "unmerged"])
    for client in (first, second, one, other):
        await client.close()


def regrouped(view: Any, call_id: CallId) -> list[Any]:
    return [entry for entry in view.entries[call_id] if isinstance(entry.body, IncidentRegrouped)]


# --- the proposals ---------------------------------------------------------------------------------------------------


def call(name: str, centre: str = "north", place: str = "14 Mill Lane", incident: str = "") -> LiveCall:
    """A call as far as it is compared."""
    source = Source(set_by=SetBy.RULE, reference="words")
    location = CardField(name=FieldName.LOCATION, value=place, label=place, source=source)
    at = VirtualClock().now()
    record = CallRecord(
        CallId(name), IncidentId(incident or f"inc-{name}"), CentreId(centre), "web", exercise=False, anonymous=False,
        started_at=at,
    )  # fmt: skip
    status = CallStatus(record, card=Card(version=1, fields=(location,)))
    parts = {"call_id": CallId(name), "centre": SimpleNamespace(centre_id=centre), "status": status}
    return cast(LiveCall, SimpleNamespace(**parts, timeline=SimpleNamespace(started_at=at)))


def test_proposals_follow_the_card_and_leave_with_the_call() -> None:
    watch, calls = LikelyDuplicates(), [call("a"), call("b"), call("c", place="9 Hill Road"), call("d", "south")]
    changed = {}
    for each in calls:
        changed |= watch.look(each, calls)
    assert [pair.call_id for pair in changed[CallId("a")]] == ["b"]
    assert changed[CallId("c")] == changed[CallId("d")] == ()
    assert watch.look(calls[0], calls) == {}, "nothing is compared twice"
    assert watch.forget(CallId("b")) == {CallId("a"): ()}


def test_calls_of_one_incident_are_not_proposed_to_each_other() -> None:
    watch, calls = LikelyDuplicates(), [call("a", incident="inc-1"), call("b", incident="inc-1")]
    changed = {}
    for each in calls:
        changed |= watch.look(each, calls)
    assert set(changed.values()) == {()}


def test_hundreds_of_calls_about_one_fire_cost_a_bounded_number_of_comparisons_each() -> None:
    watch, calls = LikelyDuplicates(), [call(f"c{number}") for number in range(300)]
    changed = {}
    for each in calls:
        changed = watch.look(each, calls)
    assert len(changed) <= MAX_COMPARED + 1
    assert all(len(pairs) <= 3 for pairs in changed.values())
