"""Who is told of what, by which way: once each, by their choice, crews on duty always, and never anything clinical."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch.dispatching.ports import Notice
from dispatch.jobs import NewJob
from dispatch.notifications import TextedCodes, enqueue_notices
from dispatch.notifications.follower import take_events
from dispatch.notifications.templates import TEMPLATES
from dispatch.providers.messaging import MemoryMessaging
from dispatch.providers.outbox import MemoryOutbox, StoredOutbox
from dispatch.providers.pharmacy import MemoryPharmacy
from dispatch.providers.signatures import ProviderEvent
from dispatch.providers.webhooks import job_of
from dispatch.reports.flow import file_key
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY, WORKER
from dispatch.storage.tables import (
    BookingEventRow,
    DeliveryRow,
    DispatchCentreRow,
    NotificationChoiceRow,
    OutboxItemRow,
    PersonRow,
    PharmacyOrderRow,
    PushDeviceRow,
    ReportRow,
    UnitRow,
)
from tests.jobs.conftest import Shop
from tests.payments.test_money import all_done, due_now
from tests.payments.worlds import Works, book, settle, signed, works_on

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def works(fresh_database: Database, tmp_path: Path) -> AsyncIterator[Works]:
    await settle(fresh_database)
    made = works_on(fresh_database, tmp_path)
    made.register()
    yield made
    await made.providers.client.aclose()


@pytest.fixture
def shop(works: Works) -> Shop:
    return Shop(works.database, works.kinds)


async def happen(database: Database, booking_id: str, status: str, version: int = 1, **more: object) -> None:
    """An event of a booking."""
    values = {"at": NOW, "kind": status, "status": status, "entered": True, "actor_role": "worker", "detail": {}}
    scope = {"person_id": "rita", "community_id": "c1", "hospital_id": "h1"}
    async with database.transaction(WORKER) as session:
        session.add(BookingEventRow(booking_id=booking_id, version=version, **scope, **values | more))


async def add(database: Database, *rows: object) -> None:
    async with database.transaction(WORKER) as session:
        session.add_all(rows)


async def outbox(database: Database) -> list[tuple[str, str, dict, bool]]:
    async with database.transaction(WORKER) as session:
        rows = await session.scalars(select(OutboxItemRow).order_by(OutboxItemRow.recipient))
        return [(row.port, row.recipient, row.body, row.exercise) for row in rows]


async def follow(shop: Shop) -> None:
    async with shop.database.transaction(WORKER) as session:
        await take_events(session)


async def test_a_resident_is_told_once_however_often_the_log_is_followed(shop: Shop) -> None:
    booking_id = await book(shop.database)
    await happen(shop.database, booking_id, "assigned")
    async with shop.working():
        for _ in range(3):
            await follow(shop)
        await all_done(shop)
        await shop.ask(NewJob("notify.booking", "again", {"booking_id": booking_id, "version": 1}))
        await all_done(shop)
    ((port, to, body, _),) = await outbox(shop.database)
    assert (port, to) == ("messaging", "+447700900101")
    assert body["text"].startswith("Booking confirmed.")


async def test_pushes_go_to_every_phone_and_a_token_that_is_nobodys_is_pruned(shop: Shop) -> None:
    booking_id = await book(shop.database)
    await add(
        shop.database,
        PushDeviceRow(device_id="d1", person_id="rita", token="token-one"),
        PushDeviceRow(device_id="d2", person_id="rita", token="gone-token"),
    )
    await happen(shop.database, booking_id, "en_route")
    async with shop.working():
        await follow(shop)
        await all_done(shop)
    assert [(port, to) for port, to, _, _ in await outbox(shop.database)] == [("push", "token-one")]
    async with shop.database.transaction(WORKER) as session:
        gone = await session.get_one(PushDeviceRow, "d2")
        kept = await session.get_one(PushDeviceRow, "d1")
        states = (await session.scalars(select(DeliveryRow.state).order_by(DeliveryRow.address))).all()
    assert gone.pruned_at is not None
    assert kept.pruned_at is None
    assert states == ["sent", "pruned"]


async def test_somebody_who_chose_no_texts_gets_none(shop: Shop) -> None:
    booking_id = await book(shop.database)
    await add(shop.database, NotificationChoiceRow(person_id="rita", push=True, sms=False))
    await happen(shop.database, booking_id, "assigned")
    async with shop.working():
        await follow(shop)
        await all_done(shop)
    assert await outbox(shop.database) == []


async def crews(database: Database) -> None:
    """Two ambulances, one of them off duty; its people chose no texts."""
    async with database.transaction(REGISTRY) as session:
        session.add(DispatchCentreRow(centre_id="z1", name="Z", public_number="112"))
        for name, phone in (("pat", "+447700900102"), ("off", "+447700900103")):
            session.add(PersonRow(person_id=name, display_name=name, phone=phone))
        await session.flush()
        for unit, crew, duty in (("u1", "pat", True), ("u2", "off", False)):
            session.add(UnitRow(unit_id=unit, centre_id="z1", call_sign=unit, crew=[crew], on_duty=duty))
    await add(database, NotificationChoiceRow(person_id="pat", push=False, sms=False))


async def test_a_crew_on_duty_is_paged_whatever_it_chose_and_one_off_duty_is_left_alone(shop: Shop) -> None:
    await crews(shop.database)
    booking_id = await book(shop.database, status="assigned")
    more = {"kind": "assign", "responder_ids": ["u1", "u2"], "entered": False}
    await happen(shop.database, booking_id, "assigned", **more)
    async with shop.working():
        await follow(shop)
        await all_done(shop)
    assert [to for _, to, _, _ in await outbox(shop.database)] == ["+447700900102"]
    urgent = {row.kind: row.priority for row in await shop.rows()}
    assert (urgent["notify.booking"], urgent["notify.deliver"]) == (0, 0)


async def test_a_notice_of_an_exercise_reaches_the_in_memory_adapters_alone(works: Works, shop: Shop) -> None:
    class NeverAsked:
        name = "real"

        async def send(self, message: object) -> str:
            raise AssertionError("an exercise reached the real provider")

    real = replace(works.providers.real, messaging=NeverAsked(), push=NeverAsked())
    trained = Works(works.database, replace(works.providers, real=real))
    trained.register()
    shop.kinds = trained.kinds
    await crews(shop.database)
    async with shop.database.transaction(WORKER) as session:
        await enqueue_notices(session, [Notice("u1", "come", "i1", exercise=True), Notice("u2", "come", "i1")])
    async with shop.working():
        await all_done(shop)
    assert [(to, exercise) for _, to, _, exercise in await outbox(shop.database)] == [("+447700900102", True)]


async def test_what_became_of_a_text_never_goes_back(shop: Shop) -> None:
    booking_id = await book(shop.database)
    await happen(shop.database, booking_id, "assigned")
    async with shop.working():
        await follow(shop)
        await all_done(shop)
        async with shop.database.transaction(WORKER) as session:
            reference = (await session.scalars(select(DeliveryRow.reference))).one() or ""
        states = ("delivered", "failed")
        events = (ProviderEvent("twilio", f"m:{s}", "message.state", reference, {"state": s}) for s in states)
        await shop.ask(*map(job_of, events))
        await all_done(shop)
    async with shop.database.transaction(WORKER) as session:
        assert (await session.scalars(select(DeliveryRow.state))).one() == "delivered"


def test_no_message_says_anything_about_health() -> None:
    """Every text is one of a closed list without a single gap to fill in, and none of its words is about illness."""
    clinical = ("ambulance", "pain", "heart", "blood", "patient", "injur", "doctor", "test", "medic", "sick", "symptom")
    for template in TEMPLATES.values():
        said = f"{template.title} {template.text}".lower()
        assert "{" not in said
        assert not [word for word in clinical if word in said]


async def test_a_code_is_texted() -> None:
    kept = MemoryOutbox()
    await TextedCodes(MemoryMessaging(kept), None).send("+447700900101", "123456")
    (item,) = await kept.all("messaging")
    assert item.body["text"].startswith("123456 ")
    assert "123456" not in repr(item)


async def order(database: Database) -> str:
    await add(
        database,
        PharmacyOrderRow(
            order_id="o1", person_id="rita", community_id="c1", basket={"lines": [{"product": "x", "quantity": 1}]},
            state="placed",
        ),
    )  # fmt: skip
    return "o1"


async def test_an_order_ends_the_same_however_its_events_arrive(works: Works, shop: Shop) -> None:
    order_id = await order(shop.database)
    async with shop.working():
        await shop.ask(NewJob("pharmacy.place", order_id, {"order_id": order_id}))
        await all_done(shop)
        (placed,) = await StoredOutbox(shop.database).all("pharmacy")
        for sequence, kind in ((3, "shipped"), (1, "accepted"), (3, "shipped"), (4, "delivered"), (1, "accepted")):
            body = {"id": f"e{sequence}", "type": f"order.{kind}", "reference": placed.reference, "sequence": sequence}
            await works.desk.take("pharmacy", signed("Kiwimesh-Signature", body))
        await due_now(shop)
        await all_done(shop)
    async with shop.database.transaction(WORKER) as session:
        stored = await session.get_one(PharmacyOrderRow, order_id)
    assert (stored.state, stored.sequence) == ("delivered", 4)
    assert isinstance(works.providers.real.pharmacy, MemoryPharmacy)


@pytest.mark.parametrize("kind", ["kpis", "sla", "finance"])
async def test_a_report_is_a_file_of_its_tenant(works: Works, shop: Shop, kind: str) -> None:
    booking_id = await book(shop.database, status="completed", requested_at=NOW)
    await happen(shop.database, booking_id, "completed")
    since, until = "2026-03-01T00:00:00+00:00", "2026-04-01T00:00:00+00:00"
    await add(
        shop.database,
        ReportRow(
            report_id="r1", kind=kind, tenant_kind="hospital", tenant_id="h1", person_id="rita", state="queued",
            parameters={"since": since, "until": until},
        ),
    )  # fmt: skip
    async with shop.working():
        await shop.ask(NewJob("report.make", "r1", {"report_id": "r1"}))
        await all_done(shop)
    async with shop.database.transaction(WORKER) as session:
        report = await session.get_one(ReportRow, "r1")
    assert (report.state, report.file_key) == ("ready", "hospital/h1/reports/r1.csv")
    rows = (await works.providers.files.get(file_key(report))).decode().splitlines()
    expected = {"kpis": "consultation,1,1,0,0,", "sla": "consultation,completed,1,0.0,0.0,0"}
    assert kind == "finance" or expected[kind] in rows[1]
