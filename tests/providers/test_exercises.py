"""Whatever the settings say, nothing of an exercise reaches a real provider: these speak the wire and see no byte."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch.dispatching import Notice
from dispatch.jobs import NewJob, Run, enqueue
from dispatch.notifications import enqueue_notices
from dispatch.providers.messaging import TextMessage
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY, WORKER
from dispatch.storage.tables import (
    BookingEventRow,
    BookingRow,
    DispatchCentreRow,
    OutboxItemRow,
    PersonRow,
    PushDeviceRow,
    UnitRow,
)
from tests.jobs.conftest import PATIENCE_S, Shop
from tests.notifications.test_telling import follow
from tests.payments.test_money import all_done
from tests.payments.worlds import Works, book, works_over_the_wire

from .servers import ProviderServer

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def works(fresh_database: Database, server: ProviderServer, tmp_path: Path) -> AsyncIterator[Works]:
    """Everything, with every provider set to the server that speaks the wire."""
    async with works_over_the_wire(fresh_database, server, tmp_path) as made:
        yield made


@pytest.fixture
def shop(works: Works) -> Shop:
    return Shop(works.database, works.kinds)


async def crew_of(database: Database) -> None:
    """One ambulance; its crew has a phone with the app."""
    async with database.transaction(REGISTRY) as session:
        session.add(DispatchCentreRow(centre_id="z1", name="Z", public_number="112"))
        session.add(PersonRow(person_id="pat", display_name="Pat", phone="+447700900102"))
        await session.flush()
        session.add(UnitRow(unit_id="u1", centre_id="z1", call_sign="U1", crew=["pat"], on_duty=True))
    async with database.transaction(WORKER) as session:
        session.add(PushDeviceRow(device_id="d1", person_id="pat", token="token-of-pat"))


async def live_through(shop: Shop, *, exercise: bool) -> None:
    """A booking that is paid for, a crew that is paged, and then it is cancelled and the money goes back."""
    booking_id = await book(shop.database, status="assigned", exercise=exercise)
    scope = {"booking_id": booking_id, "person_id": "rita", "community_id": "c1", "hospital_id": "h1", "at": NOW}
    async with shop.database.transaction(WORKER) as session:
        session.add(
            BookingEventRow(
                **scope, version=1, kind="assign", status="assigned", entered=True, actor_role="worker",
                responder_ids=["u1"], detail={},
            )
        )  # fmt: skip
        await enqueue_notices(session, [Notice("u1", "unit.offer", "i1", exercise=exercise)])
    due = {"booking_id": booking_id, "amount_minor": 4200}
    await shop.ask(NewJob("payment.capture", booking_id, due, exercise=exercise))
    await follow(shop)
    await all_done(shop)
    async with shop.database.transaction(WORKER) as session:
        (await session.get_one(BookingRow, booking_id)).status = "cancelled"
        cancelled = {"version": 2, "kind": "cancel", "status": "cancelled", "entered": True, "actor_role": "worker"}
        session.add(BookingEventRow(**scope, **cancelled, responder_ids=["u1"], detail={}))
    await shop.ask(NewJob("payment.refund", booking_id, {"booking_id": booking_id}, exercise=exercise))
    await follow(shop)
    await all_done(shop)


async def deeds(database: Database) -> set[tuple[str, str, bool]]:
    async with database.transaction(WORKER) as session:
        items = await session.scalars(select(OutboxItemRow))
        return {(item.port, item.operation, item.exercise) for item in items}


async def test_an_exercise_sends_no_byte_and_the_real_thing_does(shop: Shop, server: ProviderServer) -> None:
    await crew_of(shop.database)
    async with shop.working():
        await live_through(shop, exercise=True)
        assert server.asked == []
        told = {("payments", "charge", True), ("messaging", "send", True), ("push", "send", True)}
        assert await deeds(shop.database) >= told
        asked = [job for job in await shop.rows() if job.kind != "payment.reconcile"]
        assert len(asked) >= 8
        assert all(job.exercise for job in asked)
        await live_through(shop, exercise=False)
    assert server.intents
    assert server.texts
    assert server.pushes
    assert {exercise for _, _, exercise in await deeds(shop.database)} == {True}


async def test_a_handler_that_forgets_to_ask_sends_nothing_either(
    works: Works, shop: Shop, server: ProviderServer
) -> None:
    async def forgetful(run: Run) -> None:
        del run
        await works.providers.real.messaging.send(TextMessage("+447700900102", "Come.", "k"))

    shop.kinds.register("forgetful", forgetful)
    async with shop.working():
        await shop.ask(NewJob("forgetful", "once", exercise=True))
        async with asyncio.timeout(PATIENCE_S):
            while not shop.dead:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)
    assert server.asked == []
    assert [letter.code for letter in shop.dead] == ["exercise_kept"]


async def test_what_an_exercises_job_asks_for_belongs_to_the_exercise(shop: Shop) -> None:
    async def asks(run: Run) -> None:
        async with run.finish() as session:
            await enqueue(session, NewJob("later", "once", run_at=datetime(2100, 1, 1, tzinfo=UTC)))

    shop.kinds.register("asks", asks)
    async with shop.working():
        await shop.ask(NewJob("asks", "once", exercise=True))

        async def asked_for() -> bool:
            return any(job.kind == "later" for job in await shop.rows())

        await shop.until(asked_for)
    assert [job.exercise for job in await shop.rows() if job.kind in ("asks", "later")] == [True, True]
