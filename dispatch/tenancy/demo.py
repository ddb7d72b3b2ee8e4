"""The demonstration world: written into an empty installation, so that there is something to look at and to sign in to.

In: `demo.yaml`, the database, the data directory. Out: the world with its logins. Invariants: seeding again changes
nothing; passwords are random per installation and lie in the data directory alone (mode 0600), never in the repository.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from dispatch.contract.base import CentreId, CommunityId
from dispatch.identity import Passwords, Role, normal_number
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY, REGISTRY
from dispatch.storage.data_root import secret_text, write_secret
from dispatch.storage.tables import (
    CentreCommunityRow,
    CommunityRow,
    CredentialRow,
    DispatchCentreRow,
    EntryRow,
    HospitalCommunityRow,
    HospitalRow,
    MedicalDirectorRow,
    PersonRow,
    ResidentRow,
    RoleGrantRow,
    Row,
    StaffRow,
)

SCRIPT: Final = Path(__file__).with_name("demo.yaml")
MAIL_DOMAIN: Final = "demo.example"
"""`example` is kept free for documentation (RFC 2606): no mail ever arrives."""
SECRETS: Final = "secrets"
PASSWORD_FILE: Final = "demo-logins.json"  # noqa: S105 - a file's name
PASSWORD_BYTES: Final = 12


class Script(BaseModel):
    """Base of what stands in demo.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NamedPlace(Script):
    id: str
    name: str


class ResidentScript(Script):
    id: str
    name: str
    flat: str
    phone: str
    login: str | None = None


class LoginScript(Script):
    login: str
    name: str
    role: Role
    scope: Literal["everything", "centre", "hospital", "community"]

    @property
    def person_id(self) -> str:
        return f"demo-{self.login}"

    @property
    def email(self) -> str:
        return f"{self.login}@{MAIL_DOMAIN}"


class WorldScript(Script):
    """demo.yaml."""

    community: NamedPlace
    hospital: NamedPlace
    centre: NamedPlace
    entries: tuple[str, ...]
    residents: tuple[ResidentScript, ...]
    logins: tuple[LoginScript, ...]
    medical_director: str
    """The login that may sign protocols for the centre."""

    def phone_of(self, login: LoginScript) -> str | None:
        """The number that a resident gets one-time codes on."""
        numbers = (normal_number(resident.phone) for resident in self.residents if resident.login == login.login)
        return next(numbers, None)

    def scope_id(self, login: LoginScript) -> str:
        places = {"centre": self.centre, "hospital": self.hospital, "community": self.community}
        return places[login.scope].id if login.scope in places else ""


@dataclass(frozen=True)
class DemoLogin:
    """Somebody to sign in as."""

    role: Role
    name: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class DemoWorld:
    """What seeding made, or found."""

    community_id: CommunityId
    hospital_id: str
    centre_id: CentreId
    residents: int
    logins: tuple[DemoLogin, ...]

    def login(self, role: Role) -> DemoLogin:
        """The first login with the role."""
        return next(login for login in self.logins if login.role is role)


@cache
def world_script() -> WorldScript:
    """What the file says."""
    return WorldScript.model_validate(yaml.safe_load(SCRIPT.read_text()))


async def seed_demo(database: Database, data_dir: Path, *, public_number: str = "112") -> DemoWorld:
    """Writes the demonstration world, or completes it; the passwords are kept in `data_dir`.

    Raises StoreUnavailable when the database is away.
    """
    script = world_script()
    (data_dir / SECRETS).mkdir(mode=0o700, parents=True, exist_ok=True)
    known = login_passwords(script, data_dir / SECRETS / PASSWORD_FILE)
    async with database.transaction(REGISTRY) as session:
        for row in world_rows(script, public_number):
            await session.execute(insert(type(row)).values(**values_of(row)).on_conflict_do_nothing())
    await _set_passwords(database, {login.person_id: known[login.email] for login in script.logins})
    return DemoWorld(
        community_id=CommunityId(script.community.id),
        hospital_id=script.hospital.id,
        centre_id=CentreId(script.centre.id),
        residents=len(script.residents),
        logins=tuple(DemoLogin(item.role, item.name, item.email, known[item.email]) for item in script.logins),
    )


def login_passwords(script: WorldScript, file: Path) -> dict[str, str]:
    """The password of every login by e-mail; new ones are made up and added to the file."""
    known: dict[str, str] = json.loads(secret_text(file, lambda: "{}"))
    missing = [login.email for login in script.logins if login.email not in known]
    if missing:
        known |= {email: secrets.token_urlsafe(PASSWORD_BYTES) for email in missing}
        write_secret(file, json.dumps(known, indent=1))
    return known


async def _set_passwords(database: Database, wanted: dict[str, str]) -> None:
    """Stores a hash for every login whose stored hash is missing or belongs to another password."""
    async with database.transaction(IDENTITY) as session:
        query = select(CredentialRow).where(CredentialRow.person_id.in_(wanted))
        stored = {row.person_id: row.password_hash for row in await session.scalars(query)}
    with closing(Passwords()) as passwords:
        right = await asyncio.gather(*(passwords.matches(stored.get(who), word) for who, word in wanted.items()))
        wrong = [who for who, matches in zip(wanted, right, strict=True) if not matches]
        hashes = await asyncio.gather(*(passwords.hash(wanted[who]) for who in wrong))
    async with database.transaction(IDENTITY) as session:
        for who, hashed in zip(wrong, hashes, strict=True):
            await session.merge(CredentialRow(person_id=who, password_hash=hashed))


def world_rows(script: WorldScript, public_number: str) -> Iterator[Row]:
    """Every row of the world, in an order that the references allow."""
    yield from place_rows(script, public_number)
    for login in script.logins:
        phone = script.phone_of(login)
        yield PersonRow(person_id=login.person_id, display_name=login.name, email=login.email, phone=phone)
        yield RoleGrantRow(
            grant_id=login.person_id,
            person_id=login.person_id,
            role=login.role.value,
            scope_kind=login.scope,
            scope_id=script.scope_id(login),
        )
        if login.scope == "hospital":
            yield StaffRow(staff_id=login.person_id, person_id=login.person_id, hospital_id=script.hospital.id)
    yield MedicalDirectorRow(
        director_id="demo-director",
        person_id=f"demo-{script.medical_director}",
        centre_id=script.centre.id,
        appointed_by="demo-super-admin",
    )
    for resident in script.residents:
        yield ResidentRow(
            resident_id=resident.id,
            person_id=f"demo-{resident.login}" if resident.login else None,
            community_id=script.community.id,
            name=resident.name,
            flat=resident.flat,
            phone=normal_number(resident.phone),
        )


def place_rows(script: WorldScript, public_number: str) -> Iterator[Row]:
    """The organisations, and how they belong together."""
    community, hospital, centre = script.community.id, script.hospital.id, script.centre.id
    yield CommunityRow(community_id=community, name=script.community.name)
    yield HospitalRow(hospital_id=hospital, name=script.hospital.name)
    yield HospitalCommunityRow(hospital_id=hospital, community_id=community)
    yield DispatchCentreRow(centre_id=centre, name=script.centre.name, public_number=public_number, is_default=True)
    yield CentreCommunityRow(centre_id=centre, community_id=community)
    for entry in script.entries:
        yield EntryRow(entry_id=entry, centre_id=centre)


def values_of(row: Row) -> dict[str, Any]:
    """The columns that were set."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
