"""Frames of one turn of the event loop leave in one piece, in order, and never more than a bound is held."""

import asyncio
from typing import Any

import pytest

from dispatch.transport.corked import MOST_HELD, Corked

pytestmark = pytest.mark.unit


class Network:
    """A transport that keeps what it was given."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def is_closing(self) -> bool:
        return self.closing


def corked() -> tuple[Corked, Network]:
    network: Any = Network()
    return Corked(network, asyncio.get_running_loop()), network


async def test_what_one_turn_brings_leaves_in_one_piece_and_in_order() -> None:
    line, network = corked()
    for number in range(10):
        line.write(b"%d" % number)
    assert network.pieces == []
    await asyncio.sleep(0)
    assert network.pieces == [b"0123456789"]
    line.write(b"later")
    await asyncio.sleep(0)
    assert network.pieces == [b"0123456789", b"later"]


async def test_more_than_the_bound_is_not_held_back() -> None:
    line, network = corked()
    big = bytes(MOST_HELD)
    line.write(big)
    line.write(b"x")
    assert network.pieces == [big + b"x"]
    line.write(b"y")
    await asyncio.sleep(0)
    assert network.pieces == [big + b"x", b"y"]


async def test_a_closing_connection_says_so() -> None:
    line, network = corked()
    network.closing = True
    assert line.is_closing()
