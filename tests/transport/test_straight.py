"""The straight way out: at once where it is free, never past what waits, never onto a connection that is behind."""

import asyncio
from collections.abc import Sequence

import pytest
from engineio.packet import MESSAGE, PING, Packet

from dispatch.contract.base import Message
from dispatch.observability.clock import SystemClock
from dispatch.transport.mailbox import Mailbox
from dispatch.transport.straight import OutgoingQueue, frame_of

pytestmark = pytest.mark.unit


class Line:
    """A connection with its queue, its writer as engineio runs one, and all that it has sent."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.behind = False
        self.straight = 0
        self.queue = OutgoingQueue()
        self.queue.write = self._write

    def _write(self, frames: bytes) -> bool:
        if not self.behind:
            self.sent += frames
        return not self.behind

    def write_now(self, _: str, bodies: Sequence[Message | str]) -> bool:
        written = self.queue.write_now(map(str, bodies))
        self.straight += written
        return written

    async def writer(self) -> None:
        while True:
            packet = await asyncio.wait_for(self.queue.get(), 60)
            await asyncio.sleep(0)
            self.sent += frame_of(packet.data)


def message(text: str) -> Packet:
    return Packet(MESSAGE, text)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_message_goes_at_once_only_when_the_writer_has_sent_all_that_came_before() -> None:
    line = Line()
    assert not line.queue.write_now(["too early"])
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(line.writer())
        await turns()
        assert line.queue.write_now(["1"])
        await line.queue.put(message("2"))
        for _ in range(3):
            assert not line.queue.write_now(["past it"])
            await asyncio.sleep(0)
        await turns()
        assert line.queue.write_now(["3", "4"])
        writer.cancel()
    assert bytes(line.sent) == b"".join(map(frame_of, "1234"))


async def test_a_ping_on_its_way_holds_no_message_up() -> None:
    line = Line()
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(line.writer())
        await turns()
        await line.queue.put(Packet(PING, "ping"))
        assert line.queue.write_now(["1"])
        await turns()
        assert line.queue.write_now(["2"])
        writer.cancel()
    assert sorted(bytes(line.sent).split(b"\x81")[1:]) == [b"\x011", b"\x012", b"\x04ping"]


async def test_what_cannot_go_at_once_goes_in_its_turn_and_nothing_comes_twice_or_early() -> None:
    line = Line()
    mailbox = Mailbox(lambda _, body: line.queue.put(message(str(body))), lambda: 0, SystemClock(), line.write_now)
    async with asyncio.TaskGroup() as group:
        writer, pump = group.create_task(line.writer()), group.create_task(mailbox.run())
        for number in range(0, 300, 3):
            line.behind = number % 7 == 0
            mailbox.put_all("delivery", [str(number), str(number + 1)])
            mailbox.put_all("delivery", [str(number + 2)])
            await turns(number % 40)
        await turns(2000)
        writer.cancel()
        pump.cancel()
    assert bytes(line.sent) == b"".join(frame_of(str(number)) for number in range(300))
    assert line.straight > 20


@pytest.mark.parametrize("letters", ["a", "é", "😀"])
@pytest.mark.parametrize("count", [0, 1, 31, 32, 62, 63, 125, 126, 127, 16383, 16384, 65535, 65536, 70000])
def test_a_frame_holds_its_text_whole_and_says_how_long_it_is(letters: str, count: int) -> None:
    frame = frame_of(letters * count)
    said = frame[1]
    head, size = {126: (4, int.from_bytes(frame[2:4], "big")), 127: (10, int.from_bytes(frame[2:10], "big"))}.get(
        said, (2, said)
    )
    assert frame[0] == 0b1000_0001
    assert frame_of((letters * count).encode()) == b"\x82" + frame[1:]
    assert (said, head) == ((126, 4) if 126 <= size < 65536 else (127, 10) if size >= 65536 else (size, 2))
    assert len(frame) == head + size
    assert frame[head:].decode() == letters * count
