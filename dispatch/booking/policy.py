"""What a service type is: one file of policy, no code.

In: the content of a file of `service_types/`. Out: a `ServicePolicy`. Pure. Invariants: a policy that contradicts
itself (a remote service with a way, a clock that ends in a state that is never entered) is not a policy.
"""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dispatch.contract.base import Identifier, ShortText
from dispatch.contract.booking import BookingAction, BookingStatus, Modality, ResponderKind
from dispatch.contract.roles import Role

from .lifecycle import ENDS, Rules

ALWAYS: frozenset[BookingStatus] = frozenset(
    {
        BookingStatus.REQUESTED,
        BookingStatus.ASSIGNED,
        BookingStatus.IN_SERVICE,
        BookingStatus.COMPLETED,
        BookingStatus.CANCELLED,
    }
)
"""States without which there is no service."""
ON_THE_WAY: frozenset[BookingStatus] = frozenset(
    {BookingStatus.REQUESTED, BookingStatus.ASSIGNED, BookingStatus.EN_ROUTE}
)
"""Nobody is at the patient yet."""


class Part(BaseModel):
    """Base of what stands in a policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DispatchRule(StrEnum):
    """How a responder is found."""

    NEAREST = "nearest"
    """The nearest free unit that can do it, one offer after the other, in a widening circle."""
    NEIGHBOURS = "neighbours"
    """Everybody near who has volunteered, at once; whoever accepts is on it."""
    SLOT_OWNER = "slot_owner"
    """Whose calendar the slot is in, at once."""
    BY_HAND = "by_hand"
    """A person decides."""


class Responders(Part):
    """Who can be on a booking."""

    kinds: frozenset[ResponderKind] = Field(min_length=1)
    most: int = Field(default=1, ge=1, le=20)
    exclusive: bool = True
    """Somebody who is on one such booking is not sent to another."""


class Dispatcher(Part):
    """How a responder is found."""

    rule: DispatchRule
    capability: Identifier | None = None
    offer_timeout_s: float = Field(default=30.0, gt=0)
    radius_m: tuple[float, ...] = ()
    """Circles in which is looked, one after the other, in metres."""
    alert: int = Field(default=1, ge=1, le=50)
    """How many are asked at the same time."""


class Sla(Part):
    """A promise about time: from entering `starts` until one of `ends` is reached."""

    name: Identifier
    starts: BookingStatus
    ends: BookingStatus
    within_s: float = Field(gt=0)


class Payment(Part):
    """When money is taken; never is a trigger, too."""

    trigger: Literal["never", "requested", "assigned", "in_service", "completed"] = "never"
    price_minor: int = Field(default=0, ge=0)
    """In the smallest unit of the market's currency."""


class Cancellation(Part):
    """Until when a booking can be cancelled, and what it costs."""

    until: frozenset[BookingStatus] = frozenset({BookingStatus.REQUESTED, BookingStatus.ASSIGNED})
    """The states from which it can be called off."""
    free_until_s: float = Field(default=0.0, ge=0)
    """Seconds before the slot; later it costs the fee."""
    fee_percent: int = Field(default=0, ge=0, le=100)


class Slots(Part):
    """How long an appointment is, and how it is booked."""

    minutes: int = Field(ge=5, le=480)
    pause_minutes: int = Field(default=0, ge=0, le=120)
    """Kept free after each."""
    notice_minutes: int = Field(default=0, ge=0)
    """How long before its start a slot can last be booked."""
    days_ahead: int = Field(default=60, ge=1, le=366)
    waiting_list: bool = True


DISPATCHING = frozenset({BookingAction.ASSIGN, BookingAction.UNASSIGN, BookingAction.REASSIGN})
RoleSet = Annotated[frozenset[Role], Field(min_length=1)]


class Roles(Part):
    """Who may do what."""

    book: RoleSet
    dispatch: RoleSet
    """Assign, unassign, reassign."""
    serve: RoleSet
    """Depart, start, complete, no-show."""
    cancel: RoleSet
    reschedule: frozenset[Role] = frozenset()

    def may(self, action: BookingAction) -> frozenset[Role]:
        """Who may do an action."""
        if action is BookingAction.CANCEL:
            return self.cancel
        if action is BookingAction.RESCHEDULE:
            return self.reschedule
        return self.dispatch if action in DISPATCHING else self.serve


class ServicePolicy(Part):
    """One service type."""

    service_type: Identifier
    version: int = Field(ge=1)
    """Raised with every change; stamped on each booking, which stays under the policy it was made with."""
    title: ShortText
    modality: Modality
    states: frozenset[BookingStatus]
    responders: Responders
    dispatcher: Dispatcher
    slas: tuple[Sla, ...] = ()
    payment: Payment = Payment()
    cancellation: Cancellation = Cancellation()
    slots: Slots | None = None
    """None: the service is immediate."""
    roles: Roles

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if missing := ALWAYS - self.states:
            raise ValueError(f"states lack {', '.join(sorted(missing))}")
        travels = self.modality in (Modality.MOBILE, Modality.VISIT)
        if travels != (BookingStatus.EN_ROUTE in self.states):
            raise ValueError("a service that comes to the patient has en_route among its states, and no other has")
        if self.modality is Modality.MOBILE and self.slots:
            raise ValueError("a mobile service is immediate; one at an agreed time is a visit")
        if unreached := {s for sla in self.slas for s in (sla.starts, sla.ends)} - self.states:
            raise ValueError(f"an SLA names {', '.join(sorted(unreached))}, which is not among the states")
        if self.cancellation.until & (ENDS | {BookingStatus.IN_SERVICE}):
            raise ValueError("what is in service or over cannot be cancelled")
        if self.slots is None and ON_THE_WAY & self.states - self.cancellation.until:
            raise ValueError("what is there at once can be cancelled until somebody is there: incidents are closed so")
        if self.dispatcher.rule is DispatchRule.SLOT_OWNER and not self.slots:
            raise ValueError("without slots nobody owns one")
        return self

    @cached_property
    def rules(self) -> Rules:
        """What the lifecycle needs."""
        left_out = set()
        if BookingStatus.EN_ROUTE not in self.states:
            left_out.add(BookingAction.DEPART)
        if BookingStatus.NO_SHOW not in self.states:
            left_out.add(BookingAction.NO_SHOW)
        if not self.slots:
            left_out.add(BookingAction.RESCHEDULE)
        actions = frozenset(BookingAction) - left_out
        return Rules(self.states, actions, self.responders.kinds, self.responders.most, self.cancellation.until)
