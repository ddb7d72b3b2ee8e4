"""What several pages' tests share: a browser, and a server whose callers say where they are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from dispatch.bootstrap import Node
from dispatch.storage import ServerUrls
from tests.acceptance.test_operator_page import CHROMIUM, FLAGS
from tests.fixtures_node import node_settings, scripted_transcription

SAID = "my husband collapsed he is not breathing we are in flat 3a block c green acres"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of the test's own; a module may bring one for all of its tests."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture
async def talking(fresh_servers: ServerUrls, tmp_path: Path) -> AsyncIterator[Node]:
    """A running server on a database of its own, whose callers say where they are."""
    made = Node(node_settings(fresh_servers, tmp_path), demo=True, transcription=scripted_transcription(SAID))
    await made.start()
    yield made
    await made.stop()
