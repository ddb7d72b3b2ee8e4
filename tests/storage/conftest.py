"""A world of two dispatch centres with an operator each, for what the storage tests do."""

import secrets
from dataclasses import dataclass

import pytest

from dispatch.contract.base import CentreId, PersonId
from dispatch.storage.context import REGISTRY, Context, DatabaseRole
from dispatch.storage.engine import Database
from dispatch.storage.tables import DispatchCentreRow, EntryRow, PersonRow, RoleGrantRow


@dataclass(frozen=True)
class World:
    """Ids are new in every test, so that tests can share a database."""

    ours: CentreId
    theirs: CentreId
    operator: PersonId
    foreign_operator: PersonId
    trainer: PersonId

    @property
    def scope(self) -> Context:
        return Context(DatabaseRole.OPERATOR, self.operator, self.ours, frozenset({("centre", self.ours)}))

    @property
    def foreign_scope(self) -> Context:
        return Context(DatabaseRole.OPERATOR, self.foreign_operator, self.theirs, frozenset({("centre", self.theirs)}))


def new_world() -> World:
    mark = secrets.token_hex(4)
    return World(
        ours=CentreId(f"ours-{mark}"),
        theirs=CentreId(f"theirs-{mark}"),
        operator=PersonId(f"operator-{mark}"),
        foreign_operator=PersonId(f"foreign-{mark}"),
        trainer=PersonId(f"trainer-{mark}"),
    )


async def settle(database: Database, world: World) -> None:
    """Writes the world's centres, people and grants."""
    people = (
        (world.operator, "operator", world.ours),
        (world.foreign_operator, "operator", world.theirs),
        (world.trainer, "trainer", world.ours),
    )
    async with database.transaction(REGISTRY) as session:
        for centre in (world.ours, world.theirs):
            session.add(DispatchCentreRow(centre_id=centre, name=centre, public_number="111"))
        await session.flush()
        session.add_all(EntryRow(entry_id=f"web-{centre}", centre_id=centre) for centre in (world.ours, world.theirs))
        session.add_all(PersonRow(person_id=person, display_name=person) for person, _, _ in people)
        await session.flush()
        session.add_all(
            RoleGrantRow(grant_id=f"g-{person}", person_id=person, role=role, scope_kind="centre", scope_id=centre)
            for person, role, centre in people
        )


@pytest.fixture
async def world(database: Database) -> World:
    made = new_world()
    await settle(database, made)
    return made
