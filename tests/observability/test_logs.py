"""Log lines: useful to the people who run the server, and silent about the people who call it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from dispatch.observability.logs import configure_logging, correlated, current_correlation_id

pytestmark = pytest.mark.unit

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    structlog.reset_defaults()
    root.handlers, root.level = before


def logged(captured: Captured) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def test_a_json_line_carries_level_time_and_ids(capsys: Captured) -> None:
    configure_logging(json=True)
    structlog.get_logger().info("call answered", call_id="c1", waited_s=2.5)
    (line,) = logged(capsys)
    assert line["timestamp"].endswith("Z")  # type: ignore[attr-defined]
    del line["timestamp"]
    assert line == {"event": "call answered", "level": "info", "call_id": "c1", "waited_s": 2.5}


@pytest.mark.parametrize("key", ["phone", "text", "name", "address", "quote", "email", "transcript", "words"])
def test_values_outside_the_allow_list_are_masked(capsys: Captured, key: str) -> None:
    configure_logging(json=True)
    structlog.get_logger().warning("odd frame", **{key: "14 Mill Lane"})
    (line,) = logged(capsys)
    assert line[key] == "***"


def test_an_error_shows_its_type_and_place_but_not_its_message(capsys: Captured) -> None:
    configure_logging(json=True)
    try:
        raise ValueError("my husband at 14 Mill Lane")
    except ValueError:
        structlog.get_logger().exception("decoding failed")
    output = capsys.readouterr().err
    assert "Mill Lane" not in output
    line = json.loads(output)
    assert line["error_type"] == "ValueError"
    assert "test_logs.py" in line["error_place"]


def test_a_librarys_text_is_never_written_only_where_it_came_from(capsys: Captured) -> None:
    configure_logging(json=True)
    logging.getLogger("asyncpg").error("duplicate key: %s", "+44 7700 900123")
    logging.getLogger("asyncpg").info("chatter")
    (line,) = logged(capsys)
    assert line["library"] == "asyncpg"
    assert "test_logs.py" in str(line["place"])
    assert "7700" not in json.dumps(line)


def test_lines_below_the_level_are_left_out(capsys: Captured) -> None:
    configure_logging("warning", json=True)
    structlog.get_logger().info("chatter")
    structlog.get_logger().warning("worth reading")
    assert [line["event"] for line in logged(capsys)] == ["worth reading"]


def test_the_console_format_is_for_people(capsys: Captured) -> None:
    configure_logging()
    structlog.get_logger().info("server started", port=8000)
    text = capsys.readouterr().err
    assert "server started" in text
    assert "port=8000" in text


def test_every_line_of_a_block_carries_its_correlation_id(capsys: Captured) -> None:
    configure_logging(json=True)
    with correlated("r-17"):
        structlog.get_logger().info("inside")
        assert current_correlation_id() == "r-17"
    structlog.get_logger().info("outside")
    assert [line.get("correlation_id") for line in logged(capsys)] == ["r-17", None]
    assert current_correlation_id() is None
