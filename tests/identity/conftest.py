"""One person with a password, and an identity service on virtual time."""

import asyncio
import secrets
from dataclasses import dataclass

import pytest

from dispatch.contract.base import CentreId, PersonId
from dispatch.identity import AccessTokens, Identity, Passwords, RefreshTokens, signing_keys
from dispatch.observability.clock import VirtualClock
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY, REGISTRY
from dispatch.storage.tables import CredentialRow, DispatchCentreRow, PersonRow, RoleGrantRow

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Someone:
    person_id: PersonId
    email: str
    centre_id: CentreId


@pytest.fixture(scope="session")
def passwords(quick_passwords):
    made = Passwords()
    yield made
    made.close()


@pytest.fixture
async def someone(database: Database, passwords) -> Someone:
    """An operator and trainer of a centre."""
    mark = secrets.token_hex(4)
    person = Someone(PersonId(f"p-{mark}"), f"{mark}@people.example", CentreId(f"c-{mark}"))
    async with database.transaction(REGISTRY) as session:
        session.add(PersonRow(person_id=person.person_id, display_name="Olive", email=person.email))
        session.add(DispatchCentreRow(centre_id=person.centre_id, name="Centre", public_number="111"))
        await session.flush()
        for role in ("operator", "trainer"):
            session.add(
                RoleGrantRow(
                    grant_id=f"{role}-{mark}",
                    person_id=person.person_id,
                    role=role,
                    scope_kind="centre",
                    scope_id=person.centre_id,
                )
            )
    async with database.transaction(IDENTITY) as session:
        session.add(CredentialRow(person_id=person.person_id, password_hash=await passwords.hash(PASSWORD)))
    return person


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def tokens(tmp_path) -> AccessTokens:
    return AccessTokens(signing_keys(tmp_path / "keys.json"))


@pytest.fixture
def identity(database, tokens, passwords, clock) -> Identity:
    return Identity(database, tokens, RefreshTokens(database, "a secret"), passwords, clock)


async def seen(clock, happened) -> None:
    """Lets a minute of virtual time pass, with the real database answering in between."""
    for _ in range(4):
        await clock.advance(15)
        for _ in range(100):
            if happened():
                return
            await asyncio.sleep(0.01)
    raise AssertionError("not within a minute")
