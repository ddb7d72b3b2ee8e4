"""The API without HTTP, on the real database and on virtual time, with people made to measure."""

import itertools
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dispatch.api import Answer, Api, Cursors, Incoming
from dispatch.contract.base import PersonId
from dispatch.contract.problems import Refused
from dispatch.contract.roles import Role
from dispatch.contract.routes import ROUTES
from dispatch.features import Ground, build, service_types
from dispatch.identity import (
    AccessTokens,
    Grant,
    Identity,
    OneTimeCodes,
    Passwords,
    Principal,
    RefreshTokens,
    RememberedCodes,
    ScopeKind,
    signing_keys,
)
from dispatch.observability.clock import VirtualClock
from dispatch.providers.chosen import providers_of
from dispatch.settings import Settings
from dispatch.storage import Database, TenantKeys
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import PersonRow, RoleGrantRow, StaffRow
from dispatch.tenancy import TOKEN_SECRET, InvitationTokens, Reception
from dispatch.tenancy.roles import HELD_AT

PASSWORD = "correct horse battery staple"
HOME = "192.0.2.1"
numbers = itertools.count(1)


@dataclass(frozen=True)
class Somebody:
    """A person with one role, and their access token."""

    person_id: PersonId
    role: Role
    token: str


class Town:
    """Everything about people, as the outside sees it."""

    def __init__(self, database: Database, data_dir: Path, passwords: Passwords) -> None:
        (data_dir / "secrets").mkdir()
        self.database = database
        self.clock = VirtualClock()
        self.tokens = AccessTokens(signing_keys(data_dir / "keys.json"))
        self.identity = Identity(database, self.tokens, RefreshTokens(database, "a secret"), passwords, self.clock)
        self.phones = RememberedCodes()
        self.codes = OneTimeCodes(database, self.phones, "a secret", self.clock)
        links = InvitationTokens(data_dir / TOKEN_SECRET)
        self.reception = Reception(database, self.identity, passwords, links, self.clock)
        settings = Settings(data_dir=data_dir)
        self.providers = providers_of(settings, database, self.clock)
        keys = TenantKeys(data_dir / "tenants")
        ground = Ground(database, self.clock, settings, keys, self.providers, service_types(settings))
        self.api = Api(database, self.identity.verify, build(ground).handlers, Cursors("a secret"), self.clock)

    async def somebody(self, role: Role, scope_id: str = "", person_id: str | None = None) -> Somebody:
        """A person with a role, who is signed in."""
        person = PersonId(person_id or f"p-{secrets.token_hex(6)}")
        kind = HELD_AT[role]
        async with self.database.transaction(REGISTRY) as session:
            if person_id is None:
                session.add(PersonRow(person_id=person, display_name=f"Somebody {person}"))
                await session.flush()
            grant = {"person_id": person, "role": role, "scope_kind": kind, "scope_id": scope_id}
            session.add(RoleGrantRow(grant_id=f"g-{secrets.token_hex(6)}", **grant))
            if kind is ScopeKind.HOSPITAL:
                session.add(StaffRow(staff_id=f"s-{secrets.token_hex(6)}", person_id=person, hospital_id=scope_id))
        return Somebody(person, role, self.token(person, Grant(role, kind, scope_id)))

    def token(self, person: PersonId, *grants: Grant) -> str:
        """An access token as signing in would give it."""
        principal = Principal(person, "Somebody", grants, f"session-{person}", self.clock.now())
        return self.tokens.issue(principal, self.clock.now())[0]

    async def answer(
        self, who: Somebody | str, name: str, body: dict[str, Any] | None = None, *, version: int | None = None,
        key: str | None = None, role: str | None = None, query: dict[str, str] | None = None, **path: str,
    ) -> Answer:  # fmt: skip
        """Asks a route by its name. Raises Refused."""
        route = next(route for route in ROUTES if route.name == name)
        incoming = Incoming(
            token=who.token if isinstance(who, Somebody) else who,
            path=path,
            query=query or {},
            body=json.dumps(body).encode() if body is not None else b"",
            role=role,
            key=key or f"key-of-the-tests-{next(numbers):06}",
            version=None if version is None else f'"{version}"',
            correlation_id="test",
        )
        return await self.api.answer(route, incoming)

    async def ask(self, who: Somebody | str, name: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """The body of the answer."""
        return (await self.answer(who, name, body, **more)).body

    async def refusal(self, who: Somebody | str, name: str, body: dict[str, Any] | None = None, **more: Any) -> str:
        """The code with which a request is refused."""
        with pytest.raises(Refused) as refused:
            await self.answer(who, name, body, **more)
        return refused.value.problem.code.value

    async def hospital(self, chief: Somebody) -> str:
        return str((await self.ask(chief, "onboard_hospital", {"name": "Hospital"})).hospital_id)

    async def community(self, chief: Somebody) -> str:
        return str((await self.ask(chief, "onboard_community", {"name": "Community"})).community_id)

    async def centre(self, chief: Somebody) -> str:
        body = {"name": "Centre", "public_number": "112"}
        return str((await self.ask(chief, "onboard_centre", body)).centre_id)

    async def by_phone(self, phone: str) -> Any:
        """Signs in with a one-time code."""
        ticket = self.codes.request(phone)
        await self.codes.send_next()
        return await self.identity.sign_in_by_phone(self.codes, ticket, self.phones.last.get(phone, "none"))

    async def a_minute(self) -> None:
        """What every process does on its own within a minute."""
        await self.identity._revocations.load(self.clock.now())

    async def later(self, seconds: float) -> None:
        await self.clock.advance(seconds)


@pytest.fixture(scope="session")
def passwords(quick_passwords):
    made = Passwords()
    yield made
    made.close()


@pytest.fixture
async def town(database: Database, tmp_path: Path, passwords: Passwords) -> AsyncIterator[Town]:
    made = Town(database, tmp_path, passwords)
    yield made
    await made.providers.client.aclose()


@pytest.fixture
async def chief(town: Town) -> Somebody:
    """A super admin."""
    return await town.somebody(Role.SUPER_ADMIN)


def new_email() -> str:
    return f"{secrets.token_hex(6)}@people.example"


def new_phone() -> str:
    return f"+44770{secrets.randbelow(10**8):08}"
