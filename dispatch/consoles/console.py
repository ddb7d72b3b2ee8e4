"""One console: an operator's position with its outbox, over however many connections it takes.

A console outlives its socket: it lingers after a broken connection, keeps gathering deliveries, and goes on where it
was. It is also the voice line of the call that its seat has answered.
"""

import hashlib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dispatch.calls.call import Operator
from dispatch.contract.audio import AudioAck, RelayedFrame
from dispatch.contract.base import CallId, CentreId, PersonId, SeatId
from dispatch.contract.console import DeliveryBody, Seat, SeatState

from .outbox import Outbox, Parcel, Sealed


class Standing(StrEnum):
    """Whether somebody may go on working at a console."""

    WELCOME = "welcome"
    SIGNED_OUT = "signed_out"
    """Their session ended elsewhere: they go when they have no call."""
    BARRED = "barred"
    """Suspended, or without the role: they go at once."""


@dataclass(frozen=True)
class SignedIn:
    """Who sits at a console, as their access token says."""

    person_id: PersonId
    display_name: str
    centre_id: CentreId
    supervisor: bool
    expires_at: datetime
    standing: Callable[[], Standing] = field(repr=False, compare=False)
    """Whether they are still welcome here; asked every second, from memory. A token that has run out is no reason."""


class ConsoleSocket(Protocol):
    """A console's present connection. Never blocks; relayed sound may be dropped, deliveries may not."""

    def deliver(self, parcels: Sequence[Parcel]) -> None: ...

    def relay(self, frame: RelayedFrame) -> None: ...

    def acknowledge(self, ack: AudioAck) -> None: ...

    def let_go(self, reason: str) -> None:
        """Says why, and closes the connection."""
        ...

    def shown_out(self) -> None:
        """Says that this person may not work here any more, and closes the connection."""
        ...

    def superseded(self) -> None:
        """Says that the console goes on elsewhere, and closes the connection."""
        ...


def seat_id_of(who: SignedIn, console_id: str) -> SeatId:
    """The seat of a person's console. Two people who choose the same console id sit at two seats."""
    return SeatId("seat-" + hashlib.sha256(f"{who.person_id}/{console_id}".encode()).hexdigest()[:16])


class Console:
    """An operator's console."""

    def __init__(self, console_id: str, who: SignedIn) -> None:
        self.console_id = console_id
        self.who = who
        self.outbox = Outbox()
        self.open_calls: set[CallId] = set()
        self.socket: ConsoleSocket | None = None
        self.detached_at: float | None = None
        self.stuck_since: float | None = None
        """Since when nothing is acknowledged although the window is full."""
        self.reauth_asked_for: datetime | None = None
        self.phase = zlib.crc32(f"{who.person_id}/{console_id}".encode())
        """Any number, evenly spread: what all consoles get now and then, they get one after the other."""
        self.seat = Seat(
            seat_id=seat_id_of(who, console_id), person_id=who.person_id, display_name=who.display_name,
            state=SeatState.NOT_READY,
        )  # fmt: skip

    @property
    def operator(self) -> Operator:
        """This console's operator, as calls know them."""
        return Operator(self.who.person_id, self.who.display_name, self.seat.seat_id, self.who.centre_id)

    def start_over(self) -> None:
        """A fresh outbox with an epoch of its own: numbers of the life before can't be mistaken for this one's."""
        self.outbox = Outbox()
        self.open_calls.clear()

    def sit(self, state: SeatState, call_id: CallId | None = None) -> Seat:
        """Changes the seat's state."""
        self.seat = self.seat.model_copy(update={"state": state, "call_id": call_id})
        return self.seat

    def deliver(self, body: DeliveryBody | Sealed) -> None:
        """Queues a body and sends what the window allows. Whoever tells many consoles seals the body first."""
        self.outbox.put(body if isinstance(body, Sealed) else Sealed(body))
        self.pump()

    def pump(self) -> None:
        """Sends what is due, where there is a connection."""
        if self.socket is None:
            return
        if due := self.outbox.due():
            self.socket.deliver(due)

    def relay(self, frame: RelayedFrame) -> None:
        if self.socket is not None:
            self.socket.relay(frame)

    def acknowledge(self, ack: AudioAck) -> None:
        if self.socket is not None:
            self.socket.acknowledge(ack)
