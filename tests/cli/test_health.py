"""`kiwimesh health`: what a running server says, for people, for machines, and by exit code."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dispatch.cli import run
from dispatch.contract.console import Health
from dispatch.contract.http import HealthReport, PartHealth
from dispatch.observability.health import standing_by

pytestmark = pytest.mark.integration

Captured = pytest.CaptureFixture[str]
Serve = Callable[[int, str], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a small HTTP server that answers everything alike; returns its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: str) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path == "/health/ready" else 404)
                self.end_headers()
                self.wfile.write(body.encode())

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


def report(*, ready: bool) -> str:
    parts = (
        PartHealth(name="journal", state=Health.OK),
        PartHealth(name="broker", state=Health.DEGRADED, message="No answer; calls go on."),
    )
    return HealthReport(ready=ready, version="0.1.0", parts=parts).model_dump_json()


def test_a_ready_server_is_shown_part_by_part(serve: Serve, capsys: Captured) -> None:
    assert run(["health", "--url", serve(200, report(ready=True))]) == 0
    shown = capsys.readouterr().out
    assert "ready to take calls" in shown
    assert "degraded  broker: No answer; calls go on." in shown


def test_a_server_that_cannot_take_calls_gives_exit_code_1(serve: Serve, capsys: Captured) -> None:
    assert run(["health", "--json", "--url", serve(503, report(ready=False))]) == 1
    assert json.loads(capsys.readouterr().out)["ready"] is False


def test_a_server_that_stands_by_is_well_when_it_could_take_over(serve: Serve, capsys: Captured) -> None:
    well = standing_by("0.1.0", {"journal": lambda: (Health.OK, "")}).model_dump_json()
    assert run(["health", "--url", serve(503, well)]) == 0
    assert "stands by, ready to take over" in capsys.readouterr().out
    ill = standing_by("0.1.0", {"database": lambda: (Health.DEGRADED, "not migrated")}).model_dump_json()
    assert run(["health", "--url", serve(503, ill)]) == 1
    assert "NOT ready" in capsys.readouterr().out


def test_something_else_on_that_port_is_named_as_such(serve: Serve, capsys: Captured) -> None:
    assert run(["health", "--json", "--url", serve(200, "<html>hello</html>")]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "not_kiwimesh"


def test_no_server_at_all_says_how_to_start_one(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIWIMESH_PORT", "1")
    assert run(["health"]) == 1
    shown = capsys.readouterr().err
    assert "No server answers at http://127.0.0.1:1." in shown
    assert "kiwimesh serve" in shown


def test_a_setting_that_makes_no_sense_is_named_with_its_variable(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIWIMESH_PORT", "many")
    assert run(["health"]) == 1
    assert "KIWIMESH_PORT: Input should be a valid integer" in capsys.readouterr().err
