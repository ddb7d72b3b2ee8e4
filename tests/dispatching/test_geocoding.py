"""Addresses that no gazetteer has: the port's contract for both adapters, and what a real server may do to us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from dispatch.contract.dispatch_commands import ConfirmPlace
from dispatch.dispatching import Geocode, KnownAddresses
from dispatch.observability.clock import VirtualClock
from dispatch.providers.geocoding import Nominatim, nominatim
from dispatch.providers.wire import new_client
from tests.dispatching.world import HERE, World

pytestmark = pytest.mark.contract

MILL_LANE = "14 Mill Lane"


@dataclass
class Server:
    """Speaks Nominatim's search: `GET /search?q=...&format=jsonv2` answers a list of places with text coordinates."""

    answer: bytes | None = None
    """Instead of what it knows."""
    silent: bool = False
    asked: list[web.Request] = field(default_factory=list)
    url: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def search(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if self.silent:
            await self.over.wait()
        if self.answer is not None:
            return web.Response(body=self.answer, content_type="application/json")
        known = request.query["q"].casefold() == MILL_LANE.casefold()
        place = {
            "place_id": 1, "osm_type": "node", "lat": str(HERE[0]), "lon": str(HERE[1]), "importance": 0.4,
            "display_name": "14, Mill Lane", "boundingbox": ["-41.3", "-41.2", "174.7", "174.8"],
        }  # fmt: skip
        return web.json_response([place] if known else [])


@asynccontextmanager
async def running() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_get("/search", server.search)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    server.over.set()
    await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as made:
        yield made


@pytest.fixture
async def real(server: Server) -> AsyncIterator[Nominatim]:
    async with new_client() as client:
        yield Nominatim(client, server.url, VirtualClock())


@pytest.fixture(params=["memory", "nominatim"])
def geocode(request: pytest.FixtureRequest, real: Nominatim) -> Geocode:
    return real if request.param == "nominatim" else KnownAddresses({MILL_LANE.casefold(): HERE})


async def test_an_address_is_found_however_its_letters_are_written(geocode: Geocode) -> None:
    assert [await geocode(words) for words in (MILL_LANE, "14 MILL LANE", f" {MILL_LANE} ")] == [HERE] * 3


async def test_an_address_that_nobody_knows_has_no_coordinates(geocode: Geocode) -> None:
    assert await geocode("Nowhere 1") is None
    assert await geocode("") is None


async def test_a_server_is_told_the_words_alone_and_the_same_ones_once_a_day(real: Nominatim, server: Server) -> None:
    for words in (MILL_LANE, "14  mill lane"):
        await real(words)
    (request,) = server.asked
    assert dict(request.query) == {"q": MILL_LANE, "format": "jsonv2", "limit": "1"}
    ours = {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert {name.casefold() for name in request.headers} <= ours
    real._clock._elapsed += nominatim.KEPT_S  # type: ignore[attr-defined]
    await real(MILL_LANE)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [b"no json", b"{}", b'[{"lat": "x", "lon": "1"}]', b'[{"lat": "91", "lon": "1"}]', b"[1]", b" " * 70_000 + b"[]"],
)
async def test_nonsense_and_endless_answers_are_no_place(real: Nominatim, server: Server, answer: bytes) -> None:
    server.answer = answer
    assert await real(MILL_LANE) is None


async def test_a_server_that_is_silent_or_gone_keeps_nobody_waiting(
    real: Nominatim, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nominatim, "WITHIN_S", 0.05)
    server.silent = True
    assert await real(MILL_LANE) is None
    server.silent = False
    assert await real(MILL_LANE) is None  # not asked again so soon
    real._clock._elapsed += nominatim.ASKED_AGAIN_S  # type: ignore[attr-defined]
    assert await real(MILL_LANE) == HERE
    async with new_client() as client:
        assert await Nominatim(client, "http://127.0.0.1:9", VirtualClock())(MILL_LANE) is None


@pytest.mark.integration
async def test_an_exercises_address_is_sent_to_nobody(world: World) -> None:
    call = world.call(exercise=True)
    await world.do(ConfirmPlace, call_id=call.call_id, label=MILL_LANE)
    row = await world.incident_row(call.incident_id)
    assert (row.place_label, row.latitude) == (MILL_LANE, None)
