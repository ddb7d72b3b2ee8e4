"""What follows from a step later: clocks of the SLA, payments, freed slots. Each is a job of the step's transaction.

In: a policy and a step that was taken. Out: the jobs that it asks for. Pure. Invariants: a job names the version at
which it was asked for, so that whoever carries it out can see whether the booking has moved on; it holds ids alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from dispatch.contract.booking import BookingAction, BookingStatus
from dispatch.jobs import NewJob, Priority, Tenant

from .lifecycle import ENDS
from .policy import ServicePolicy, Sla

SLA_JOB: Final = "booking.sla"
PAYMENT_JOB: Final = "payment.capture"
REFUND_JOB: Final = "payment.refund"
PAID_BEFORE: Final = frozenset({"requested", "assigned"})
"""Triggers after which a booking can still be called off: then there may be money to give back."""
FULL_PERCENT: Final = 100


@dataclass(frozen=True)
class Moved:
    """A step that was taken. `entered`: its status was entered anew."""

    booking_id: str
    version: int
    status: BookingStatus
    action: BookingAction | None
    """None: it was made."""
    entered: bool
    at: datetime
    starts_at: datetime | None = None
    """Of the appointment."""
    hospital_id: str | None = None
    centre_id: str | None = None
    exercise: bool = False

    @property
    def tenant(self) -> Tenant | None:
        if self.centre_id:
            return Tenant("centre", self.centre_id)
        return Tenant("hospital", self.hospital_id) if self.hospital_id else None


def jobs_of(policy: ServicePolicy, step: Moved) -> Iterator[NewJob]:
    """Everything that a step asks for."""
    if step.entered:
        yield from (clock_of(sla, step) for sla in policy.slas if sla.starts is step.status)
    if percent := percent_due(policy, step):
        yield payment_of(policy, step, percent)
    if step.action is BookingAction.CANCEL and policy.payment.trigger in PAID_BEFORE:
        yield refund_of(step)


def clock_of(sla: Sla, step: Moved) -> NewJob:
    """The job that looks, when an SLA's time is over, whether it was kept."""
    return NewJob(
        kind=SLA_JOB,
        idempotency_key=f"{step.booking_id}:{sla.name}:{step.version}",
        payload={"booking_id": step.booking_id, "sla": sla.name, "version": step.version},
        tenant=step.tenant,
        priority=Priority.URGENT,
        run_at=step.at + timedelta(seconds=sla.within_s),
        exercise=step.exercise,
    )


def percent_due(policy: ServicePolicy, step: Moved) -> int:
    """How much of the price a step makes due: all at the trigger, the fee at a late cancellation."""
    if policy.payment.trigger == step.status and step.entered:
        return FULL_PERCENT
    if step.action is not BookingAction.CANCEL or policy.payment.trigger == "never" or step.starts_at is None:
        return 0
    late = step.starts_at - step.at < timedelta(seconds=policy.cancellation.free_until_s)
    return policy.cancellation.fee_percent if late else 0


def payment_of(policy: ServicePolicy, step: Moved, percent: int) -> NewJob:
    """The job that takes the money. A booking is paid once, whatever made it due."""
    return NewJob(
        kind=PAYMENT_JOB,
        idempotency_key=f"booking:{step.booking_id}",
        payload={
            "booking_id": step.booking_id,
            "amount_minor": policy.payment.price_minor * percent // FULL_PERCENT,
            "version": step.version,
        },
        tenant=step.tenant,
        exercise=step.exercise,
    )


def refund_of(step: Moved) -> NewJob:
    """The job that gives back what was paid, but for the fee of a late cancellation. It does nothing where nothing was
    paid; a booking is called off once."""
    return NewJob(
        kind=REFUND_JOB,
        idempotency_key=f"{step.booking_id}:cancelled",
        payload={"booking_id": step.booking_id},
        tenant=step.tenant,
        exercise=step.exercise,
    )


class Verdict(StrEnum):
    """What an SLA's clock says when it fires."""

    BREACHED = "breached"
    KEPT = "kept"
    STARTED_ANEW = "started_anew"
    """The state was entered again since; the clock that was started then decides."""


@dataclass(frozen=True)
class Later:
    """An event after the clock was started."""

    status: BookingStatus
    entered: bool


def judge(sla: Sla, since: Sequence[Later]) -> Verdict:
    """Whether an SLA was kept, from what happened since its clock started, oldest first."""
    for event in since:
        if event.status is sla.ends or event.status in ENDS:
            return Verdict.KEPT
        if event.entered and event.status is sla.starts:
            return Verdict.STARTED_ANEW
    return Verdict.BREACHED
