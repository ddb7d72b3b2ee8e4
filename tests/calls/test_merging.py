"""Two calls about one incident: proposed to people, merged by one of them, and parted again.

The first part is the whole server over real sockets; the second the rules by themselves.
"""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dispatch.bootstrap import Node
from dispatch.calls.call import CallStatus, LiveCall
from dispatch.calls.likely_duplicates import MAX_COMPARED, LikelyDuplicates
from dispatch.calls.merging import merge_entries, undo_entries
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.base import CallId, IncidentId
from dispatch.contract.caller import StartCall
from dispatch.contract.card import Card, CardField, FieldName, SetBy, Source
from dispatch.contract.console import CallSummary, MergeCall, UndoMerge
from dispatch.contract.problems import Refused
from dispatch.contract.timeline import CallMerged, MergeUndone, Position
from dispatch.observability.clock import VirtualClock
from tests.fixtures_node import MULAW, console_of, new_id, talk

pytestmark = pytest.mark.integration

HERE = Position(latitude=52.0, longitude=4.0)
WAIT_S = 20


async def calling(node: Node) -> tuple[CallerClient, CallId]:
    caller = CallerClient(node.url)
    await caller.start(StartCall(format=MULAW, position=HERE))
    assert caller.opened is not None
    return caller, caller.opened.call_id


async def seen(console: ConsoleClient, call_id: CallId, true: Any) -> CallSummary:
    async with asyncio.timeout(WAIT_S):
        await console.until(lambda view: call_id in view.queue and true(view.queue[call_id]))
    return console.view.queue[call_id]


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
        assert shown.incident_id != console.view.queue[second_id].incident_id
    await one.open_call(second_id)
    command = MergeCall(command_id=new_id(), call_id=second_id, other_id=first_id)
    assert (await one.command(command)).ok
    assert (await one.command(command)).ok, "the same command twice is done once"
    incident = one.view.queue[first_id].incident_id
    for console in (one, other):
        merged = await seen(console, second_id, lambda call: call.incident_id == incident)
        assert merged.duplicates == ()
    assert (await one.command(UndoMerge(command_id=new_id(), call_id=second_id))).ok
    for console in (one, other):
        await seen(console, second_id, lambda call: call.incident_id != incident and call.duplicates)
    async with asyncio.timeout(WAIT_S):
        await one.until(lambda view: any(isinstance(entry.body, MergeUndone) for entry in view.entries[second_id]))
    kinds = [type(entry.body) for entry in one.view.entries[second_id]]
    assert (kinds.count(CallMerged), kinds.count(MergeUndone)) == (1, 1)
    again = await one.command(UndoMerge(command_id=new_id(), call_id=second_id))
    assert not again.ok
    for client in (first, second, one, other):
        await client.close()


# --- the rules -------------------------------------------------------------------------------------------------------


def call(name: str, centre: str = "north", place: str = "14 Mill Lane") -> LiveCall:
    """A call as far as merging looks at it."""
    source = Source(set_by=SetBy.RULE, reference="words")
    location = CardField(name=FieldName.LOCATION, value=place, label=place, source=source)
    status = CallStatus(incident_id=IncidentId(f"inc-{name}"), card=Card(version=1, fields=(location,)))
    at = VirtualClock().now()
    parts = {"call_id": CallId(name), "centre": SimpleNamespace(centre_id=centre), "status": status}
    return cast(LiveCall, SimpleNamespace(**parts, timeline=SimpleNamespace(started_at=at)))


def carry_out(entries: list[tuple[LiveCall, CallMerged]] | list[tuple[LiveCall, MergeUndone]]) -> None:
    for each, body in entries:
        each.status.apply(cast(Any, SimpleNamespace(body=body)))


def incidents(*calls: LiveCall) -> list[str]:
    return [str(each.status.incident_id) for each in calls]


def test_all_calls_of_an_incident_move_together_and_part_in_the_order_of_the_merges() -> None:
    a, b, c = calls = [call("a"), call("b"), call("c")]
    carry_out(merge_entries(a, b, calls, "m1"))
    assert incidents(a, b, c) == ["inc-b", "inc-b", "inc-c"]
    carry_out(merge_entries(b, c, calls, "m2"))
    assert incidents(a, b, c) == ["inc-c", "inc-c", "inc-c"]
    carry_out(undo_entries(c, calls))
    assert incidents(a, b, c) == ["inc-b", "inc-b", "inc-c"]
    carry_out(undo_entries(a, calls))
    assert incidents(a, b, c) == ["inc-a", "inc-b", "inc-c"]
    with pytest.raises(Refused):
        undo_entries(a, calls)


def test_calls_of_one_incident_or_of_two_centres_are_not_merged() -> None:
    a, b, far = calls = [call("a"), call("b"), call("far", "south")]
    carry_out(merge_entries(a, b, calls, "m1"))
    for other in (b, far):
        with pytest.raises(Refused):
            merge_entries(a, other, calls, "m2")


def test_proposals_follow_the_card_and_leave_with_the_call() -> None:
    watch, calls = LikelyDuplicates(), [call("a"), call("b"), call("c", place="9 Hill Road"), call("d", "south")]
    changed = {}
    for each in calls:
        changed |= watch.look(each, calls)
    assert [pair.call_id for pair in changed[CallId("a")]] == ["b"]
    assert changed[CallId("c")] == changed[CallId("d")] == ()
    assert watch.look(calls[0], calls) == {}, "nothing is compared twice"
    assert watch.forget(CallId("b")) == {CallId("a"): ()}


def test_a_thousand_calls_about_one_fire_cost_a_bounded_number_of_comparisons_each() -> None:
    watch, calls = LikelyDuplicates(), [call(f"c{number}") for number in range(300)]
    changed = {}
    for each in calls:
        changed = watch.look(each, calls)
    assert len(changed) <= MAX_COMPARED + 1
    assert all(len(pairs) <= 3 for pairs in changed.values())
