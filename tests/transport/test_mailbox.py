"""What waits for one connection: bounded, in order, and sound and words share a slow link."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from dispatch.contract.audio import AudioAck, AudioFormat, Channel, RelayedFrame
from dispatch.contract.base import CallId, Message
from dispatch.contract.problems import ProblemCode, problem
from dispatch.observability.clock import SystemClock
from dispatch.transport.mailbox import MAX_MESSAGES, MAX_RELAYED, Mailbox

pytestmark = pytest.mark.unit


def sound(seq: int) -> RelayedFrame:
    return RelayedFrame(
        call_id=CallId("c"), channel=Channel.CALLER, format=AudioFormat(), seq=seq, offset=seq, audio=b"ab"
    )


def ack(next_seq: int) -> AudioAck:
    return AudioAck(channel=Channel.CALLER, next_seq=next_seq, next_offset=0)


async def sent(mailbox: Mailbox, out: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    mailbox.close()
    await mailbox.run()
    return out


def number_of(body: Message | str) -> object:
    return body if isinstance(body, str) else getattr(body, "seq", getattr(body, "next_seq", None))


def made() -> tuple[Mailbox, list[tuple[str, Any]]]:
    out: list[tuple[str, Any]] = []

    async def emit(event: str, body: Message | str) -> None:
        out.append((event, number_of(body)))

    return Mailbox(emit, lambda: 0, SystemClock()), out


async def test_messages_keep_their_order_and_a_newer_acknowledgement_takes_the_older_ones_place() -> None:
    mailbox, out = made()
    mailbox.put("audio.ack", ack(1), key="ack")
    mailbox.put("first", ack(10))
    mailbox.put("audio.ack", ack(2), key="ack")
    mailbox.put("second", ack(11))
    assert await sent(mailbox, out) == [("audio.ack", 2), ("first", 10), ("second", 11)]


async def test_sound_that_comes_too_fast_loses_its_oldest_and_nothing_else() -> None:
    mailbox, out = made()
    for seq in range(MAX_RELAYED + 30):
        mailbox.put_relayed("audio.relay", sound(seq))
    mailbox.put("message", ack(1))
    done = await sent(mailbox, out)
    assert [seq for event, seq in done if event == "audio.relay"] == list(range(30, MAX_RELAYED + 30))
    assert ("message", 1) in done


async def test_a_voice_is_on_its_way_within_the_call_that_brings_it_unless_something_waits_before_it() -> None:
    out: list[Any] = []

    async def emit(event: str, body: Message | str) -> None:
        out.append((event, number_of(body)))

    def emit_now(event: str, bodies: Sequence[Message | str]) -> bool:
        out.extend((event, number_of(body), "now") for body in bodies)
        return True

    mailbox = Mailbox(emit, lambda: 0, SystemClock(), emit_now)
    async with asyncio.TaskGroup() as group:
        group.create_task(mailbox.run())
        mailbox.put_relayed("audio.relay", sound(0))
        await asyncio.sleep(0)
        mailbox.put_relayed("audio.relay", sound(1))
        mailbox.put("message", ack(2))
        mailbox.put_relayed("audio.relay", sound(3))
        mailbox.put("audio.ack", ack(4), key="ack")
        mailbox.close()
    now, *later = out[1:]
    assert (out[0], now) == (("audio.relay", 0), ("audio.relay", 1, "now"))
    assert sorted(later) == [("audio.ack", 4), ("audio.relay", 3), ("message", 2)]


async def test_a_link_that_can_just_carry_the_voice_still_brings_the_messages() -> None:
    out: list[str] = []
    numbers = iter(range(10_000))

    async def emit(event: str, body: Message | str) -> None:
        del body
        out.append(event)
        mailbox.put_relayed("audio.relay", sound(next(numbers)))
        if out.count("message") == 3:
            raise asyncio.CancelledError
        assert len(out) < 100, "the voice starves everything else"

    mailbox = Mailbox(emit, lambda: 0, SystemClock())
    mailbox.put_relayed("audio.relay", sound(next(numbers)))
    for number in range(3):
        mailbox.put("message", ack(number))
    with pytest.raises(asyncio.CancelledError):
        await mailbox.run()
    assert out == ["audio.relay", "message"] * 3


async def test_a_connection_for_which_too_much_waits_is_closed_and_takes_nothing_more() -> None:
    mailbox, out = made()
    for number in range(MAX_MESSAGES * 2):
        mailbox.put("message", ack(number))
    await mailbox.run()
    assert len(out) == MAX_MESSAGES + 1
    mailbox.put("problem", problem(ProblemCode.STRUCK_OUT, "late"))
    assert len(out) == MAX_MESSAGES + 1
