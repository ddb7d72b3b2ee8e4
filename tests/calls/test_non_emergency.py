"""A call that is no emergency: handed over by a person with what is known, and never closed by itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleView
from dispatch.contract.base import CallId, CentreId
from dispatch.contract.caller import StartCall
from dispatch.contract.card import Card
from dispatch.contract.console import (
    AnswerCall,
    CallState,
    HandOverCall,
    MarkHelpSent,
    SeatState,
    SetSeatState,
)
from dispatch.contract.problems import ProblemCode
from dispatch.contract.timeline import CallHandedOver, CardUpdated, HandOverTo
from dispatch.observability import metrics
from dispatch.storage import ServerUrls
from dispatch.storage.context import WORKER, sending
from dispatch.storage.tables import BookingRow, JobRow
from tests.fixtures_node import MULAW, SameForEveryCaller, console_of, new_id, node_settings, talk
from transcription import ScriptedEngine, ScriptedVoice, TranscriptionService

pytestmark = pytest.mark.integration

BOOKING = "i would like to book a transport to the hospital on monday for my dialysis"
THEN = "oh no my husband has collapsed he is not breathing"
THEN_S = 18
WAIT_S = 60


def bad_turn() -> TranscriptionService:
    """Every caller asks for a transport, and from second 18 on has an emergency."""
    script = SameForEveryCaller(BOOKING)
    for word in SameForEveryCaller(THEN).words:
        later = 16000 * THEN_S
        script.words.append(replace(word, start=word.start + later, end=word.end + later))
    return TranscriptionService(ScriptedEngine(script), voice=ScriptedVoice())


@pytest.fixture
async def booking_node(servers: ServerUrls, tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(node_settings(servers, tmp_path), demo=True, transcription=bad_turn())
    await made.start()
    yield made
    await made.stop()


def cards(view: ConsoleView, call_id: CallId) -> list[Card]:
    return [entry.body.card for entry in view.entries[call_id] if isinstance(entry.body, CardUpdated)]


async def booking_of(node: Node, call_id: CallId) -> BookingRow:
    """The booking that a call became; it is made with the copy of the log in the database."""
    async with asyncio.timeout(WAIT_S):
        while True:
            async with node.database.transaction(sending(CentreId("demo-centre"))) as session:
                found = select(BookingRow).where(BookingRow.note.contains(call_id))
                if row := await session.scalar(found):
                    return row
            await asyncio.sleep(0.05)


async def ids_behind(node: Node, booking_id: str) -> set[str]:
    """The correlation ids of the jobs that follow from a booking."""
    query = select(JobRow.correlation_id).where(JobRow.payload["booking_id"].astext == booking_id)
    async with node.database.transaction(WORKER) as session:
        return set(await session.scalars(query))


async def test_a_booking_is_handed_over_with_its_details_and_stays_open_for_a_person(booking_node: Node) -> None:
    console = await console_of(booking_node)
    await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    caller = CallerClient(booking_node.url)
    await caller.start(StartCall(format=MULAW, phone="+31 6 1234 567"))
    assert caller.opened is not None
    call_id = caller.opened.call_id
    await console.open_call(call_id)
    await console.command(AnswerCall(command_id=new_id(), call_id=call_id))
    early = await console.command(HandOverCall(command_id=new_id(), call_id=call_id, to=HandOverTo.BOOKING))
    assert early.problem is not None
    assert early.problem.code is ProblemCode.WRONG_STATE
    told = await talk(caller, 16)
    offered = lambda card: card.hand_over is not None and card.hand_over.service_type  # noqa: E731
    async with asyncio.timeout(WAIT_S):
        await console.until(lambda view: any(map(offered, cards(view, call_id))))
    hand_over = HandOverCall(command_id=new_id(), call_id=call_id, to=HandOverTo.BOOKING)
    assert (await console.command(hand_over)).ok
    handed = lambda view: [e.body for e in view.entries[call_id] if isinstance(e.body, CallHandedOver)]  # noqa: E731
    async with asyncio.timeout(WAIT_S):
        await console.until(handed)
    assert handed(console.view)[0].to is HandOverTo.BOOKING
    assert "+31 6 1234 567" in {known.value for known in handed(console.view)[0].collected}
    assert handed(console.view)[0].service_type == "ambulance"
    booked = await booking_of(booking_node, call_id)
    assert (booked.service_type, booked.status, booked.version) == ("ambulance", "requested", 1)
    assert await ids_behind(booking_node, booked.booking_id) == {hand_over.command_id}
    assert booked.incident_id == console.view.queue[call_id].incident_id
    assert "+31 6 1234 567" in booked.note
    assert console.view.queue[call_id].state is CallState.ANSWERED
    await talk(caller, 12, first=told)
    async with asyncio.timeout(WAIT_S):
        await console.until(lambda view: cards(view, call_id)[-1].category == 1)
    card = cards(console.view, call_id)[-1]
    assert card.hand_over is not None
    assert card.hand_over.overtaken
    assert "+31 6 1234 567" in {field.value for field in card.fields}
    await caller.hang_up()
    async with asyncio.timeout(WAIT_S):
        await console.until(lambda view: view.queue[call_id].state is CallState.ENDED)
    await caller.close()
    await console.close()


async def test_goals_that_are_met_are_counted_once_each(node: Node) -> None:
    console = await console_of(node)
    caller = CallerClient(node.url)
    await caller.start(StartCall(format=MULAW))
    assert caller.opened is not None
    call_id = caller.opened.call_id
    before = {name: counted(name) for name in ("answered", "dispatched", "arrest_recognised")}
    await console.command(AnswerCall(command_id=new_id(), call_id=call_id))
    await talk(caller, 6)
    for _ in range(2):
        assert (await console.command(MarkHelpSent(command_id=new_id(), call_id=call_id))).ok
    async with asyncio.timeout(WAIT_S):
        while counted("arrest_recognised") == before["arrest_recognised"]:  # noqa: ASYNC110 - the words bring it about
            await asyncio.sleep(0.02)
    assert {name: counted(name) - count for name, count in before.items()} == dict.fromkeys(before, 1)
    await caller.close()
    await console.close()


def counted(goal: str) -> int:
    lines = generate_latest(metrics.REGISTRY).decode().splitlines()
    found = [line for line in lines if line.startswith(f'kiwimesh_goal_seconds_count{{goal="{goal}"}}')]
    return int(float(found[0].split()[-1])) if found else 0
