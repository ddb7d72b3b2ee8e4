"""`kiwimesh top`: live transcription of a running server, for people and for machines."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dispatch.bootstrap import Node
from dispatch.cli import run
from dispatch.cli.top import recent
from dispatch.observability.metrics import SPEECH, exposition
from transcription import EngineState, Histogram, Importance, Latencies, ServiceStatus, StreamStatus, Tier

pytestmark = pytest.mark.integration

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], str]]:
    """A small HTTP server that answers everything alike; gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/metrics" else 404)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def page() -> bytes:
    counts = Histogram()
    for _ in range(20):
        counts.add(1.1)
    call = StreamStatus("c.caller", "c", Importance.CRITICAL, Latencies(counts, counts), 40.0, 10.0, 0.0, 2.5, 1)
    status = ServiceStatus(
        EngineState.UP, "base", Tier.FULL, 1, {"final": 0, "partial": 1}, 2.5, 0.3, 0.9, 1600, 5, 5, 0, 0, 0, 0, 0.0,
        Latencies(counts, counts), (call,),
    )  # fmt: skip
    SPEECH.watch(lambda: status)
    try:
        return exposition()
    finally:
        SPEECH.watch(None)


def test_a_machine_gets_every_figure_once(serve: Callable[[bytes], str], capsys: Captured) -> None:
    assert run(["top", "--once", "--json", "--url", serve(page())]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["engine"], told["tier"], told["calls"], told["queue"]["partial"]) == ("up", "full", 1, 1)
    assert 1.0 < told["stable_p95_s"] <= 1.25
    (call,) = told["by_call"]
    assert (call["slot"], call["importance"], call["rtf"], call["waiting_s"]) == (0, "critical", 0.25, 2.5)
    assert call["stable_histogram"]["inf"] == 20


def test_people_get_a_table(serve: Callable[[bytes], str], capsys: Captured) -> None:
    assert run(["top", "--once", "--url", serve(page())]) == 0
    shown = capsys.readouterr().out
    assert "engine up   tier full   calls 1" in shown
    assert "critical" in shown.splitlines()[-1]


def test_a_page_without_transcription_is_told_in_plain_words(serve: Callable[[bytes], str], capsys: Captured) -> None:
    assert run(["top", "--once", "--json", "--url", serve(b"# nothing here\n")]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "not_kiwimesh"


def test_no_server_is_told_with_the_way_out(capsys: Captured) -> None:
    assert run(["top", "--once", "--url", "http://127.0.0.1:9"]) == 1
    assert "kiwimesh serve" in capsys.readouterr().err


async def test_a_running_server_shows_its_transcription(node: Node, capsys: Captured) -> None:
    assert await asyncio.to_thread(run, ["top", "--once", "--json", "--url", node.url]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["engine"], told["tier"], told["calls"], told["drops"]) == ("up", "full", 0, 0)


def test_percentiles_are_of_the_time_between_two_looks() -> None:
    assert recent({1.0: 5.0, 2.0: 9.0}, {1.0: 5.0, 2.0: 5.0}) == {1.0: 0.0, 2.0: 4.0}
    assert recent({1.0: 5.0, 2.0: 9.0}, {1.0: 5.0, 2.0: 9.0}) == {1.0: 5.0, 2.0: 9.0}
    assert recent({1.0: 1.0, 2.0: 1.0}, {1.0: 5.0, 2.0: 9.0}) == {1.0: 1.0, 2.0: 1.0}
