"""The life of a call's records: kept for their time, held where they must be, gone where they were asked to go."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from dispatch.audit import seal_once, verify
from dispatch.booking import Actor, NewBooking, RememberedJobs, Scope, Transitions, read_catalogue
from dispatch.bootstrap import Node
from dispatch.contract.base import CallId, CentreId
from dispatch.identity import Role
from dispatch.observability.clock import SystemClock, VirtualClock
from dispatch.records import Archivist
from dispatch.storage import PostgresTimelineStore, StoreRefused
from dispatch.storage.context import ARCHIVIST, LEDGER, sending
from dispatch.storage.tables import BookingRow, CallRow, DispatchEventRow, IncidentRow, RecordPolicyRow
from tests.api.test_guarded_routes import ask, token_of
from tests.storage.entries import START, store_keys, whole_call

pytestmark = pytest.mark.integration

MONTHS = timedelta(days=40)


@pytest.fixture
def archivist(fresh_database, tmp_path) -> Archivist:
    return Archivist(fresh_database, VirtualClock(START + MONTHS), tmp_path, retention_days=30)


@pytest.fixture
async def closed_call(fresh_database, tmp_path) -> tuple[CallId, CentreId]:
    """A call that was closed on 1 March 2026, in a database of its own, with its folder."""
    from tests.storage.conftest import new_world, settle

    world = new_world()
    await settle(fresh_database, world)
    call_id = CallId(f"call-{secrets.token_hex(4)}")
    await PostgresTimelineStore(fresh_database, store_keys()).append(whole_call(call_id, world.ours))
    (tmp_path / call_id).mkdir()
    return call_id, world.ours


async def entries_left(database, call_id: CallId) -> int:
    return len(await PostgresTimelineStore(database, store_keys()).entries(call_id, scope=LEDGER))


async def test_when_its_time_is_over_nobody_can_read_a_call_and_the_audit_log_says_so(
    fresh_database, archivist, closed_call, tmp_path
):
    call_id, _ = closed_call
    async with fresh_database.transaction(LEDGER) as session:
        await session.execute(update(IncidentRow).values(nature="chest pain", place_label="Block C"))
        incident_id = await session.scalar(select(IncidentRow.incident_id))
    await told_of(fresh_database, closed_call[1], incident_id)
    assert await entries_left(fresh_database, call_id) > 0
    assert await archivist.erase_due() == 1
    await archivist.sweep_folders()
    async with fresh_database.transaction(LEDGER) as session:
        call = await session.scalar(select(CallRow))
        incident = await session.scalar(select(IncidentRow))
    assert (incident.nature, incident.place_label) == ("", "")
    assert await words_left(fresh_database) == ({"kind": "place.confirmed"}, ("", ""))
    assert (call.phone, call.card, call.erased_at is not None) == (None, {}, True)
    assert await entries_left(fresh_database, call_id) == 0
    assert not (tmp_path / call_id).exists()
    await seal_once(fresh_database, SystemClock())
    assert (await verify(fresh_database, SystemClock())).events == 1
    assert await archivist.erase_due() == 0


async def told_of(database, centre_id: CentreId, incident_id: str | None) -> None:
    """An operator's words in the log of dispatching, and in a booking of the incident's."""
    body = {"kind": "place.confirmed", "label": "Block C", "latitude": 1.5, "longitude": 2.5}
    async with database.transaction(sending(centre_id)) as session:
        event = {"at": START, "centre_id": centre_id, "incident_id": incident_id, "kind": body["kind"], "body": body}
        session.add(DispatchEventRow(**event))
        scope = Scope(centre_id=centre_id)
        new = NewBooking(
            "ambulance", scope, Actor("server"), START, incident_id=incident_id, place="Block C", note="Ring twice."
        )
        await Transitions(read_catalogue(), RememberedJobs()).create(session, new)


async def words_left(database) -> tuple[dict[str, Any], tuple[str, str]]:
    async with database.transaction(ARCHIVIST) as session:
        body = await session.scalar(select(DispatchEventRow.body))
        booking = (await session.scalars(select(BookingRow))).one()
    return body, (booking.place, booking.note)


async def test_an_incident_that_nobody_called_about_loses_its_words_when_its_time_is_over(
    fresh_database, archivist, closed_call
):
    keyed_in = {"incident_id": "inc-radio", "centre_id": closed_call[1], "opened_at": START, "origin": "radio"}
    words = {"nature": "Fell in the hall.", "place_label": "Block C", "exercise": False}
    async with fresh_database.transaction(LEDGER) as session:
        session.add(IncidentRow(**keyed_in, **words, closed_at=START + MONTHS - timedelta(days=29)))
    await told_of(fresh_database, closed_call[1], "inc-radio")
    await archivist.erase_due()
    assert (await words_left(fresh_database))[1] == ("Block C", "Ring twice.")
    async with fresh_database.transaction(LEDGER) as session:
        radio = IncidentRow.incident_id == "inc-radio"
        await session.execute(update(IncidentRow).where(radio).values(closed_at=START))
    await archivist.erase_due()
    async with fresh_database.transaction(LEDGER) as session:
        row = await session.get_one(IncidentRow, "inc-radio")
    assert (row.nature, row.place_label, row.closed_at) == ("", "", START)
    assert await words_left(fresh_database) == ({"kind": "place.confirmed"}, ("", ""))


async def test_a_centre_that_keeps_longer_keeps_longer(fresh_database, archivist, closed_call):
    async with fresh_database.transaction(LEDGER) as session:
        assert await session.scalar(select(CallRow.closed_at)) is not None
    await set_policy(fresh_database, closed_call[1], days=60)
    assert await archivist.erase_due() == 0
    assert await entries_left(fresh_database, closed_call[0]) > 0


async def set_policy(database, centre_id: CentreId, days: int) -> None:
    async with database.transaction(ARCHIVIST) as session:
        session.add(RecordPolicyRow(centre_id=centre_id, version=1, retention_days=days, notice="Recorded."))


async def test_words_that_come_after_an_erasure_are_refused_and_not_kept_in_the_clear(
    fresh_database, archivist, closed_call
):
    call_id, centre_id = closed_call
    await archivist.erase_due()
    with pytest.raises(StoreRefused, match="erased"):
        await PostgresTimelineStore(fresh_database, store_keys()).append(whole_call(call_id, centre_id)[1:])


async def test_what_callers_said_lies_nowhere_in_the_clear(fresh_servers, fresh_database, closed_call, node):
    import asyncpg

    connection = await asyncpg.connect(fresh_servers.superuser_url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch("SELECT sealed FROM timeline_entry")
    finally:
        await connection.close()
    assert rows
    assert not [row for row in rows if b"kind" in row["sealed"]]


async def keyed(node: Node, token: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    given = {"Idempotency-Key": secrets.token_hex(16), **headers}
    return await ask(node, token, path, method, headers=given, **({} if body is None else {"json": body}))


async def closed_in(node: Node) -> CallId:
    """A closed call of the demo's centre."""
    assert node.demo_world is not None
    call_id = CallId(f"call-{secrets.token_hex(4)}")
    await node.timelines.append(whole_call(call_id, node.demo_world.centre_id))
    return call_id


async def test_a_held_call_is_not_erased_until_the_hold_is_released(node: Node) -> None:
    token, call_id = await token_of(node, Role.SUPERVISOR), await closed_in(node)
    made, hold = await keyed(node, token, "POST", "/v1/records/holds", {"call_id": call_id, "reason": "court order"})
    assert made == 201
    erasure = f"/v1/records/calls/{call_id}/erasure"
    status, problem = await keyed(node, token, "POST", erasure, {"reason": "asked by the caller"})
    assert (status, problem["code"]) == (409, "conflict")
    path = f"/v1/records/holds/{hold['hold_id']}"
    assert (await keyed(node, token, "DELETE", path))[0] == 428
    assert (await keyed(node, token, "DELETE", path, **{"If-Match": '"7"'}))[0] == 412
    assert (await keyed(node, token, "DELETE", path, **{"If-Match": '"1"'}))[0] == 204
    assert (await keyed(node, token, "POST", erasure, {"reason": "asked by the caller"}))[0] == 202
    await Archivist(node.database, SystemClock(), node.calls_root, 30).erase_due()
    _, gone = await ask(node, token, erasure)
    assert gone["done_at"] is not None


async def test_a_person_gets_what_is_kept_of_their_calls_and_a_nurse_gets_nothing(node: Node) -> None:
    await closed_in(node)
    path = "/v1/records/export?phone=%2B64%2021%20555"
    status, export = await ask(node, await token_of(node, Role.SUPERVISOR), path)
    assert status == 200
    assert export["calls"]
    assert all(call["entries"] for call in export["calls"])
    assert (await ask(node, await token_of(node, Role.NURSE), path))[0] == 403


async def test_callers_are_told_in_the_centres_words_that_they_are_recorded(node: Node) -> None:
    token = await token_of(node, Role.SUPERVISOR)
    async with node.database.transaction(ARCHIVIST) as session:
        await session.execute(delete(RecordPolicyRow))  # what another test has left of the centre they share
    _, policy = await ask(node, token, "/v1/records/policy")
    assert "recorded" in policy["notice"]
    body = {"retention_days": 90, "notice": "We record this call for you."}
    assert (await keyed(node, token, "PUT", "/v1/records/policy", body, **{"If-Match": '"0"'}))[0] == 200
    assert (await keyed(node, token, "PUT", "/v1/records/policy", body, **{"If-Match": '"0"'}))[0] == 412
    await node.directory.load()
    assert node.directory.centre_of_entry("web").notice == "We record this call for you."
