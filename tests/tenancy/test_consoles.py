"""Operators who are suspended or lose their role in the middle of work, and those whose token merely runs out."""

import asyncio
from collections.abc import Callable

import pytest

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ClientError, ConsoleClient
from dispatch.contract.base import PersonId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AnswerCall, CallState, OpenCall, SeatState, SetSeatState
from dispatch.contract.problems import ProblemCode
from dispatch.identity import Role, end_all_sessions
from dispatch.observability.clock import SystemClock
from dispatch.tenancy import reinstate, suspend
from tests.fixtures_node import MULAW, console_of, new_id

pytestmark = pytest.mark.integration


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - other tasks bring it about
            await asyncio.sleep(0.02)


async def in_a_call(node: Node) -> tuple[CallerClient, ConsoleClient, str]:
    """An operator who has answered a call."""
    caller, console = CallerClient(node.url), await console_of(node)
    await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    call_id = (await caller.start(StartCall(format=MULAW))).call_id
    await console.command(AnswerCall(command_id=new_id(), call_id=call_id))
    return caller, console, call_id


def person(node: Node) -> PersonId:
    """The operator at a console."""
    return next(console.who.person_id for console in node.floor.consoles.values() if not console.who.supervisor)


async def test_a_suspended_operators_console_closes_at_once_and_the_call_rings_at_other_seats(node: Node) -> None:
    caller, console, call_id = await in_a_call(node)
    supervisor = await console_of(node, Role.SUPERVISOR)
    await supervisor.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    operator = person(node)
    await suspend(node.database, operator, SystemClock().now())
    await node.identity._revocations.load(SystemClock().now())
    assert await reinstate(node.database, operator), "other tests sign in as this operator, too"
    with pytest.raises(ClientError) as refused:
        await console.command(OpenCall(command_id=new_id(), call_id=call_id))
    assert refused.value.problem.code is ProblemCode.NOT_SIGNED_IN
    await until(lambda: [seat.who.supervisor for seat in node.floor.consoles.values()] == [True])
    await supervisor.until(lambda view: view.queue[call_id].state is CallState.RINGING)
    await supervisor.command(AnswerCall(command_id=new_id(), call_id=call_id))
    for client in (caller, console, supervisor):
        await client.close()


async def test_an_operator_who_is_signed_out_elsewhere_keeps_the_call_until_it_is_over(node: Node) -> None:
    caller, console, call_id = await in_a_call(node)
    now = SystemClock().now()
    await end_all_sessions(node.database, person(node), now, "signed out everywhere")
    await node.identity._revocations.load(SystemClock().now())
    await asyncio.sleep(1.2)
    await console.command(OpenCall(command_id=new_id(), call_id=call_id))
    assert len(node.floor.consoles) == 1
    (seat,) = node.floor.consoles.values()
    node.floor.sit(seat, SeatState.READY)
    await until(lambda: not node.floor.consoles)
    await caller.close()
    await console.close()
