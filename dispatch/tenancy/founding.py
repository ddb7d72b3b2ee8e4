"""Founding an installation: its first super admin and organisations, by whoever owns the machine.

In: names, an e-mail, a password. Out: rows. Invariants: this is for the owner of the installation at its command line,
because before the first super admin nobody may ask the API; every deed is in the audit log as the installation's own;
an e-mail that has an account gets the role added and keeps its password.
"""

import secrets
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.audit import AuditEntry, record
from dispatch.contract.base import PersonId
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY, REGISTRY
from dispatch.storage.tables import CredentialRow, EntryRow, PersonRow, RoleGrantRow

from .organisations import CENTRE, COMMUNITY, KINDS, Kind
from .versions import existing

OWNER = "installation"


async def found_admin(database: Database, email: str, name: str, password_hash: str, now: datetime) -> PersonId:
    """A super admin with this e-mail. An account that exists gets the role, and keeps its password."""
    async with database.transaction(IDENTITY) as session:
        person = await session.scalar(select(PersonRow).where(PersonRow.email == email.strip().lower()))
        if person is None:
            person = PersonRow(
                person_id=f"person-{secrets.token_hex(8)}", display_name=name, email=email.strip().lower()
            )
            session.add(person)
            await session.flush()
            session.add(CredentialRow(person_id=person.person_id, password_hash=password_hash))
        person_id = PersonId(person.merged_into or person.person_id)
        await _make_admin(session, person_id, now)
        await _record(session, "found_admin", "people", person_id, now)
    return person_id


async def found(database: Database, kind: Kind, now: datetime, **values: Any) -> str:
    """A new community, hospital or dispatch centre; returns its id. Raises StoreRefused for a second default centre."""
    organisation_id = f"{kind.scope}-{secrets.token_hex(8)}"
    async with database.transaction(REGISTRY) as session:
        session.add(kind.table(**{kind.id_name: organisation_id}, **values))
        await _record(session, f"found_{kind.scope}", kind.scope, organisation_id, now)
    return organisation_id


async def found_link(database: Database, kind: Kind, organisation_id: str, community_id: str, now: datetime) -> None:
    """The organisation serves the community. Raises Refused where one of them does not exist."""
    assert kind.links is not None
    async with database.transaction(REGISTRY) as session:
        await existing(session, kind.table, kind.key, organisation_id)
        await existing(session, COMMUNITY.table, COMMUNITY.key, community_id)
        await session.merge(kind.links(**{kind.id_name: organisation_id, "community_id": community_id}))
        await _record(session, f"link_{kind.scope}", kind.scope, organisation_id, now)


async def found_entry(database: Database, entry_id: str, centre_id: str, now: datetime) -> None:
    """Calls by the entry come to the centre; another gives it up. Raises Refused where there is no such centre."""
    async with database.transaction(REGISTRY) as session:
        await existing(session, CENTRE.table, CENTRE.key, centre_id)
        await session.merge(EntryRow(entry_id=entry_id, centre_id=centre_id))
        await _record(session, "open_entry", "entry", entry_id, now)


async def organisations(database: Database) -> list[dict[str, object]]:
    """Every organisation, as kind, id, name and whether it is suspended; a centre with the entries of its calls."""
    async with database.transaction(REGISTRY) as session:
        ways_in = defaultdict[str, list[str]](list)
        for entry in await session.scalars(select(EntryRow).order_by(EntryRow.entry_id)):
            ways_in[entry.centre_id].append(entry.entry_id)
        return [
            {"kind": scope.value, "id": kind.id_of(row), "name": row.name, "suspended": row.suspended_at is not None}
            | ({"entries": ways_in[kind.id_of(row)]} if kind is CENTRE else {})
            for scope, kind in KINDS.items()
            for row in await session.scalars(select(kind.table).order_by(kind.key))
        ]


async def person_with(database: Database, email: str) -> PersonId | None:
    """Whose e-mail it is."""
    async with database.transaction(REGISTRY) as session:
        person_id = await session.scalar(select(PersonRow.person_id).where(PersonRow.email == email.strip().lower()))
    return None if person_id is None else PersonId(person_id)


async def _make_admin(session: AsyncSession, person_id: PersonId, now: datetime) -> None:
    await session.flush()
    place = {"person_id": person_id, "role": Role.SUPER_ADMIN, "scope_kind": ScopeKind.EVERYTHING, "scope_id": ""}
    held = await session.scalar(select(RoleGrantRow).filter_by(**place))
    if held is None:
        session.add(RoleGrantRow(grant_id=f"grant-{secrets.token_hex(8)}", granted_at=now, **place))
    else:
        held.revoked_at = held.suspended_at = None


async def _record(session: AsyncSession, action: str, kind: str, subject_id: str, now: datetime) -> None:
    await session.flush()
    await record(session, AuditEntry(now, None, OWNER, action, kind, subject_id))
