"""The mark on a live call's card: given and taken by the call's own centre at once, kept while the database is away."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import insert, update

from dispatch.approvals import KnownApprovals
from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.base import CallId, PersonId
from dispatch.contract.caller import StartCall
from dispatch.contract.card import Card
from dispatch.contract.console import OpenCall
from dispatch.contract.protocols import MedicalDirectors, ProtocolLine, ProtocolSheet, SignProtocol, WithdrawApproval
from dispatch.contract.timeline import CardUpdated
from dispatch.http_client import HttpClient
from dispatch.identity import Role
from dispatch.observability.clock import VirtualClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import REGISTRY, Context, DatabaseRole
from dispatch.storage.tables import DispatchCentreRow, MedicalDirectorRow, PersonRow, ProtocolApprovalRow
from dispatch.triage import NOTHING_APPROVED, readable
from tests.fixtures_node import MULAW, console_of, new_id, talk

pytestmark = pytest.mark.integration

PATIENCE_S = 60
ARREST = "cardiac_arrest"


def card_on(console: ConsoleClient, call_id: CallId) -> Card:
    """The card that a console shows."""
    drawn = [entry.body.card for entry in console.view.entries.get(call_id, []) if isinstance(entry.body, CardUpdated)]
    return drawn[-1] if drawn else Card(version=0)


def marks(card: Card) -> tuple[str, str | None, str | None] | None:
    """The protocol of a card, and who approved it and the script."""
    if card.protocol is None or card.instructions is None:
        return None
    return card.protocol.protocol_id, card.protocol.approved_by, card.instructions.approved_by


async def signs(
    database: Database, person_id: PersonId, protocol_id: str, centre_id: str, deed: str = "signed"
) -> None:  # fmt: skip
    """Somebody becomes medical director of a new centre, signs a protocol there, and leaves."""
    text = readable()[protocol_id]
    appointed = {"centre_id": centre_id, "person_id": person_id, "appointed_by": person_id}
    async with database.transaction(REGISTRY) as session:
        session.add(DispatchCentreRow(centre_id=centre_id, name="Elsewhere", public_number="111"))
        await session.flush()
        session.add(MedicalDirectorRow(director_id=f"d-{centre_id}", **appointed))
    given = {"protocol_id": protocol_id, "number": 1, "deed": deed, "version": "1", "digest": text.digest}
    mine = {"person_id": person_id, "name": "Dr Elsewhere", "second_factor": False, "centre_id": centre_id}
    async with database.transaction(Context(DatabaseRole.HOSPITAL_ADMIN, person_id)) as session:
        await session.execute(insert(ProtocolApprovalRow).values(approval_id=f"a-{centre_id}", **given, **mine))
    left = update(MedicalDirectorRow).where(MedicalDirectorRow.centre_id == centre_id)
    async with database.transaction(REGISTRY) as session:
        await session.execute(left.values(ended_at=datetime.now(UTC)))


async def test_the_mark_on_a_live_call_follows_the_signatures_of_its_own_centre(node: Node) -> None:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.HOSPITAL_ADMIN)
    caller, console = CallerClient(node.url), await console_of(node)
    opened = await caller.start(StartCall(format=MULAW))
    await console.until(lambda view: opened.call_id in view.queue)
    await console.command(OpenCall(command_id=new_id(), call_id=opened.call_id))
    await talk(caller, 6)

    async def shows(wanted: tuple[str, str | None, str | None]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await console.until(lambda _: marks(card_on(console, opened.call_id)) == wanted)

    await shows((ARREST, None, None))
    await signs(node.database, PersonId("demo-hospital-admin"), ARREST, f"c-{secrets.token_hex(4)}")
    assert await node.approvals.look() != frozenset()
    assert node.approvals.of(node.demo_world.centre_id) == NOTHING_APPROVED
    async with HttpClient(node.url, login.email, login.password) as http:
        mine = await http.ask("GET", "/v1/medical-directors?mine=true", MedicalDirectors)
        assert node.demo_world.centre_id in {one.centre_id for one in mine.directors}
        place = f"/v1/centres/{node.demo_world.centre_id}/protocols/{ARREST}"
        sheet = await http.ask("GET", place, ProtocolSheet)
        body = SignProtocol(version=sheet.text.version, digest=sheet.digest)
        assert marks(card_on(console, opened.call_id)) == (ARREST, None, None)
        await http.ask("POST", f"{place}/signatures", ProtocolLine, body)
        await shows((ARREST, login.name, login.name))
        await http.ask("POST", f"{place}/withdrawals", ProtocolLine, WithdrawApproval(reason="a doubt"))
        await shows((ARREST, None, None))
    await caller.close()
    await console.close()


class Away:
    """A database that is not there."""

    def transaction(self, context: Context) -> None:
        raise StoreUnavailable(f"The database is away for {context.role}.")


async def test_a_process_that_never_saw_the_database_approves_nothing_and_one_that_did_keeps_what_it_knew(
    database: Database,
) -> None:
    clock, told = VirtualClock(), []
    centre_id, person_id = f"c-{secrets.token_hex(4)}", PersonId(f"p-{secrets.token_hex(4)}")
    async with database.transaction(REGISTRY) as session:
        session.add(PersonRow(person_id=person_id, display_name="Dr"))
    await signs(database, person_id, "stroke", centre_id)

    async def changed(centres: frozenset[str]) -> None:
        told.append(centres)

    known = KnownApprovals(cast(Any, Away()), clock)
    async with TaskSupervisor() as tasks:
        tasks.start("approvals", known.keep_fresh(changed))
        await until(lambda: bool(clock._sleepers))
        assert known.of(centre_id) == NOTHING_APPROVED
        known._database = database
        await clock.advance(1)
        await until(lambda: bool(told))
        assert centre_id in told[0]
        assert known.of(centre_id).protocols == {"stroke": "Dr Elsewhere"}
        known._database = cast(Any, Away())
        await until(lambda: bool(clock._sleepers))
        await clock.advance(2)
        assert known.of(centre_id).protocols == {"stroke": "Dr Elsewhere"}
        assert len(told) == 1


async def test_a_restart_looks_again_at_a_centre_whose_signatures_were_all_taken_back(database: Database) -> None:
    centre_id, person_id = f"c-{secrets.token_hex(4)}", PersonId(f"p-{secrets.token_hex(4)}")
    async with database.transaction(REGISTRY) as session:
        session.add(PersonRow(person_id=person_id, display_name="Dr"))
    await signs(database, person_id, "stroke", centre_id, deed="withdrawn")
    known = KnownApprovals(database, VirtualClock())
    assert centre_id in await known.look()
    assert known.of(centre_id) == NOTHING_APPROVED
    assert await known.look() == frozenset()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
