"""Who talks on a call and who hears whom, folded from its log. Pure.

In: the call's entries; the lines of the seats. Out: for each channel the lines that hear it. Invariants: the two
operators' voices have a channel each, for as long as they talk; whoever listens silently has none; the caller, parted
from the call while on hold, is heard and hears nobody; nobody hears themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from dispatch.contract.audio import Channel
from dispatch.contract.base import SeatId
from dispatch.contract.conference import (
    CallPassedOn,
    ColleagueJoined,
    ColleagueLeft,
    MonitorBegan,
    MonitorEnded,
    TransferEnded,
    TransferOffered,
)
from dispatch.contract.timeline import CallAnswered, CallEnded, CallOfferedBack, CallRecovered, TimelineEntry

Line = TypeVar("Line")

OTHER: Final = {Channel.OPERATOR: Channel.SECOND, Channel.SECOND: Channel.OPERATOR}


@dataclass(frozen=True)
class Talkers:
    """The seats of a call."""

    owner: SeatId | None = None
    """Who has the call."""
    owner_channel: Channel = Channel.OPERATOR
    colleague: SeatId | None = None
    """Who talks beside the owner."""
    offered_to: SeatId | None = None
    monitors: tuple[SeatId, ...] = ()
    """Who listens silently."""

    @property
    def colleague_channel(self) -> Channel:
        return OTHER[self.owner_channel]

    @property
    def seats(self) -> tuple[SeatId, ...]:
        """Everybody who talks."""
        return tuple(seat for seat in (self.owner, self.colleague) if seat is not None)

    def channel_of(self, seat: SeatId) -> Channel | None:
        """On which channel a seat talks; None for one that does not."""
        if seat == self.owner:
            return self.owner_channel
        return self.colleague_channel if seat == self.colleague else None

    def after(self, entry: TimelineEntry) -> "Talkers":
        """The seats after one more entry."""
        match entry.body:
            case CallAnswered():
                return Talkers(owner=entry.actor.seat_id)
            case CallOfferedBack() | CallRecovered():
                return NOBODY
            case CallEnded():
                return replace(self, colleague=None, offered_to=None, monitors=())
            case CallPassedOn(seat_id=seat):
                return replace(self, owner=seat, owner_channel=self.colleague_channel, colleague=None, offered_to=None)
            case MonitorBegan(seat_id=seat):
                return replace(self, monitors=(*self.monitors, seat))
            case MonitorEnded(seat_id=seat):
                return replace(self, monitors=tuple(kept for kept in self.monitors if kept != seat))
            case _:
                return self._after_transfer(entry)

    def _after_transfer(self, entry: TimelineEntry) -> "Talkers":
        match entry.body:
            case TransferOffered(seat_id=seat):
                return replace(self, offered_to=seat)
            case TransferEnded():
                return replace(self, offered_to=None)
            case ColleagueJoined(seat_id=seat):
                listening = tuple(kept for kept in self.monitors if kept != seat)
                return replace(self, colleague=seat, offered_to=None, monitors=listening)
            case ColleagueLeft():
                return replace(self, colleague=None)
        return self

    def hearing(
        self, caller: Line | None, lines: Mapping[SeatId, Line], *, parted: bool
    ) -> dict[Channel, tuple[Line, ...]]:
        """For each channel who hears it. `parted` while the caller is on hold: operators hear each other alone."""
        seats = {self.channel_of(seat): lines[seat] for seat in self.seats if seat in lines}
        voices: dict[Channel, Line] = {channel: line for channel, line in seats.items() if channel is not None}
        if caller is not None and not parted:
            voices[Channel.CALLER] = caller
        silent = [lines[seat] for seat in self.monitors if seat in lines]
        channels = set(voices) if parted else {*voices, Channel.CALLER}
        return {channel: (*(line for of, line in voices.items() if of is not channel), *silent) for channel in channels}


NOBODY: Final = Talkers()
