"""Calls and consoles over real sockets: what callers and operators get, and what nobody may take from them."""

import asyncio

import pytest

from dispatch.bootstrap import Node
from dispatch.calls.disk import GroupCommit
from dispatch.client import CallerClient, ClientError, ConsoleClient
from dispatch.contract.audio import AudioFrame, Channel, RelayedFrame
from dispatch.contract.base import CallId
from dispatch.contract.caller import CallPhase, ResumeCall, StartCall
from dispatch.contract.card import FieldName
from dispatch.contract.console import (
    AcceptField,
    AddNote,
    AnswerCall,
    CallBack,
    CallState,
    DeliveryBody,
    DisposeCall,
    EditField,
    HangUpCall,
    HoldCall,
    OverrideCategory,
    Ring,
    RingStopped,
    SeatState,
    SetSeatState,
)
from dispatch.contract.problems import ProblemCode
from dispatch.contract.timeline import (
    CardUpdated,
    CategoryOverridden,
    CategoryRaised,
    Disposition,
    SpeechFinal,
    TimelineEntry,
)
from dispatch.contract.transcript import Utterance
from dispatch.identity import Role
from dispatch.storage import of_centre
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import FRAME, LOUD, MULAW, SILENT, console_of, new_id, talk

pytestmark = pytest.mark.integration

WAIT_S = 60


async def until(condition: object) -> None:
    """Waits for a condition that other tasks bring about."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - other tasks bring it about
            await asyncio.sleep(0.01)


async def calling(node: Node, **more: object) -> CallerClient:
    caller = CallerClient(node.url)
    await caller.start(StartCall.model_validate({"format": MULAW, **more}))
    return caller


def id_of(caller: CallerClient) -> CallId:
    assert caller.opened is not None
    return caller.opened.call_id


async def answered(node: Node, **more: object) -> tuple[CallerClient, ConsoleClient, CallId]:
    """A call that a console has answered and opened."""
    console = await console_of(node, **more)  # type: ignore[arg-type]
    await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    caller = await calling(node)
    call_id = id_of(caller)
    await console.open_call(call_id)
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    return caller, console, call_id


def entries(console: ConsoleClient, call_id: CallId) -> list[TimelineEntry]:
    return console.view.entries.get(call_id, [])


async def close(*clients: CallerClient | ConsoleClient) -> None:
    for client in clients:
        await client.close()


async def test_what_a_caller_says_turns_the_card_red_on_the_console_and_never_counts_as_five_before(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 5.0)
    await talk(caller, 1.5, first=250, loud=False)
    await until(lambda: console.view.queue[call_id].category == 1)
    cards = [e.body.card for e in entries(console, call_id) if isinstance(e.body, CardUpdated)]
    assert cards[0].category is None
    assert [card.category for card in cards if card.category] == sorted(
        (card.category for card in cards if card.category), reverse=True
    )
    reasons = cards[-1].reasons
    assert any("breathing" in evidence.quote for reason in reasons for evidence in reason.evidence)
    assert any(isinstance(e.body, CategoryRaised) and e.body.after == 1 for e in entries(console, call_id))
    await close(caller, console)


async def test_both_sides_hear_each_other_while_answered_and_neither_while_on_hold(node: Node) -> None:
    heard_by_operator: list[RelayedFrame] = []
    heard_by_caller: list[RelayedFrame] = []
    caller, console, call_id = await answered(node, on_relay=heard_by_operator.append)
    caller._on_relay = heard_by_caller.append
    await talk(caller, 0.2)
    await console.speak(call_id, 0, 0, b"\x01\x02" * 320)
    await until(lambda: len(heard_by_operator) == 10 and len(heard_by_caller) == 1)
    assert b"".join(frame.audio for frame in heard_by_operator) == LOUD * 10
    assert heard_by_caller[0].audio == b"\x01\x02" * 320
    assert (await console.command(HoldCall(command_id=new_id(), call_id=call_id, on=True))).ok
    await talk(caller, 0.2, first=10)
    await console.speak(call_id, 1, 320, b"\x01\x02" * 320)
    await caller.all_acknowledged()
    await until(lambda: caller.phase is CallPhase.ON_HOLD and console.voice.next_seq == 2)
    assert (len(heard_by_operator), len(heard_by_caller)) == (10, 1)
    assert (await console.command(HoldCall(command_id=new_id(), call_id=call_id, on=False))).ok
    await talk(caller, 0.2, first=20)
    await until(lambda: len(heard_by_operator) == 20)
    await close(caller, console)


async def test_both_sides_of_a_call_are_in_the_journal_bit_by_bit(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 1.0)
    voice = [bytes([number]) * 640 for number in range(10)]
    for number, audio in enumerate(voice):
        await console.speak(call_id, number, number * 320, audio)
    await caller.all_acknowledged()
    await until(lambda: console.voice.next_seq == 10)
    sounds = {
        channel: b"".join(frame.audio for frame in frames_on_disk(node.settings.data_dir, call_id, channel))
        for channel in (Channel.CALLER, Channel.OPERATOR)
    }
    assert sounds == {Channel.CALLER: LOUD * 50, Channel.OPERATOR: b"".join(voice)}
    await close(caller, console)


async def test_a_call_rings_at_ready_seats_and_one_answer_wins(node: Node) -> None:
    told: dict[str, list[DeliveryBody]] = {"a": [], "b": []}
    consoles = [await console_of(node, console_id=name, on_delivery=told[name].append) for name in ("a", "b")]
    for console in consoles:
        await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    caller = await calling(node)
    await until(lambda: all(any(isinstance(body, Ring) for body in bodies) for bodies in told.values()))
    answer = [AnswerCall(command_id=new_id(), call_id=id_of(caller)) for _ in consoles]
    done = await asyncio.gather(*(console.command(a) for console, a in zip(consoles, answer, strict=True)))
    assert sorted(result.ok for result in done) == [False, True]
    loser = next(result for result in done if not result.ok)
    assert loser.problem is not None
    assert loser.problem.code is ProblemCode.CALL_TAKEN
    await until(lambda: all(any(isinstance(body, RingStopped) for body in bodies) for bodies in told.values()))
    winner = consoles[0] if done[0].ok else consoles[1]
    await until(lambda: winner.view.seat is not None and winner.view.seat.state is SeatState.ON_CALL)
    await until(lambda: caller.phase is CallPhase.ANSWERED)
    await close(caller, *consoles)


async def test_a_command_that_comes_twice_is_done_once(node: Node) -> None:
    caller, console, call_id = await answered(node)
    note = AddNote(command_id=new_id(), call_id=call_id, text="dog in the yard")
    first, second = await console.command(note), await console.command(note)
    assert (first.ok, second.ok, first.seq) == (True, True, second.seq)
    await until(lambda: any(e.seq == first.seq for e in entries(console, call_id)))
    assert sum(e.command_id == note.command_id for e in entries(console, call_id)) == 1
    await close(caller, console)


async def test_only_an_operator_lowers_the_category_and_the_log_says_why(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 5.0)
    await until(lambda: console.view.queue[call_id].category == 1)
    override = OverrideCategory(command_id=new_id(), call_id=call_id, category=3, reason="It is a training dummy.")
    assert (await console.command(override)).ok
    await until(lambda: console.view.queue[call_id].category == 3)
    made = next(e for e in entries(console, call_id) if isinstance(e.body, CategoryOverridden))
    assert (made.body.before, made.body.after, made.body.reason) == (1, 3, override.reason)
    assert made.actor.person_id is not None
    await close(caller, console)


async def test_an_operator_accepts_and_edits_fields_and_the_card_keeps_both(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 5.0)
    await until(lambda: console.view.queue[call_id].category == 1)
    address = EditField(command_id=new_id(), call_id=call_id, name=FieldName.LOCATION, value="14 Mill Lane")
    accept = AcceptField(command_id=new_id(), call_id=call_id, name=FieldName.BREATHING)
    assert (await console.command(address)).ok
    assert (await console.command(accept)).ok
    await until(lambda: console.view.queue[call_id].location == "14 Mill Lane")
    await until(
        lambda: any(
            (field := e.body.card.field(FieldName.BREATHING)) is not None and field.state == "accepted"
            for e in entries(console, call_id)
            if isinstance(e.body, CardUpdated)
        )
    )
    await close(caller, console)


async def test_a_caller_cut_off_in_mid_sentence_comes_back_and_nothing_is_lost_or_doubled(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 1.0)
    caller.cut()
    for number in range(50, 100):
        await caller.send(LOUD[:-1] + bytes([number]), number * FRAME)
    await until(lambda: any(e.body.kind == "call.reconnected" for e in entries(console, call_id)))
    await until(lambda: console.view.queue[call_id].state is CallState.ANSWERED)
    await talk(caller, 1.0, first=100)
    await caller.all_acknowledged()
    frames = frames_on_disk(node.settings.data_dir, call_id)
    assert [frame.seq for frame in frames] == list(range(150))
    assert (
        b"".join(f.audio for f in frames)
        == LOUD * 50 + b"".join(LOUD[:-1] + bytes([number]) for number in range(50, 100)) + LOUD * 50
    )
    await close(caller, console)


async def test_a_console_that_was_away_finds_everything_that_happened_meanwhile(node: Node) -> None:
    caller, console, call_id = await answered(node)
    known = len(entries(console, call_id))
    console.cut()
    await talk(caller, 5.0)
    await talk(caller, 1.5, first=250, loud=False)
    await until(lambda: node.switchboard.calls[call_id].status.card.category == 1)
    await until(lambda: console.view.queue[call_id].category == 1)
    seqs = [entry.seq for entry in entries(console, call_id)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > known
    await close(caller, console)


async def test_a_reloaded_page_with_nothing_in_memory_sees_the_whole_call(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 5.0)
    await until(lambda: console.view.queue[call_id].category == 1)
    fresh = await console_of(node, console_id=console.console_id)
    await close(console)
    await fresh.until(lambda view: call_id in view.queue)
    await fresh.open_call(call_id)
    live = node.switchboard.calls[call_id]
    await until(lambda: entries(fresh, call_id) == live.timeline.entries)
    assert fresh.view.seat is not None
    assert (fresh.view.seat.state, fresh.view.seat.call_id) == (SeatState.ON_CALL, call_id)
    await close(caller, fresh)


async def test_the_log_in_postgresql_is_the_log_that_the_console_shows(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 5.0)
    await talk(caller, 1.5, first=250, loud=False)
    await until(lambda: any(isinstance(e.body, SpeechFinal) for e in entries(console, call_id)))
    await caller.hang_up()
    await until(lambda: console.view.queue[call_id].state is CallState.ENDED)
    dispose = DisposeCall(command_id=new_id(), call_id=call_id, disposition=Disposition.AMBULANCE_SENT)
    assert (await console.command(dispose)).ok
    await until(lambda: call_id not in node.switchboard.calls)
    store = node.timelines
    centre = of_centre(node.directory.centre_of_entry("web").centre_id)
    kept = await store.entries(call_id, scope=centre)
    await until(lambda: list(kept) == entries(console, call_id))
    await until(lambda: console.view.seat is not None and console.view.seat.state is SeatState.READY)
    await close(caller, console)


async def test_a_call_that_was_cut_short_can_be_rung_back_at_the_same_seat(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 0.2)
    assert (await console.command(HangUpCall(command_id=new_id(), call_id=call_id))).ok
    await until(lambda: caller.phase is CallPhase.ENDED and console.view.queue[call_id].call_back_possible)
    assert (await console.command(CallBack(command_id=new_id(), call_id=call_id))).ok
    await until(lambda: len(caller.call_backs) == 1)
    assert caller.opened is not None
    again = await caller.start(StartCall(format=MULAW, call_back=call_id, resume_token=caller.opened.resume_token))
    await until(lambda: console.view.queue[again.call_id].state is CallState.ANSWERED)
    assert console.view.queue[again.call_id].incident_id == console.view.queue[call_id].incident_id
    await close(caller, console)


async def test_a_stranger_cannot_take_up_somebody_elses_call(node: Node) -> None:
    caller = await calling(node)
    thief = CallerClient(node.url)
    with pytest.raises(ClientError) as refused:
        await thief.start(StartCall(format=MULAW, call_back=id_of(caller), resume_token="guess"))
    assert refused.value.problem.code is ProblemCode.WRONG_RESUME_TOKEN
    await close(caller, thief)


async def test_a_resumption_that_arrives_late_takes_nothing_from_the_connection_that_carries_the_call(
    node: Node,
) -> None:
    caller = await calling(node)
    live = node.switchboard.calls[id_of(caller)]
    first = live.caller
    caller.cut()
    await until(lambda: live.caller not in (None, first))
    line, late = live.caller, CallerClient(node.url)
    await late._wire.connect()
    assert caller.opened is not None
    asked = ResumeCall(call_id=live.call_id, resume_token=caller.opened.resume_token)
    with pytest.raises(ClientError) as refused:
        await late._wire.ask("call.resume", asked)
    assert refused.value.problem.code is ProblemCode.SUPERSEDED
    assert live.caller is line
    await late._wire.ask("call.resume", asked.model_copy(update={"attempt": live.attempt + 1}))
    assert live.caller is not line, "a newer one takes the call, as a page that was loaded anew does"
    await close(caller, late)


async def test_a_lost_acknowledgement_of_the_start_does_not_make_a_second_call(node: Node) -> None:
    caller = CallerClient(node.url)
    request = StartCall(format=MULAW, request_id="x" * 32)
    first = await caller.start(request)
    second = await caller.start(request)
    assert first.call_id == second.call_id
    assert len(node.switchboard.calls) == 1
    await close(caller)


async def test_a_resident_gets_no_console(node: Node) -> None:
    with pytest.raises(Exception, match="One or more namespaces failed"):
        await console_of(node, Role.NURSE)


async def test_silence_gives_no_words_and_an_unassessed_call_sorts_with_the_most_urgent(node: Node) -> None:
    caller, console, call_id = await answered(node)
    for number in range(150):
        await caller.send(SILENT, number * FRAME)
    await caller.all_acknowledged()
    assert console.view.queue[call_id].category is None
    assert not any(e.body.kind.startswith("speech.") for e in entries(console, call_id))
    await close(caller, console)


async def test_a_wrong_token_gives_nobody_a_voice_in_somebody_elses_call(node: Node) -> None:
    caller = await calling(node)
    await talk(caller, 0.2)
    await caller.all_acknowledged()
    thief = CallerClient(node.url)
    await thief._wire.connect()
    guess = ResumeCall(call_id=id_of(caller), resume_token="guess")
    with pytest.raises(ClientError) as refused:
        await thief._wire.ask("call.resume", guess)
    assert refused.value.problem.code is ProblemCode.WRONG_RESUME_TOKEN
    await thief._wire.send("audio.frame", AudioFrame(seq=10, offset=10 * FRAME, audio=LOUD))
    await until(lambda: len(thief.problems) == 1)
    assert thief.problems[0].code is ProblemCode.NO_CALL
    assert node.switchboard.calls[id_of(caller)].path.channels[Channel.CALLER].order.next_seq == 10
    await close(caller, thief)


async def test_a_connection_that_was_superseded_can_no_longer_speak(node: Node) -> None:
    caller = await calling(node)
    assert caller.opened is not None
    again = CallerClient(node.url)
    again.opened = caller.opened
    await again._wire.connect()
    await until(lambda: any(p.code is ProblemCode.SUPERSEDED for p in caller.problems))
    await caller._wire.send("audio.frame", AudioFrame(seq=0, offset=0, audio=LOUD))
    await talk(again, 0.2)
    await again.all_acknowledged()
    frames = frames_on_disk(node.settings.data_dir, id_of(caller))
    assert len(frames) == 10
    await close(caller, again)


async def test_a_disk_that_is_full_turns_no_caller_away_and_says_so_to_operators(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.calls.timeline.PATIENCE_S", 0.1)
    monkeypatch.setattr("dispatch.calls.disk.RETRY_S", 0.05)
    monkeypatch.setattr(GroupCommit, "_write", lambda self, path, parts: not parts)
    heard: list[RelayedFrame] = []
    console = await console_of(node, on_relay=heard.append)
    await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    caller = await calling(node)
    call_id = id_of(caller)
    answer = AnswerCall(command_id=new_id(), call_id=call_id)
    done = await console.command(answer)
    assert done.problem is not None
    assert (done.problem.code, done.problem.retryable) == (ProblemCode.UNAVAILABLE, True)
    await talk(caller, 0.2)
    await until(lambda: len(heard) == 10)
    assert caller.acked.next_seq == 0
    await console.until(lambda view: view.system is not None and view.system.journal == "degraded")
    monkeypatch.undo()
    await caller.all_acknowledged()
    assert (await console.command(answer)).ok
    assert len(frames_on_disk(node.settings.data_dir, call_id)) == 10
    await close(caller, console)


async def test_a_call_whose_operator_is_gone_rings_again_at_another_seat(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.consoles.floor.OFFER_BACK_S", 0.5)
    caller, console, call_id = await answered(node)
    other = await console_of(node, console_id="other")
    await other.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
    await close(console)
    await until(lambda: caller.phase is CallPhase.RINGING)
    assert (await other.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    await until(lambda: caller.phase is CallPhase.ANSWERED)
    await close(caller, other)


async def test_what_the_operator_says_is_never_taken_for_the_callers_words(node: Node) -> None:
    caller, console, call_id = await answered(node)
    await talk(caller, 5.0)
    for number in range(25):
        await console.speak(call_id, number, number * 640, b"\x00\x20" * 640)
    for number in range(2):
        await console.speak(call_id, 25 + number, 25 * 640 + number * 12000, bytes(24000))
    await talk(caller, 1.5, first=250, loud=False)

    def finals() -> list[Utterance]:
        return [e.body.utterance for e in entries(console, call_id) if isinstance(e.body, SpeechFinal)]

    await until(lambda: {utterance.channel for utterance in finals()} == {Channel.CALLER, Channel.OPERATOR})
    assert len({utterance.utterance_id for utterance in finals()}) == len(finals())
    await close(caller, console)
