"""From an event to messages: who is told, at which addresses, each once.

In: `notify.booking` (a booking's event), `notify.notice` (somebody is needed), `notify.deliver` (one message),
`webhook.message.state`. Out: deliveries. Invariants: one delivery for an event, a person and an address; a page goes
only to people on duty, anything else only by the ways that somebody chose; a token that is nobody's is pruned; what
belongs to a training call reaches the in-memory adapters alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.jobs import Job, JobFailed, JobKinds, NewJob, Priority, Run, Tenant, enqueue, in_one_transaction
from dispatch.observability.clock import Clock
from dispatch.providers.chosen import Providers
from dispatch.providers.errors import AddressGone
from dispatch.providers.messaging import TextMessage
from dispatch.providers.push import PushMessage
from dispatch.storage.tables import (
    BookingEventRow,
    BookingRow,
    DeliveryRow,
    NotificationChoiceRow,
    PersonRow,
    PushDeviceRow,
    StaffRow,
    UnitRow,
)

from .templates import TEMPLATES, of_crew, of_status

PHONE: Final = "phone"
SETTLED: Final = frozenset({"sent", "delivered", "failed", "pruned"})
RANK: Final = {"sent": 0, "failed": 1, "delivered": 2}
"""A callback that comes late never takes a message back to an earlier state."""


@dataclass(frozen=True)
class Telling:
    """One event and what it is told with."""

    event_key: str
    template: str
    exercise: bool
    tenant: Tenant | None


class FanOut:
    """The handlers of notifications' jobs."""

    def __init__(self, providers: Providers, clock: Clock) -> None:
        self._providers = providers
        self._clock = clock

    def register(self, kinds: JobKinds) -> None:
        """Says who carries these jobs out."""
        kinds.register("notify.booking", in_one_transaction(tell_of_booking))
        kinds.register("notify.notice", in_one_transaction(tell_of_notice))
        kinds.register("notify.deliver", self.deliver)
        kinds.register("webhook.message.state", in_one_transaction(take_state))

    async def deliver(self, run: Run) -> None:
        """Sends one message."""
        key = tuple(run.job.payload[part] for part in ("event_key", "person_id", "address"))
        async with run.transaction() as session:
            delivery = await session.get_one(DeliveryRow, key)
            device = await session.get(PushDeviceRow, delivery.address)
            person = await session.get_one(PersonRow, delivery.person_id)
        if delivery.state in SETTLED:
            return
        try:
            reference = await self._send(run.job.idempotency_key, delivery, device, person)
        except AddressGone:
            await self._prune(run, delivery)
            return
        async with run.finish() as session:
            stored = await session.get_one(DeliveryRow, key)
            stored.state, stored.reference = "sent", reference

    async def _send(self, key: str, delivery: DeliveryRow, device: PushDeviceRow | None, person: PersonRow) -> str:
        template, adapters = TEMPLATES[delivery.template], self._providers.of(delivery.exercise)
        if delivery.address == PHONE:
            if person.phone is None:
                raise AddressGone("no phone")
            return await adapters.messaging.send(TextMessage(person.phone, f"{template.title}. {template.text}", key))
        if device is None or device.pruned_at is not None:
            raise AddressGone("no device")
        data = {"event": delivery.event_key}
        return await adapters.push.send(
            PushMessage(device.token, template.title, template.text, key, data, template.urgent)
        )

    async def _prune(self, run: Run, delivery: DeliveryRow) -> None:
        async with run.finish() as session:
            gone = update(PushDeviceRow).where(PushDeviceRow.device_id == delivery.address)
            await session.execute(gone.values(pruned_at=self._clock.now()))
            stored = await session.get_one(DeliveryRow, (delivery.event_key, delivery.person_id, delivery.address))
            stored.state = "pruned"


async def tell_of_booking(job: Job, session: AsyncSession) -> None:
    """Tells whose booking it is, and who was put on it."""
    key = (job.payload["booking_id"], int(job.payload["version"]))
    event = await session.get(BookingEventRow, key)
    booking = await session.get(BookingRow, key[0])
    if event is None or booking is None:
        raise JobFailed("no_such_event", retryable=False)
    event_key = f"booking:{key[0]}:{key[1]}"
    if event.entered and booking.person_id and (template := of_status(event.status)):
        await tell(session, Telling(event_key, template, booking.exercise, job.tenant), [booking.person_id])
    if event.responder_ids and (template := of_crew(event.kind, event.status)):
        on_duty = await responders_on_duty(session, event.responder_ids)
        await tell(session, Telling(event_key, template, booking.exercise, job.tenant), on_duty)


async def tell_of_notice(job: Job, session: AsyncSession) -> None:
    """Tells a crew that it is needed."""
    on_duty = await responders_on_duty(session, [job.payload["to"]])
    await tell(session, Telling(f"notice:{job.idempotency_key}", "incident.notice", job.exercise, job.tenant), on_duty)


async def responders_on_duty(session: AsyncSession, responder_ids: Sequence[str]) -> list[str]:
    """The people behind units and staff: crews of units on duty, and staff who are not suspended."""
    crews = select(UnitRow.crew).where(UnitRow.unit_id.in_(responder_ids), UnitRow.on_duty)
    staff = select(StaffRow.person_id).where(StaffRow.staff_id.in_(responder_ids), StaffRow.suspended_at.is_(None))
    people = [person for crew in await session.scalars(crews) for person in crew]
    return [*people, *await session.scalars(staff)]


async def tell(session: AsyncSession, telling: Telling, people: Iterable[str]) -> None:
    """Makes the deliveries, and asks for each."""
    template = TEMPLATES[telling.template]
    for person_id in dict.fromkeys(people):
        for address in await addresses_of(session, person_id, paged=template.urgent):
            values = {
                "event_key": telling.event_key,
                "person_id": person_id,
                "address": address,
                "template": telling.template,
                "exercise": telling.exercise,
            }
            await session.execute(insert(DeliveryRow).values(**values).on_conflict_do_nothing())
            payload = {name: values[name] for name in ("event_key", "person_id", "address")}
            urgency = Priority.URGENT if template.urgent else Priority.NORMAL
            key = f"{telling.event_key}:{person_id}:{address}"
            job = NewJob("notify.deliver", key, payload, telling.tenant, urgency, exercise=telling.exercise)
            await enqueue(session, job)


async def addresses_of(session: AsyncSession, person_id: str, *, paged: bool) -> list[str]:
    """Where somebody is told: at every phone that is known by its app, and by text where there is none or as chosen.

    A page goes out by all ways; whoever is suspended is not told.
    """
    person = await session.get(PersonRow, person_id)
    if person is None or person.suspended_at is not None:
        return []
    choice = await session.get(NotificationChoiceRow, person_id)
    mine = select(PushDeviceRow.device_id).where(
        PushDeviceRow.person_id == person_id, PushDeviceRow.pruned_at.is_(None)
    )
    devices = list(await session.scalars(mine)) if paged or choice is None or choice.push else []
    texted = person.phone is not None and (paged or ((choice is None or choice.sms) and not devices))
    return [*devices, *([PHONE] if texted else [])]


async def take_state(job: Job, session: AsyncSession) -> None:
    """The provider says what became of a text."""
    query = select(DeliveryRow).where(DeliveryRow.reference == job.payload["reference"]).with_for_update()
    delivery = (await session.scalars(query)).one_or_none()
    state = job.payload["state"]
    if delivery is not None and RANK[state] > RANK.get(delivery.state, -1):
        delivery.state = state
