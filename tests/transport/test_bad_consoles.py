"""The operators' door: who has no good token stays outside, who has one reaches only their own centre's calls, and a
console that takes in nothing harms nobody but itself."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ClientError, ConsoleClient
from dispatch.contract.base import CallId, Message, PersonId
from dispatch.contract.caller import StartCall
from dispatch.contract.card import FieldName
from dispatch.contract.console import (
    AcceptField,
    AddNote,
    AnswerCall,
    CallBack,
    CallCommand,
    ChooseScript,
    DeliveryBody,
    DisposeCall,
    EditField,
    HangUpCall,
    HoldCall,
    MarkQuestion,
    MarkStep,
    OpenCall,
    OverrideCategory,
    SetLanguage,
    Snapshot,
)
from dispatch.contract.problems import Problem, ProblemCode
from dispatch.contract.timeline import Disposition
from dispatch.http_client import sign_in
from dispatch.identity import AccessTokens, Grant, Principal, Role, ScopeKind, signing_keys
from tests.fixtures_node import MULAW, console_of, new_id, talk
from tests.transport.raw_socket import WAIT_S, RawSocket, raw

pytestmark = pytest.mark.integration

MARK = "zebra7261"


@pytest.fixture(autouse=True)
def patient_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console that does not read answers no ping either; on a busy machine it would be let go for that first."""
    monkeypatch.setattr("dispatch.transport.sockets.PING_TIMEOUT_S", 600)


def token(
    node: Node, *, role: Role = Role.OPERATOR, centre: str | None = "own", ago: timedelta = timedelta(0),
    keys: list[OKPKey] | None = None, person_id: str = "person-1",
) -> str:  # fmt: skip
    """An access token as the node itself signs them, or with other keys."""
    ours = node.directory.centre_of_entry("web").centre_id
    covered = ours if centre == "own" else centre
    grant = Grant(role, ScopeKind.CENTRE, covered) if covered else Grant(role, ScopeKind.EVERYTHING)
    person = Principal(PersonId(person_id), "Somebody", (grant,), "session-1", datetime.now(UTC))
    signing = keys or signing_keys(node.settings.data_dir / "secrets" / "signing.json")
    return AccessTokens(signing).issue(person, datetime.now(UTC) - ago)[0]


def forged(node: Node, header: dict[str, str], signature: str = "") -> str:
    """A good token's claims under another header."""
    claims = token(node).split(".")[1]
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{first}.{claims}.{signature}"


def signed_with_the_public_key(node: Node) -> str:
    """The classic confusion: our public key, taken for a shared secret."""
    key = signing_keys(node.settings.data_dir / "secrets" / "signing.json")[0]
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)))
    claims = json.loads(base64.urlsafe_b64decode(token(node).split(".")[1] + "=="))
    return jwt.encode({"alg": "HS256", "kid": str(key.kid)}, claims, public, algorithms=["HS256"])


def auth(access: str, **more: object) -> dict[str, object]:
    return {"token": access, "console_id": "desk-1", **more}


async def test_nobody_gets_a_console_without_a_good_token_and_is_told_why_in_a_code(node: Node) -> None:
    refused = {
        "no auth": (None, ProblemCode.INVALID_MESSAGE),
        "a text": (MARK, ProblemCode.INVALID_MESSAGE),
        "no token": ({"console_id": "desk-1"}, ProblemCode.INVALID_MESSAGE),
        "a field too many": ({**auth(token(node)), MARK: 1}, ProblemCode.INVALID_MESSAGE),
        "an id of no shape": (auth(token(node), epoch=f"../{MARK}"), ProblemCode.INVALID_MESSAGE),
        "an enormous token": (auth(MARK * 1000), ProblemCode.INVALID_MESSAGE),
        "an empty token": (auth(""), ProblemCode.SIGN_IN_FAILED),
        "rubbish": (auth(MARK), ProblemCode.SIGN_IN_FAILED),
        "no signature": (auth(forged(node, {"alg": "none"})), ProblemCode.SIGN_IN_FAILED),
        "a shared secret": (auth(signed_with_the_public_key(node)), ProblemCode.SIGN_IN_FAILED),
        "another key": (auth(token(node, keys=[OKPKey.generate_key("Ed25519")])), ProblemCode.SIGN_IN_FAILED),
        "run out": (auth(token(node, ago=timedelta(hours=1))), ProblemCode.TOKEN_EXPIRED),
        "a nurse's": (auth(token(node, role=Role.NURSE)), ProblemCode.NOT_ALLOWED),
        "of no centre": (auth(token(node, centre=None)), ProblemCode.NOT_ALLOWED),
    }
    for about, (payload, code) in refused.items():
        async with raw(node.url, "/operator", payload) as socket:
            assert socket.refusal is not None, about
            told = Problem.model_validate(socket.refusal["data"])
            assert (told.code, bool(told.way_out)) == (code, True), about
            assert MARK not in json.dumps(socket.refusal)
            await socket.emit("call.open", {"command_id": "c", "call_id": "x"})
            await socket.closed()
    assert node.floor.consoles == {}


async def close(*clients: CallerClient | ConsoleClient) -> None:
    for client in clients:
        await client.close()


async def calling(node: Node) -> tuple[CallerClient, CallId]:
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW))
    return caller, opened.call_id


def commands_on(call_id: CallId) -> list[CallCommand]:
    """One of each kind that touches a call."""
    of = {"call_id": call_id}
    return [
        OpenCall(command_id=new_id(), **of),
        AnswerCall(command_id=new_id(), **of),
        HoldCall(command_id=new_id(), on=True, **of),
        HangUpCall(command_id=new_id(), **of),
        CallBack(command_id=new_id(), **of),
        AcceptField(command_id=new_id(), name=FieldName.BREATHING, **of),
        EditField(command_id=new_id(), name=FieldName.LOCATION, value="elsewhere", **of),
        OverrideCategory(command_id=new_id(), category=5, reason="not mine", **of),
        MarkQuestion(command_id=new_id(), code="breathing", **of),
        MarkStep(command_id=new_id(), script_id="cpr", step_id="1", **of),
        ChooseScript(command_id=new_id(), script_id="cpr", **of),
        AddNote(command_id=new_id(), text="not mine", **of),
        SetLanguage(command_id=new_id(), language="de", **of),
        DisposeCall(command_id=new_id(), disposition=Disposition.FALSE_CALL, **of),
    ]


async def test_another_centres_call_does_not_exist_for_an_operator_whatever_they_try(node: Node) -> None:
    caller, call_id = await calling(node)
    before = len(node.switchboard.calls[call_id].timeline.entries)
    stranger = ConsoleClient(node.url, token(node, centre="another-centre"))
    await stranger.connect()
    assert stranger.view.queue == {}
    for command in commands_on(call_id):
        done = await stranger.command(command)
        assert done.problem is not None, type(command)
        assert (done.ok, done.problem.code) == (False, ProblemCode.NOT_FOUND), type(command)
        assert done.problem == (await stranger.command(command.model_copy(update={"call_id": CallId("none")}))).problem
    await stranger.speak(call_id, 0, 0, b"\0\0" * 320)
    await talk(caller, 0.5)
    await caller.all_acknowledged()
    kinds = {entry.body.kind for entry in node.switchboard.calls[call_id].timeline.entries[before:]}
    assert kinds <= {"call.rang", "speech.stable", "card.updated", "card.category_raised"}
    assert (stranger.view.queue, stranger.view.entries, stranger.view.partials) == ({}, {}, {})
    assert [told.code for told in stranger.problems] == [ProblemCode.NOT_FOUND]
    await close(caller, stranger)


async def test_a_command_that_lacks_something_is_refused_with_a_code_and_does_nothing(node: Node) -> None:
    caller, call_id = await calling(node)
    async with raw(node.url, "/operator", auth(token(node))) as socket:
        await taken_in(socket)
        for name, body in (
            ("call.answer", {"command_id": "c1"}),
            ("call.answer", {"call_id": call_id}),
            ("call.answer", {"command_id": "../../etc", "call_id": call_id}),
            ("call.hold", {"command_id": "c2", "call_id": call_id, "on": "perhaps"}),
            ("card.override", {"command_id": "c3", "call_id": call_id, "category": 1, "reason": ""}),
            ("card.override", {"command_id": "c4", "call_id": call_id, "category": 0, "reason": MARK}),
            ("card.edit", {"command_id": "c5", "call_id": call_id, "name": MARK, "value": MARK}),
            ("note.add", {"command_id": "c6", "call_id": call_id, "text": MARK * 1000}),
            ("note.add", {"command_id": "c7", "call_id": call_id, "text": "ok", MARK: 1}),
            ("seat.set", {"command_id": "c8", "state": "on_call"}),
            ("call.open", [MARK]),
        ):
            told = Problem.model_validate(await socket.ask(name, body))
            assert told.code is ProblemCode.INVALID_MESSAGE, body
        assert not [text for text in socket.said if MARK in text]
        assert (await socket.ask("call.answer", {"command_id": "c9", "call_id": call_id}))["ok"]
    await caller.close()


async def taken_in(socket: RawSocket) -> Snapshot:
    """The first delivery of a fresh console."""
    return Snapshot.model_validate((await socket.event("delivery"))["body"])


async def test_a_fresh_token_goes_on_with_the_connection_and_somebody_elses_does_not(node: Node) -> None:
    console = ConsoleClient(node.url, token(node))
    await console.connect()
    (seated,) = node.floor.consoles.values()
    seated.who = replace(seated.who, expires_at=datetime.now(UTC))
    caller, call_id = await calling(node)
    with pytest.raises(ClientError) as refused:
        await console.reauthenticate(token(node, person_id="person-2"))
    assert refused.value.problem.code is ProblemCode.NOT_ALLOWED
    done = await console.command(AnswerCall(command_id=new_id(), call_id=call_id))
    assert done.problem is not None
    assert done.problem.code is ProblemCode.TOKEN_EXPIRED
    await console.reauthenticate(token(node))
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    await close(caller, console)


async def test_a_script_that_does_not_exist_is_refused_and_the_card_stays_as_it_was(node: Node) -> None:
    console = await console_of(node)
    caller, call_id = await calling(node)
    before = node.switchboard.calls[call_id].path.card
    done = await console.command(ChooseScript(command_id=new_id(), call_id=call_id, script_id="no-such-script"))
    assert done.problem is not None
    assert done.problem.code is ProblemCode.NOT_FOUND
    assert node.switchboard.calls[call_id].path.card == before
    await close(caller, console)


async def test_an_operator_cannot_speak_in_a_call_of_another_seat(node: Node) -> None:
    owner = await console_of(node, console_id="a")
    caller, call_id = await calling(node)
    assert (await owner.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    async with raw(node.url, "/operator", auth(await access_token(node))) as other:
        hang_up = await other.ask("call.hang_up", {"command_id": "c", "call_id": call_id})
        assert hang_up["problem"]["code"] == ProblemCode.NOT_ALLOWED
        await other.frame(0, 0, b"\0\0" * 320, call_id=call_id)
        assert (await other.problem()).code is ProblemCode.NOT_ALLOWED
    assert node.switchboard.calls[call_id].open
    await close(owner, caller)


async def test_a_console_that_stops_reading_slows_nobody_is_let_go_and_starts_afresh_with_a_snapshot(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.consoles.outbox.MAX_WAITING", 8)
    monkeypatch.setattr("dispatch.consoles.floor.STUCK_S", 1.5)
    monkeypatch.setattr("dispatch.consoles.floor.SWEEP_S", 0.1)
    caller, call_id = await calling(node)
    healthy = await console_of(node, console_id="healthy")
    await healthy.open_call(call_id)
    access = await access_token(node)
    async with raw(node.url, "/operator", auth(access, console_id="stalled")) as stalled:
        epoch = (await stalled.event("hello"))["epoch"]
        assert (await stalled.ask("call.open", {"command_id": "c", "call_id": call_id}))["ok"]
        stalled.wire.transport.pause_reading()
        for number in range(60):
            note = AddNote(command_id=f"note-{number}", call_id=call_id, text="x" * 3900)
            assert (await healthy.command(note)).ok
        others = [await calling(node) for _ in range(12)]
        async with asyncio.timeout(WAIT_S):
            await healthy.until(lambda view: all(other in view.queue for _, other in others))
            await healthy.until(lambda view: len(view.entries[call_id]) >= 60)
        console = next(c for c in node.floor.consoles.values() if c.console_id == "stalled")
        assert console.outbox.needs_snapshot
        stalled.wire.transport.resume_reading()
        assert (await stalled.problem()).code is ProblemCode.TOO_MANY
        await stalled.closed()
    again = ConsoleClient(node.url, access, console_id="stalled")
    again.epoch, again.last_seq = epoch, 1
    await again.connect()
    async with asyncio.timeout(WAIT_S):
        await again.until(lambda view: {call_id, *(other for _, other in others)} <= set(view.queue))
    await again.open_call(call_id)
    live = node.switchboard.calls[call_id].timeline
    async with asyncio.timeout(WAIT_S):
        await again.until(lambda view: view.entries.get(call_id) == live.entries)
    await close(caller, healthy, again, *(other for other, _ in others))


async def access_token(node: Node) -> str:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.OPERATOR)
    return (await sign_in(node.url, login.email, login.password)).access_token


async def test_a_console_that_was_slow_only_for_a_moment_gets_a_snapshot_on_the_same_connection(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.consoles.outbox.MAX_WAITING", 8)
    monkeypatch.setattr("dispatch.consoles.outbox.WINDOW", 4)
    bodies: list[DeliveryBody] = []
    slow = await console_of(node, console_id="slow", on_delivery=bodies.append)
    send = slow._wire.send
    kept: list[tuple[str, Message]] = []

    async def hold_back(name: str, body: Message) -> None:
        kept.append((name, body))

    slow._wire.send = hold_back  # type: ignore[method-assign]
    calls = [await calling(node) for _ in range(20)]
    slow._wire.send = send  # type: ignore[method-assign]
    for name, body in kept[-1:]:
        await send(name, body)
    async with asyncio.timeout(WAIT_S):
        await slow.until(lambda view: {call_id for _, call_id in calls} <= set(view.queue))
    assert sum(isinstance(body, Snapshot) for body in bodies) == 2
    await close(slow, *(caller for caller, _ in calls))
