"""The operations floor: all consoles of this node, and what each of them is told.

In: entries, summaries and partials of calls; consoles that come and go. Out: deliveries into the consoles' outboxes.
Invariants: a console is told only of its own centre's calls and of those that have climbed to it; a console that comes
back within `LINGER_S` has missed nothing; words of a call go to those who follow it within the call that brings them,
and what everybody is told goes round, `AT_A_TIME` consoles in one go, so that it holds up nobody's words; a call's line
in the queue goes round at once where somebody has to act on it, and otherwise at most once in `SWEEP_S`; who is too
slow gets a snapshot, and is let go when it takes in nothing for `STUCK_S`; one whose person is suspended or has lost
the role closes at once, and its call rings at other seats; one that is merely signed out elsewhere closes when it has
no call.
"""

import asyncio
import itertools
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Final

from dispatch.calls.call import LiveCall
from dispatch.calls.operators import OperatorDesk
from dispatch.calls.ringing import RingTarget, seats_of, seats_to_ring
from dispatch.calls.switchboard import Switchboard
from dispatch.contract.base import CallId, PersonId, SeatId
from dispatch.contract.card import Card
from dispatch.contract.console import (
    CallEntries,
    CallPartial,
    CallState,
    CallSummary,
    Colleague,
    Colleagues,
    ConsoleAuth,
    DeliveryBody,
    QueueChanged,
    ReauthNeeded,
    Ring,
    RingStopped,
    Seat,
    SeatChanged,
    SeatState,
    Snapshot,
    SystemChanged,
    SystemState,
)
from dispatch.contract.dispatching import Board
from dispatch.contract.timeline import CardUpdated, EscalationStep, TimelineEntry
from dispatch.contract.transcript import Partial
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.tenancy import Centre, Directory

from .console import Console, ConsoleSocket, SignedIn, Standing, seat_id_of
from .outbox import Sealed

LINGER_S: Final = 120.0
"""How long a console without a connection is kept; the promise is 60 s."""
STUCK_S: Final = 20.0
OFFER_BACK_S: Final = 20.0
"""A console that is away for so long cannot hear its caller: the call rings again."""
SWEEP_S: Final = 0.5
PHASES: Final = 10
"""Parts of a sweep, each with its share of the consoles: 500 at once would hold up everything else for 50 ms a line."""
AT_A_TIME: Final = 25
"""Consoles that are sent what is due to all, before whatever else is ready has its turn: about a millisecond."""
REAUTH_BEFORE: Final = timedelta(seconds=90)
ENTRIES_AT_ONCE: Final = 50
MOST_COLLEAGUES: Final = 100
"""Seats in one answer; a message has its limit, and a list that nobody reads to the end has none."""


class Floor:
    """The consoles of a node, by seat."""

    def __init__(self, switchboard: Switchboard, directory: Directory, clock: Clock, system: SystemState) -> None:
        self.consoles: dict[SeatId, Console] = {}
        self.system = system
        self._switchboard = switchboard
        self._desk = OperatorDesk(switchboard)
        self._directory = directory
        self._clock = clock
        self._ringing: dict[CallId, set[SeatId]] = {}
        self._shown: dict[CallId, CallSummary] = {}
        self._untold: tuple[set[CallId], ...] = tuple(set() for _ in range(PHASES))
        """For each part of the consoles the calls whose line has changed since they were sent it."""
        self._due: dict[Console, None] = {}
        """Consoles with something in their outbox that goes round; in their order, each once."""
        self._anybody_due = asyncio.Event()
        self.board: Callable[[str], Iterable[Board]] = _no_board
        """Units and incidents of a centre, for a console that starts."""
        self.on_shown: Callable[[CallId, Collection[SeatId]], None] = _nothing
        """A call rings at seats for the first time, or a console opens it."""
        self.on_card: Callable[[CallId, Card], None] = _nothing
        """A call has a new card."""

    # --- consoles come and go ------------------------------------------------------------------------------------

    def attach(self, who: SignedIn, auth: ConsoleAuth, socket: ConsoleSocket) -> tuple[Console, bool]:
        """A console connects. Says whether it goes on where it was; otherwise a snapshot follows."""
        seat_id = seat_id_of(who, auth.console_id)
        console = self.consoles.get(seat_id)
        if console is None or console.who.centre_id != who.centre_id:
            console = self.consoles[seat_id] = Console(auth.console_id, who)
            metrics.QUEUES.watch("console", console, lambda owner: owner.outbox.depth)
        if console.socket is not None and console.socket is not socket:
            console.socket.superseded()
        console.who, console.socket, console.detached_at, console.stuck_since = who, socket, None, None
        missed = console.outbox.resume(auth.epoch, auth.last_seq)
        if missed is None:
            console.start_over()
            self._snapshot(console)
            console.pump()
        else:
            socket.deliver(missed)
            console.pump()
        metrics.CONSOLES.set(len(self.consoles))
        return console, missed is not None

    def detach(self, console: Console, socket: ConsoleSocket) -> None:
        """A console's connection broke."""
        if console.socket is socket:
            console.socket, console.detached_at = None, self._clock.monotonic()

    def acknowledged(self, console: Console, epoch: str, seq: int) -> None:
        """A console has taken in its deliveries up to `seq`."""
        if epoch != console.outbox.epoch:
            return
        console.outbox.acknowledged(seq)
        console.stuck_since = None
        if console.outbox.needs_snapshot:
            self._snapshot(console)
        console.pump()

    async def sweep(self) -> None:
        """For ever: tells what changed meanwhile in the queue, forgets consoles that did not come back, lets stuck ones
        go, asks for fresh tokens in time; and sends round what all are told.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._go_round())
            group.create_task(self._sweep())

    async def _sweep(self) -> None:
        for phase in itertools.cycle(range(PHASES)):
            await self._clock.sleep(SWEEP_S / PHASES)
            swept = [console for console in self.consoles.values() if console.phase % PHASES == phase]
            self._tell_the_rest(phase, swept)
            now = self._clock.monotonic()
            for console in swept:
                self._sweep_one(console, now)
            metrics.CONSOLES.set(len(self.consoles))

    # --- seats ---------------------------------------------------------------------------------------------------

    def sit(self, console: Console, state: SeatState, call_id: CallId | None = None) -> None:
        """Changes a seat's state and tells its console."""
        if (console.seat.state, console.seat.call_id) != (state, call_id):
            console.deliver(SeatChanged(seat=console.sit(state, call_id)))

    # --- what calls tell -----------------------------------------------------------------------------------------

    def entry_added(self, call_id: CallId, entry: TimelineEntry) -> None:
        """A line was added to a call's log."""
        _tell(self._watching(call_id), CallEntries(call_id=call_id, entries=(entry,)))
        if isinstance(entry.body, CardUpdated):
            self.on_card(call_id, entry.body.card)

    def partial_heard(self, call_id: CallId, partial: Partial) -> None:
        """Unsettled words."""
        _tell(self._watching(call_id), CallPartial(call_id=call_id, partial=partial))

    def call_changed(self, summary: CallSummary) -> None:
        """A call's line in the queue may have changed; consoles hear of it only when it has."""
        before = self._shown.get(summary.call_id)
        if before == summary:
            return
        self._shown[summary.call_id] = summary
        self._seats_follow(summary)
        pressing = before is None or _pressing(before) != _pressing(summary)
        if pressing:
            self._tell_at_once(summary)
            return
        for untold in self._untold:
            untold.add(summary.call_id)

    def ring(
        self, centre: Centre, summary: CallSummary, step: EscalationStep, trainee_id: PersonId | None = None
    ) -> tuple[Seat, ...]:
        """Rings the seats of a step that do not ring yet; for a trainee theirs alone."""
        targets = tuple(self._target(console) for console in self.consoles.values() if console.socket is not None)
        if trainee_id is not None:
            targets = seats_of(trainee_id, targets)
        seats = seats_to_ring(step, targets, centre.centre_id, centre.overflow_centre_id)
        rung = self._ringing.setdefault(summary.call_id, set())
        fresh = [seat.seat_id for seat in seats if seat.seat_id not in rung]
        if fresh:
            rung.update(fresh)
            self.tell_seats(fresh, Ring(call=summary, step=step))
            self.on_shown(summary.call_id, fresh)
        return seats

    def stop_ringing(self, call_id: CallId, *, answered: bool) -> None:
        """The call is answered or over."""
        rung = [console for seat_id in self._ringing.pop(call_id, set()) if (console := self.consoles.get(seat_id))]
        self._tell_round(rung, RingStopped(call_id=call_id, reason="answered" if answered else "ended"))

    # --- what consoles ask ---------------------------------------------------------------------------------------

    def open_call(self, console: Console, call: LiveCall, after_seq: int) -> None:
        """Sends a call's log after a line, and from now on every new line."""
        console.open_calls.add(call.call_id)
        entries = call.timeline.after(after_seq)
        for start in range(0, len(entries), ENTRIES_AT_ONCE):
            part = tuple(entries[start : start + ENTRIES_AT_ONCE])
            complete = start + ENTRIES_AT_ONCE >= len(entries)
            console.deliver(CallEntries(call_id=call.call_id, entries=part, complete=complete))
        self.on_shown(call.call_id, (console.seat.seat_id,))

    def colleagues(self, console: Console) -> Colleagues:
        """The other seats of the console's centre, the ones that could take a call first."""
        others = [
            Colleague(seat=other.seat, supervisor=other.who.supervisor, connected=other.socket is not None)
            for other in self.consoles.values()
            if other is not console and other.who.centre_id == console.who.centre_id
        ]
        free = sorted(others, key=lambda other: (not _free(other), other.seat.display_name, other.seat.seat_id))
        return Colleagues(seats=tuple(free[:MOST_COLLEAGUES]))

    def tell_centre(self, centre_id: str, body: DeliveryBody, *, supervisors: bool = False) -> None:
        """Tells all consoles of a centre, or those of its supervisors; where none of them is here, all."""
        ours = [console for console in self.consoles.values() if console.who.centre_id == centre_id]
        chosen = [console for console in ours if console.who.supervisor] if supervisors else ours
        self._tell_round(chosen or ours, body)

    def tell_seats(self, seats: Collection[SeatId], body: DeliveryBody) -> None:
        """Tells the consoles of these seats, those of them that are still there."""
        _tell([console for seat_id in seats if (console := self.consoles.get(seat_id))], body)

    def tell_call(self, call_id: str, body: DeliveryBody) -> None:
        """Tells the consoles at which a call rings, is answered or is open."""
        ringing = self._ringing.get(CallId(call_id), set())
        _tell(
            [
                console
                for console in self.consoles.values()
                if call_id in console.open_calls or console.seat.call_id == call_id or console.seat.seat_id in ringing
            ],
            body,
        )

    def tell_system(self, system: SystemState) -> None:
        """What the server can do has changed."""
        if system != self.system:
            self.system = system
            self._tell_round(self.consoles.values(), SystemChanged(system=system))

    # --- inside --------------------------------------------------------------------------------------------------

    def _snapshot(self, console: Console) -> None:
        """Where everything stands. The console opens its calls again after it."""
        console.open_calls.clear()
        centre = self._directory.centre(console.who.centre_id)
        calls = self._switchboard.visible_calls(console.who.centre_id)
        snapshot = Snapshot(
            centre_id=console.who.centre_id,
            centre_name=centre.name if centre else "",
            seat=console.seat,
            queue=tuple(call.summary() for call in calls),
            system=self.system,
            server_time=self._clock.now(),
        )
        console.outbox.put(Sealed(snapshot))
        for part in self.board(console.who.centre_id):
            console.outbox.put(Sealed(part))

    def _sweep_one(self, console: Console, now: float) -> None:
        standing = console.who.standing()
        if standing is Standing.BARRED or (standing is Standing.SIGNED_OUT and console.seat.call_id is None):
            self._show_out(console)
            return
        away_s = 0.0 if console.detached_at is None else now - console.detached_at
        if away_s > OFFER_BACK_S and console.seat.call_id:
            self._desk.offer_back(console.seat.call_id, console.seat.seat_id)
            self.sit(console, SeatState.NOT_READY)
        if away_s > LINGER_S:
            del self.consoles[console.seat.seat_id]
            return
        self._let_go_if_stuck(console, now)
        expires_at = console.who.expires_at
        if expires_at - self._clock.now() < REAUTH_BEFORE and console.reauth_asked_for != expires_at:
            console.reauth_asked_for = expires_at
            console.deliver(ReauthNeeded(expires_at=expires_at))

    def _show_out(self, console: Console) -> None:
        """Closes a console whose person may not work here any more; a call that they have rings at other seats."""
        del self.consoles[console.seat.seat_id]
        if console.socket is not None:
            console.socket.shown_out()
        if console.seat.call_id:
            self._desk.offer_back(console.seat.call_id, console.seat.seat_id)

    def _let_go_if_stuck(self, console: Console, now: float) -> None:
        full = console.outbox.needs_snapshot and console.outbox.unacknowledged > 0
        if console.socket is None or not full:
            console.stuck_since = None
        elif console.stuck_since is None:
            console.stuck_since = now
        elif now - console.stuck_since > STUCK_S:
            metrics.CONSOLES_LET_GO.inc()
            console.socket.let_go("This console takes in nothing; it gets a fresh start when it connects again.")

    def _second_seat_follows(self, summary: CallSummary) -> None:
        """Who talks beside the owner is on call too; who has left the talk wraps up, with no call to close."""
        beside = self.consoles.get(summary.colleague.seat_id) if summary.colleague else None
        if beside is not None:
            self.sit(beside, SeatState.ON_CALL, summary.call_id)
        for console in self.consoles.values():
            left = console.seat.call_id == summary.call_id and console.seat.state is SeatState.ON_CALL
            if left and console is not beside and console.seat.seat_id != summary.seat_id:
                self.sit(console, SeatState.WRAP_UP)

    def _tell_at_once(self, summary: CallSummary) -> None:
        for untold in self._untold:
            untold.discard(summary.call_id)
        self._tell_round(self._seeing(summary.call_id, self.consoles.values()), QueueChanged(call=summary))
        if summary.state is CallState.CLOSED:
            del self._shown[summary.call_id]

    def _tell_the_rest(self, phase: int, swept: Collection[Console]) -> None:
        """Lines of the queue that changed since the last time, as they are now."""
        for call_id in self._untold[phase]:
            self._tell_round(self._seeing(call_id, swept), QueueChanged(call=self._shown[call_id]))
        self._untold[phase].clear()

    def _tell_round(self, consoles: Iterable[Console], body: DeliveryBody) -> None:
        """The same to all of them, soon: what waits for a console meanwhile goes with it, in one piece."""
        sealed = Sealed(body)
        for console in consoles:
            console.outbox.put(sealed)
            self._due[console] = None
        self._anybody_due.set()

    async def _go_round(self) -> None:
        """For ever: sends the consoles what is due to them, a few at a time."""
        while True:
            await self._anybody_due.wait()
            self._anybody_due.clear()
            while self._due:
                for console in list(itertools.islice(self._due, AT_A_TIME)):
                    del self._due[console]
                    console.pump()
                await asyncio.sleep(0)

    def _watching(self, call_id: CallId) -> Iterable[Console]:
        return [console for console in self.consoles.values() if call_id in console.open_calls]

    def _seeing(self, call_id: CallId, consoles: Iterable[Console]) -> Iterable[Console]:
        call = self._switchboard.calls.get(call_id)
        return [console for console in consoles if call and call.visible_to(console.who.centre_id)]

    def _target(self, console: Console) -> RingTarget:
        return RingTarget(console.seat, console.who.centre_id, console.who.supervisor)

    def _seats_follow(self, summary: CallSummary) -> None:
        """A seat is on call while its call is open, and wraps up until the call is closed."""
        self._second_seat_follows(summary)
        console = self.consoles.get(summary.seat_id) if summary.seat_id else None
        if console is None:
            return
        if summary.state in (CallState.ANSWERED, CallState.ON_HOLD, CallState.INTERRUPTED):
            self.sit(console, SeatState.ON_CALL, summary.call_id)
        elif console.seat.call_id == summary.call_id:
            ended = summary.state is CallState.ENDED
            self.sit(console, SeatState.WRAP_UP if ended else SeatState.READY, summary.call_id if ended else None)


def _free(colleague: Colleague) -> bool:
    return colleague.connected and colleague.seat.state is not SeatState.ON_CALL


def _pressing(summary: CallSummary) -> tuple[object, ...]:
    """What nobody may see late: whose turn it is, and how urgent the call is."""
    return summary.state, summary.category, summary.seat_id, summary.escalation, summary.transfer, summary.colleague


def _tell(consoles: Iterable[Console], body: DeliveryBody) -> None:
    """The same to all of them, now, turned into text once."""
    sealed = Sealed(body)
    for console in consoles:
        console.deliver(sealed)


def _no_board(centre_id: str) -> Iterable[Board]:
    """Before there is anything to send."""
    del centre_id
    return ()


def _nothing(*_: object) -> None:
    """Nobody wants to know."""
