"""`kiwimesh protocols`: a medical director at a terminal."""

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
    code = await asyncio.to_thread(run, ["protocols", *arguments, *where])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


async def test_a_director_lists_reads_signs_and_takes_back_at_a_terminal(node: Node, capsys) -> None:
    _, page = await said(capsys, node, "list")
    assert page["may_sign"]
    assert len(page["protocols"]) > 50
    _, sheet = await said(capsys, node, "show", "sickle_cell")
    wrong, refused = await said(capsys, node, "sign", "sickle_cell", "--digest", "0" * 64)
    assert (wrong, refused["code"]) == (1, "conflict")
    code, line = await said(capsys, node, "sign", "sickle_cell", "--digest", sheet["digest"][:12])
    assert (code, line["state"]) == (0, "signed")
    code, line = await said(capsys, node, "withdraw", "sickle_cell", "--reason", "only a test")
    assert (code, line["state"]) == (0, "withdrawn")
    where = ("--url", node.url, "--data", str(node.settings.data_dir))
    assert await asyncio.to_thread(run, ["protocols", "show", "sickle_cell", *where]) == 0
    shown = capsys.readouterr().out
    assert "NOT APPROVED: taken back" in shown
    assert "only a test" in shown
