"""Onboarding, reading, changing, suspending and linking organisations over the API."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CentreId, CommunityId, Message
from dispatch.contract.http import PageQuery
from dispatch.contract.organisations import (
    Communities,
    Community,
    DispatchCentre,
    DispatchCentres,
    Entries,
    Hospital,
    Hospitals,
    NewCentre,
    NewOrganisation,
)
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.tables import DispatchCentreRow, EntryRow, HospitalRow, Organisation

from .organisations import CENTRE, COMMUNITY, HOSPITAL, Kind, mark_grants, served
from .versions import change, existing

Page = Callable[[tuple[Any, ...], str | None], Message]
PAGES: Final[dict[str, Page]] = {
    "community": lambda rows, cursor: Communities(communities=rows, next_cursor=cursor),
    "hospital": lambda rows, cursor: Hospitals(hospitals=rows, next_cursor=cursor),
    "centre": lambda rows, cursor: DispatchCentres(centres=rows, next_cursor=cursor),
}


def view(kind: Kind, row: Organisation, communities: tuple[str, ...]) -> Community | Hospital | DispatchCentre:
    """An organisation as the API shows it."""
    common: dict[str, Any] = {"name": row.name, "suspended_at": row.suspended_at, "version": row.version}
    serves = tuple(map(CommunityId, communities))
    if isinstance(row, HospitalRow):
        return Hospital(hospital_id=row.hospital_id, communities=serves, **common)
    if isinstance(row, DispatchCentreRow):
        return DispatchCentre(
            centre_id=CentreId(row.centre_id),
            public_number=row.public_number,
            overflow_centre_id=CentreId(row.overflow_centre_id) if row.overflow_centre_id else None,
            is_default=row.is_default,
            communities=serves,
            **common,
        )
    return Community(community_id=CommunityId(kind.id_of(row)), **common)


async def _shown(kind: Kind, row: Organisation, session: AsyncSession) -> Answer:
    organisation_id = kind.id_of(row)
    links = await served(session, kind, [organisation_id])
    body = view(kind, row, links.get(organisation_id, ()))
    return Answer(body, version=row.version, subject=organisation_id, tenant=(kind.scope, organisation_id))


async def onboard(kind: Kind, asked: Asked[NewOrganisation | NewCentre, None], session: AsyncSession) -> Answer:
    """A new organisation with an id of the server's making."""
    organisation_id = f"{kind.scope}-{secrets.token_hex(8)}"
    await _check_overflow(asked.body, organisation_id, session)
    values = asked.body.model_dump()
    await session.execute(insert(kind.table).values({kind.id_name: organisation_id, **values}))
    return await _shown(kind, await existing(session, kind.table, kind.key, organisation_id), session)


async def list_all(kind: Kind, asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """One page, by id."""
    query = select(kind.table).order_by(kind.key).limit(asked.query.limit + 1)
    if asked.after:
        query = query.where(kind.key > asked.after[0])
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (kind.id_of(row),))
    links = await served(session, kind, [kind.id_of(row) for row in rows])
    shown = tuple(view(kind, row, links.get(kind.id_of(row), ())) for row in rows)
    return Answer(PAGES[kind.scope](shown, cursor))


async def read(kind: Kind, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One organisation."""
    return await _shown(kind, await existing(session, kind.table, kind.key, asked.path[kind.id_name]), session)


async def rename(kind: Kind, asked: Asked[NewOrganisation | NewCentre, None], session: AsyncSession) -> Answer:
    """New values for an organisation that was read."""
    organisation_id = asked.path[kind.id_name]
    await _check_overflow(asked.body, organisation_id, session)
    values = asked.body.model_dump()
    row = await change(session, kind.table, kind.key, organisation_id, asked.version, **values)
    return await _shown(kind, row, session)


async def set_suspended(kind: Kind, suspended: bool, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Suspends an organisation, or reinstates it, with all grants that rest on it."""
    organisation_id, at = asked.path[kind.id_name], asked.at if suspended else None
    row = await change(session, kind.table, kind.key, organisation_id, asked.version, suspended_at=at)
    if suspended and isinstance(row, DispatchCentreRow) and row.is_default:
        raise Refused(ProblemCode.WRONG_STATE, "Calls from unknown entries come to this centre: it stays open.")
    await mark_grants(session, kind.scope, organisation_id, at)
    return await _shown(kind, row, session)


async def link(kind: Kind, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """The organisation serves a community from now on; doing it twice is no error."""
    assert kind.links is not None
    await existing(session, kind.table, kind.key, asked.path[kind.id_name])
    await existing(session, COMMUNITY.table, COMMUNITY.key, asked.path["community_id"])
    if await session.get(kind.links, tuple(asked.path.values())) is None:
        await session.execute(insert(kind.links).values(**asked.path))
    return Answer(tenant=(kind.scope, asked.path[kind.id_name]))


async def unlink(kind: Kind, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """The organisation does not serve the community any more; doing it twice is no error."""
    assert kind.links is not None
    here = (kind.link_key == asked.path[kind.id_name], kind.links.community_id == asked.path["community_id"])
    await session.execute(delete(kind.links).where(*here))
    return Answer(tenant=(kind.scope, asked.path[kind.id_name]))


async def list_entries(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """By name."""
    centre_id = asked.path["centre_id"]
    await existing(session, CENTRE.table, CENTRE.key, centre_id)
    query = select(EntryRow.entry_id).where(EntryRow.centre_id == centre_id).order_by(EntryRow.entry_id)
    return Answer(Entries(entries=tuple(await session.scalars(query))), tenant=(CENTRE.scope, centre_id))


async def open_entry(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Calls by the entry come to the centre, on every server within half a minute; doing it twice is no error."""
    centre_id, entry_id = asked.path["centre_id"], asked.path["entry_id"]
    await existing(session, CENTRE.table, CENTRE.key, centre_id)
    await session.merge(EntryRow(entry_id=entry_id, centre_id=centre_id))
    return Answer(subject=entry_id, tenant=(CENTRE.scope, centre_id))


async def close_entry(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Calls by the entry go to the default centre; doing it twice is no error, nor is it one of another centre."""
    centre_id, entry_id = asked.path["centre_id"], asked.path["entry_id"]
    await session.execute(delete(EntryRow).where(EntryRow.entry_id == entry_id, EntryRow.centre_id == centre_id))
    return Answer(subject=entry_id, tenant=(CENTRE.scope, centre_id))


async def _check_overflow(body: NewOrganisation | NewCentre, own_id: str, session: AsyncSession) -> None:
    if isinstance(body, NewCentre) and body.overflow_centre_id is not None:
        await existing(session, CENTRE.table, CENTRE.key, body.overflow_centre_id)
        if body.overflow_centre_id == own_id:
            raise Refused(ProblemCode.CONFLICT, "A centre cannot take over from itself.")


def _handlers(word: str, plural: str, kind: Kind) -> dict[str, Handler]:
    return {
        f"onboard_{word}": partial(onboard, kind),
        f"list_{plural}": partial(list_all, kind),
        f"read_{word}": partial(read, kind),
        f"change_{word}": partial(rename, kind),
        f"suspend_{word}": partial(set_suspended, kind, True),
        f"reinstate_{word}": partial(set_suspended, kind, False),
    }


HANDLERS: Final[dict[str, Handler]] = {
    **_handlers("community", "communities", COMMUNITY),
    **_handlers("hospital", "hospitals", HOSPITAL),
    **_handlers("centre", "centres", CENTRE),
    "link_hospital": partial(link, HOSPITAL),
    "unlink_hospital": partial(unlink, HOSPITAL),
    "link_centre": partial(link, CENTRE),
    "unlink_centre": partial(unlink, CENTRE),
    "list_entries": list_entries,
    "open_entry": open_entry,
    "close_entry": close_entry,
}
