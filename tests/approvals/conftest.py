"""The town of the people's tests, with a dispatch centre and its people."""

from dataclasses import dataclass

import pytest

from dispatch.contract.roles import Role
from tests.tenancy.conftest import Somebody, Town, chief, passwords, town

__all__ = ["chief", "passwords", "town"]


@dataclass(frozen=True)
class Centre:
    """A dispatch centre with a supervisor, and a nurse of some hospital who signs its protocols."""

    centre_id: str
    supervisor: Somebody
    director: Somebody
    director_id: str


async def settled_centre(town: Town, chief: Somebody) -> Centre:
    centre_id, hospital = await town.centre(chief), await town.hospital(chief)
    director = await town.somebody(Role.NURSE, hospital)
    supervisor = await town.somebody(Role.SUPERVISOR, centre_id)
    body = {"person_id": director.person_id, "centre_id": centre_id}
    made = await town.ask(chief, "appoint_medical_director", body)
    return Centre(centre_id, supervisor, director, made.director_id)


@pytest.fixture
async def centre(town: Town, chief: Somebody) -> Centre:
    return await settled_centre(town, chief)


@pytest.fixture
async def elsewhere(town: Town, chief: Somebody) -> Centre:
    """Another centre, with people of its own."""
    return await settled_centre(town, chief)
