"""What the tests of bookings stand on."""

import pytest

from dispatch.booking import RememberedJobs, Transitions, read_catalogue
from dispatch.storage import Database
from tests.booking.worlds import World, settle


@pytest.fixture
async def world(database: Database) -> World:
    return await settle(database)


@pytest.fixture
def jobs() -> RememberedJobs:
    return RememberedJobs()


@pytest.fixture
def transitions(jobs: RememberedJobs) -> Transitions:
    return Transitions(read_catalogue(), jobs)
