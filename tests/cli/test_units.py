"""`kiwimesh units`: a supervisor at a terminal."""

import asyncio
import json
from typing import Any

import pytest

from dispatch.bootstrap import Node
from dispatch.cli import run

pytestmark = pytest.mark.integration


async def said(capsys: pytest.CaptureFixture[str], node: Node, *arguments: str) -> tuple[int, Any]:
    """The exit code of a command, and what it printed as JSON."""
    where = ("--url", node.url, "--data", str(node.settings.data_dir), "--json")
    code = await asyncio.to_thread(run, ["units", *arguments, *where])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


async def test_a_supervisor_enters_a_unit_and_finds_it_in_the_list(node: Node, capsys) -> None:
    new = ("add", "Kea 1", "--can", "ambulance", "--can", "boat", "--at", "-41.3", "174.8")
    code, made = await said(capsys, node, *new)
    assert (code, made["unit"]["capabilities"], made["unit"]["on_duty"]) == (0, ["ambulance", "boat"], False)
    code, refused = await said(capsys, node, *new)
    assert (code, refused["code"]) == (1, "conflict")
    code, refused = await said(capsys, node, "add", "Kea 2", "--can", "no blanks")
    assert (code, refused["ok"]) == (1, False)
    _, listed = await said(capsys, node, "list")
    assert made["unit"]["unit_id"] in [unit["unit_id"] for unit in listed["units"]]
    where = ("--url", node.url, "--data", str(node.settings.data_dir))
    assert await asyncio.to_thread(run, ["units", "list", *where]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "Kea 1" in line]
    assert "off duty" in line
    assert await asyncio.to_thread(run, ["units", "list", "--withdrawn", *where]) == 0
    assert "units add" in capsys.readouterr().out
