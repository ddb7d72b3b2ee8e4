"""What the tests of dispatching share."""

import pytest

from dispatch.storage import Database
from tests.dispatching.world import World


@pytest.fixture
async def world(database: Database) -> World:
    """A centre of this test's own."""
    return await World(database).settle()
