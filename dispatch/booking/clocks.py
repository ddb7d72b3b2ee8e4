"""SLA clocks: when one fires, the booking's log says whether the promise was kept.

In: the job that a step asked for, run by a worker when the time is over. Out: an event `sla_breached`, or nothing.
Invariants: the log decides, from the version at which the clock was started; a breach is written once.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.booking import BookingStatus
from dispatch.jobs import Job
from dispatch.observability.clock import Clock
from dispatch.storage.tables import BookingEventRow

from .catalogue import Catalogue
from .promises import Later, Verdict, judge
from .state import Actor, lock
from .transitions import Transitions

BREACHED: Final = "sla_breached"
SERVER: Final = Actor("server")


class SlaClocks:
    """Looks at bookings whose time is over."""

    def __init__(self, transitions: Transitions, clock: Clock) -> None:
        self._transitions = transitions
        self._clock = clock

    @property
    def _catalogue(self) -> Catalogue:
        return self._transitions.catalogue

    async def check(self, job: Job, session: AsyncSession) -> None:
        """Carries a `booking.sla` job out, in the transaction that ends it."""
        booking_id, name, version = str(job.payload["booking_id"]), job.payload["sla"], int(job.payload["version"])
        booking = await lock(session, booking_id)
        policy = self._catalogue.of(booking.service_type, booking.policy_version)
        sla = next((sla for sla in policy.slas if sla.name == name), None)
        if sla is None:
            return
        query = select(BookingEventRow.status, BookingEventRow.entered, BookingEventRow.kind, BookingEventRow.detail)
        query = query.where(BookingEventRow.booking_id == booking_id, BookingEventRow.version > version)
        since = (await session.execute(query.order_by(BookingEventRow.version))).all()
        detail = {"sla": name, "since": version}
        if any(event.kind == BREACHED and event.detail == detail for event in since):
            return
        if judge(sla, [Later(BookingStatus(event.status), event.entered) for event in since]) is Verdict.BREACHED:
            await self._transitions.note(session, booking_id, BREACHED, SERVER, self._clock.now(), detail)
