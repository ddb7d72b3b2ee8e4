"""Several operators on one call, over real sockets: handing it over, refusing, being late or gone, listening, joining.

At every moment somebody talks with the caller: what the caller hears is looked at on the caller's own wire.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.audio import Channel, RelayedFrame
from dispatch.contract.base import CallId
from dispatch.contract.caller import CallPhase, StartCall
from dispatch.contract.conference_commands import (
    AnswerTransfer,
    AskColleagues,
    JoinCall,
    LeaveTalk,
    MonitorCall,
    OfferTransfer,
    WithdrawTransfer,
)
from dispatch.contract.console import (
    AnswerCall,
    CallState,
    CallSummary,
    Colleagues,
    Command,
    CommandDone,
    HangUpCall,
    HoldCall,
    SeatState,
)
from dispatch.contract.problems import ProblemCode
from tests.fixtures_node import FRAME, LOUD, MULAW, new_id, signed_in

pytestmark = pytest.mark.integration

WAIT_S = 60
VOICE = b"\x01\x00" * 320
"""20 ms of an operator's sound."""


@dataclass
class Desk:
    """A console, what it heard, and its voice."""

    console: ConsoleClient
    heard: Counter[Channel] = field(default_factory=Counter)
    told: list[Any] = field(default_factory=list)
    _sent: int = 0

    @property
    def seat_id(self) -> str:
        assert self.console.view.seat is not None
        return self.console.view.seat.seat_id

    async def do(self, command: type[Command], call_id: CallId, **more: Any) -> CommandDone:
        return await self.console.command(command(command_id=new_id(), call_id=call_id, **more))  # type: ignore[call-arg]

    async def done(self, command: type[Command], call_id: CallId, **more: Any) -> None:
        answer = await self.do(command, call_id, **more)
        assert answer.ok, answer.problem

    async def refused(self, command: type[Command], call_id: CallId, **more: Any) -> ProblemCode:
        answer = await self.do(command, call_id, **more)
        assert answer.problem is not None
        return answer.problem.code

    async def speak(self, call_id: CallId) -> None:
        """One frame, numbered as the server told this console last."""
        await self.console.speak(call_id, self.console.voice.next_seq, self.console.voice.next_offset, VOICE)

    async def sees(self, call_id: CallId, true: Callable[[CallSummary], Any]) -> CallSummary:
        async with asyncio.timeout(WAIT_S):
            await self.console.until(lambda view: call_id in view.queue and bool(true(view.queue[call_id])))
        return self.console.view.queue[call_id]

    async def sits(self, state: SeatState) -> None:
        async with asyncio.timeout(WAIT_S):
            await self.console.until(lambda view: view.seat is not None and view.seat.state is state)


async def desk_of(node: Node, login: str) -> Desk:
    """A connected desk of a demo login, by its name."""
    assert node.demo_world is not None
    found = next(each for each in node.demo_world.logins if each.email.startswith(f"{login}@"))
    session = await signed_in(node.url, found.email, found.password)
    desk: list[Desk] = []
    console = ConsoleClient(
        node.url,
        session.access_token,
        on_relay=lambda frame: desk[0].heard.update([frame.channel]),
        on_delivery=lambda body: desk[0].told.append(body) if desk else None,
    )
    desk.append(Desk(console))
    await console.connect()
    async with asyncio.timeout(WAIT_S):
        await console.until(lambda view: view.seat is not None)
    return desk[0]


@dataclass
class Scene:
    """A caller, two operators and a supervisor; Olive has answered."""

    node: Node
    caller: CallerClient
    call_id: CallId
    olive: Desk
    oscar: Desk
    sina: Desk
    heard: Counter[Channel]
    phases: list[CallPhase]
    _frames: int = 0

    async def caller_speaks(self) -> None:
        await self.caller.send(LOUD, self._frames * FRAME)
        self._frames += 1

    async def hears(self, who: Counter[Channel], channel: Channel, speak: Callable[[], Any]) -> None:
        """Somebody hears a channel when somebody speaks."""
        before = who[channel]
        async with asyncio.timeout(WAIT_S):
            while who[channel] == before:
                await speak()
                await asyncio.sleep(0.02)

    @property
    def rang_again(self) -> bool:
        """Whether the caller was told that it rings, after an operator was with them."""
        return CallPhase.RINGING in self.phases[self.phases.index(CallPhase.ANSWERED) :]

    def kinds(self) -> list[str]:
        return [entry.body.kind for entry in self.node.switchboard.calls[self.call_id].timeline.entries]


@pytest.fixture
async def scene(node: Node) -> AsyncIterator[Scene]:
    heard: Counter[Channel] = Counter()
    phases: list[CallPhase] = []

    def relayed(frame: RelayedFrame) -> None:
        heard[frame.channel] += 1

    caller = CallerClient(node.url, on_relay=relayed, on_state=lambda state: phases.append(state.phase))
    desks = [await desk_of(node, login) for login in ("operator", "operator2", "supervisor")]
    await caller.start(StartCall(format=MULAW))
    assert caller.opened is not None
    made = Scene(node, caller, caller.opened.call_id, *desks, heard, phases)
    await made.olive.done(AnswerCall, made.call_id)
    await made.hears(made.olive.heard, Channel.CALLER, made.caller_speaks)
    yield made
    for client in (caller, *(desk.console for desk in desks)):
        await client.close()


async def test_a_call_is_handed_over_warmly_and_the_caller_is_never_alone(scene: Scene) -> None:
    olive, oscar, call_id = scene.olive, scene.oscar, scene.call_id
    await olive.console.command(AskColleagues(command_id=new_id()))
    async with asyncio.timeout(WAIT_S):
        while not (lists := [body for body in olive.told if isinstance(body, Colleagues)]):  # noqa: ASYNC110 - told
            await asyncio.sleep(0.01)
    assert {one.seat.display_name for one in lists[0].seats} == {"Oscar Operator", "Sina Supervisor"}
    assert oscar.seat_id in {one.seat.seat_id for one in lists[0].seats if one.connected}

    offer = OfferTransfer(command_id=new_id(), call_id=call_id, seat_id=oscar.seat_id)
    first, again = await olive.console.command(offer), await olive.console.command(offer)
    assert (first.ok, again.seq) == (True, first.seq), "the same command twice is done once"
    offered = await oscar.sees(call_id, lambda call: call.transfer)
    assert offered.transfer is not None
    assert offered.transfer.to.display_name == "Oscar Operator"
    assert await olive.refused(OfferTransfer, call_id, seat_id=scene.sina.seat_id) is ProblemCode.WRONG_STATE

    await oscar.done(AnswerTransfer, call_id, accept=True)
    await oscar.sees(call_id, lambda call: call.colleague and not call.transfer)
    await oscar.sits(SeatState.ON_CALL)
    await scene.hears(oscar.heard, Channel.CALLER, scene.caller_speaks)
    await scene.hears(scene.heard, Channel.SECOND, lambda: oscar.speak(call_id))
    await scene.hears(scene.heard, Channel.OPERATOR, lambda: olive.speak(call_id))
    await scene.hears(oscar.heard, Channel.OPERATOR, lambda: olive.speak(call_id))
    await scene.hears(olive.heard, Channel.SECOND, lambda: oscar.speak(call_id))
    assert await olive.refused(HangUpCall, call_id) is ProblemCode.WRONG_STATE, "nobody hangs up under a colleague"
    assert await oscar.refused(HoldCall, call_id, on=True) is ProblemCode.NOT_ALLOWED

    await olive.done(HoldCall, call_id, on=True)
    quiet = scene.heard.total()
    await scene.hears(oscar.heard, Channel.OPERATOR, lambda: olive.speak(call_id))
    assert scene.heard.total() == quiet, "on hold the two talk to each other alone"
    await olive.done(HoldCall, call_id, on=False)

    await olive.done(LeaveTalk, call_id)
    passed = await oscar.sees(call_id, lambda call: call.seat_id == oscar.seat_id and not call.colleague)
    assert (passed.state, passed.answered_by) == (CallState.ANSWERED, "Oscar Operator")
    await olive.sits(SeatState.WRAP_UP)
    await scene.hears(oscar.heard, Channel.CALLER, scene.caller_speaks)
    await scene.hears(scene.heard, Channel.SECOND, lambda: oscar.speak(call_id))
    assert await oscar.refused(LeaveTalk, call_id) is ProblemCode.WRONG_STATE, "the last one cannot leave"
    assert not scene.rang_again, "for the caller nothing has changed"
    kept = ["transfer.offered", "colleague.joined", "call.held", "call.unheld", "call.passed_on"]
    assert [kind for kind in scene.kinds() if kind in kept] == kept
    await oscar.done(HangUpCall, call_id)
    await oscar.sits(SeatState.WRAP_UP)


async def test_an_offer_that_is_refused_withdrawn_or_late_leaves_the_call_with_the_giver(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    olive, oscar, call_id = scene.olive, scene.oscar, scene.call_id
    assert await olive.refused(OfferTransfer, call_id, seat_id="seat-of-nobody") is ProblemCode.NOT_FOUND
    assert await olive.refused(OfferTransfer, call_id, seat_id=olive.seat_id) is ProblemCode.WRONG_STATE
    assert await oscar.refused(OfferTransfer, call_id, seat_id=scene.sina.seat_id) is ProblemCode.NOT_ALLOWED
    assert await oscar.refused(AnswerTransfer, call_id, accept=True) is ProblemCode.WRONG_STATE
    await olive.done(OfferTransfer, call_id, seat_id=oscar.seat_id)
    assert await scene.sina.refused(AnswerTransfer, call_id, accept=True) is ProblemCode.WRONG_STATE
    await oscar.done(AnswerTransfer, call_id, accept=False)
    await olive.sees(call_id, lambda call: not call.transfer)
    await olive.done(OfferTransfer, call_id, seat_id=oscar.seat_id)
    await olive.done(WithdrawTransfer, call_id)
    monkeypatch.setattr("dispatch.calls.handover.OFFER_S", 0.2)
    await olive.done(OfferTransfer, call_id, seat_id=oscar.seat_id)
    await olive.sees(call_id, lambda call: not call.transfer)
    assert await oscar.refused(AnswerTransfer, call_id, accept=True) is ProblemCode.WRONG_STATE, "too late"
    call = scene.node.switchboard.calls[call_id]
    ends = [entry.body.how for entry in call.timeline.entries if entry.body.kind == "transfer.ended"]
    assert ends == ["refused", "withdrawn", "timed_out"]
    assert call.status.seat_id == olive.seat_id
    await scene.hears(olive.heard, Channel.CALLER, scene.caller_speaks)
    await scene.hears(scene.heard, Channel.OPERATOR, lambda: olive.speak(call_id))


async def test_consoles_that_are_gone_leave_the_call_to_whoever_is_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.consoles.floor.OFFER_BACK_S", 0.1)
    olive, oscar, call_id = scene.olive, scene.oscar, scene.call_id
    await olive.done(OfferTransfer, call_id, seat_id=oscar.seat_id)
    await oscar.done(AnswerTransfer, call_id, accept=True)
    await olive.console.close()
    passed = await oscar.sees(call_id, lambda call: call.seat_id == oscar.seat_id)
    assert passed.state is CallState.ANSWERED, "the giver is gone: it is the colleague's, and does not ring again"
    await scene.hears(scene.heard, Channel.SECOND, lambda: oscar.speak(call_id))
    await scene.sina.done(JoinCall, call_id)
    await scene.sina.console.close()
    await oscar.sees(call_id, lambda call: not call.colleague)
    assert not scene.rang_again
    await oscar.console.close()
    async with asyncio.timeout(WAIT_S):
        while not scene.rang_again:  # noqa: ASYNC110 - the sweep brings it about
            await asyncio.sleep(0.02)
    assert scene.kinds().count("call.offered_back") == 1, "nobody is left: it rings again"


async def test_a_supervisor_listens_unheard_but_seen_and_joins(scene: Scene) -> None:
    olive, oscar, sina, call_id = scene.olive, scene.oscar, scene.sina, scene.call_id
    assert await oscar.refused(MonitorCall, call_id) is ProblemCode.NOT_ALLOWED
    assert await oscar.refused(JoinCall, call_id) is ProblemCode.NOT_ALLOWED
    await sina.done(MonitorCall, call_id)
    seen = await olive.sees(call_id, lambda call: call.monitors)
    assert [one.display_name for one in seen.monitors] == ["Sina Supervisor"]
    await scene.hears(sina.heard, Channel.CALLER, scene.caller_speaks)
    await scene.hears(sina.heard, Channel.OPERATOR, lambda: olive.speak(call_id))
    before = scene.heard.total()
    await sina.speak(call_id)
    async with asyncio.timeout(WAIT_S):
        while not sina.console.problems:  # noqa: ASYNC110 - the wire brings it about
            await asyncio.sleep(0.02)
    assert sina.console.problems[-1].code is ProblemCode.NOT_ALLOWED
    assert scene.heard.total() == before, "who listens is not heard"

    await sina.done(JoinCall, call_id)
    joined = await olive.sees(call_id, lambda call: call.colleague)
    assert joined.monitors == ()
    await scene.hears(scene.heard, Channel.SECOND, lambda: sina.speak(call_id))
    await sina.done(LeaveTalk, call_id)
    left = await olive.sees(call_id, lambda call: not call.colleague)
    assert left.seat_id == olive.seat_id
    assert await sina.refused(LeaveTalk, call_id) is ProblemCode.WRONG_STATE
    kept = ["monitor.began", "colleague.joined", "colleague.left"]
    assert [kind for kind in scene.kinds() if kind in kept] == kept
