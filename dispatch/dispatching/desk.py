"""What operators command of incidents, units and places: one transaction each, then the consoles are told.

In: a commander and a validated command. Out: nothing, or `Refused`, and then nothing was done. Invariants: a command
that is acknowledged is in the database; the same command twice is carried out once; an operator reaches the incidents
and units of their own centre, and those of a call that has climbed to it.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dispatch.booking import BookingError, Forbidden
from dispatch.contract.base import CentreId
from dispatch.contract.console import CallCommand, Command
from dispatch.contract.dispatch_commands import (
    AlertHelpers,
    CheckWelfare,
    CloseIncident,
    ConfirmPlace,
    DispatchUnit,
    DivertUnit,
    MergeIncident,
    OfferUnits,
    OpenIncident,
    ReferCall,
    ReportUnit,
    SetUnitDuty,
    SplitCall,
    StandDown,
    UnmergeIncident,
    UpgradeIncident,
    UpgradeUnit,
)
from dispatch.contract.dispatching import HelpersAlerted, PlaceConfirmed, PlaceKind, ReferralMade
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.registry import EVENTS
from dispatch.contract.timeline import TimelineEntry
from dispatch.observability.clock import Clock
from dispatch.storage import Database, OutOfScope, StoreRefused, StoreUnavailable
from dispatch.storage.context import sending

from . import incidents
from .deeds import Deed
from .places import near_arrest
from .ports import CallFacts, Commander, Geocode, LiveCalls, Notice, Notify
from .searches import Searches

ACTIONS: Final = {spec.body: spec.name for spec in EVENTS}
Act = Callable[[Deed, Any], Awaitable[str | None]]
"""Carries a command out; what it returns is why the command came to nothing although it was logged."""


@dataclass(frozen=True)
class Means:
    """With what commands are carried out."""

    database: Database
    clock: Clock
    calls: LiveCalls
    searches: Searches
    notify: Notify
    geocode: Geocode
    announce: Callable[[CentreId], Awaitable[None]]
    """Tells consoles and calls what has changed."""


class DispatchDesk:
    """Carries out the commands about incidents, units and places."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._calls = means.calls
        self._searches = means.searches
        self._missions = means.searches.missions
        self._acts: Final[dict[type[Command], tuple[str, Act]]] = {
            ConfirmPlace: ("call", self._confirm_place),
            DispatchUnit: ("incident", self._dispatch),
            OfferUnits: ("incident", self._offer),
            StandDown: ("unit", self._stand_down),
            DivertUnit: ("unit", self._divert),
            UpgradeUnit: ("unit", self._upgrade_unit),
            ReportUnit: ("unit", self._report),
            SetUnitDuty: ("unit", self._duty),
            OpenIncident: ("incident", self._open),
            MergeIncident: ("incident", self._merge),
            UnmergeIncident: ("incident", self._unmerge),
            SplitCall: ("call", self._split),
            UpgradeIncident: ("incident", self._upgrade),
            CloseIncident: ("incident", self._close),
            CheckWelfare: ("incident", self._welfare),
            ReferCall: ("call", self._refer),
            AlertHelpers: ("call", self._alert),
        }

    @property
    def commands(self) -> frozenset[type[Command]]:
        """What this desk carries out."""
        return frozenset(self._acts)

    async def carry_out(self, commander: Commander, command: Command) -> TimelineEntry | None:
        """Does what is commanded; the entry that it made in the log of the call that it names. Raises Refused."""
        by = self._for(commander, command)
        if isinstance(command, ConfirmPlace):
            command = await self._with_coordinates(command)
        try:
            nothing = await self._in_one_transaction(by, command)
        except StoreUnavailable:
            raise Refused(ProblemCode.UNAVAILABLE, "The database is away.") from None
        except OutOfScope:
            raise Refused(ProblemCode.NOT_FOUND, "There is no such record.") from None
        except (StoreRefused, Forbidden, BookingError) as error:
            raise Refused(ProblemCode.CONFLICT, _safe(error)) from None
        with contextlib.suppress(StoreUnavailable):  # it is done; the next look tells everybody
            await self._means.announce(by.centre_id)
        if nothing:
            raise Refused(ProblemCode.WRONG_STATE, nothing)
        return self._calls.entry_of(command.call_id, command.command_id) if isinstance(command, CallCommand) else None

    async def _in_one_transaction(self, by: Commander, command: Command) -> str | None:
        kind, act = self._acts[type(command)]
        async with self._means.database.transaction(sending(by.centre_id)) as session:
            deed = Deed(session, by, self._means.clock.now(), command.command_id)
            if await deed.done_before():
                return None
            nothing = await act(deed, command)
            await deed.audit(ACTIONS[type(command)], kind, str(getattr(command, f"{kind}_id")))
        return nothing

    def _for(self, commander: Commander, command: Command) -> Commander:
        """The commander at the centre that the command is about: a call that has climbed here belongs to another."""
        call_id, incident_id = getattr(command, "call_id", None), getattr(command, "incident_id", None)
        calls = [self._calls.find(call_id)] if call_id else self._calls.of_incident(incident_id or "")
        for call in calls:
            if call and self._calls.visible_to(call.call_id, commander.centre_id):
                return Commander(call.centre_id, commander.role, commander.person_id, commander.seat_id)
        if isinstance(command, CallCommand):
            raise Refused(ProblemCode.NOT_FOUND, "There is no such call.")
        return commander

    def _call(self, command: CallCommand) -> CallFacts:
        call = self._calls.find(command.call_id)
        assert call is not None, "_for has found it"
        return call

    def _live(self, incident_id: str) -> Sequence[CallFacts]:
        return self._calls.of_incident(incident_id)

    async def _with_coordinates(self, command: ConfirmPlace) -> ConfirmPlace:
        """Looked up before anything is locked. The words of an exercise go to nobody."""
        complete = command.latitude is not None and command.longitude is not None
        if command.place_id or complete or self._call(command).exercise:
            return command
        latitude, longitude = await self._means.geocode(command.label) or (None, None)
        return command.model_copy(update={"latitude": latitude, "longitude": longitude})

    # --- places ------------------------------------------------------------------------------------------------------

    async def _confirm_place(self, deed: Deed, command: ConfirmPlace) -> None:
        call = self._call(command)
        incident = await incidents.open_one(deed, call.incident_id, [call])
        if command.place_id:
            place = await incidents.put_at(deed, incident, command.place_id)
            label = place.label
        else:
            label = command.label
            incident.place_id, incident.place_label = None, label
            incident.latitude, incident.longitude = command.latitude, command.longitude
            deed.touch(incident)
        body = PlaceConfirmed(
            place_id=command.place_id, label=label, latitude=incident.latitude, longitude=incident.longitude
        )
        await deed.log(body, incident_id=incident.incident_id)

    # --- units -------------------------------------------------------------------------------------------------------

    async def _dispatch(self, deed: Deed, command: DispatchUnit) -> str | None:
        incident = await incidents.open_one(deed, command.incident_id, self._live(command.incident_id))
        if command.unit_ids:
            wanted = command.capability or self._searches.dispatcher(command.service_type).capability
            for unit_id in sorted(set(command.unit_ids)):
                await self._missions.send(
                    deed, incident, command.service_type, unit_id, capability=wanted, reason=command.reason
                )
            return None
        sent = await self._searches.nearest(deed, incident, command.service_type, command.capability)
        return None if sent else "No suitable unit is free. The supervisors are told."

    async def _offer(self, deed: Deed, command: OfferUnits) -> None:
        incident = await incidents.open_one(deed, command.incident_id, self._live(command.incident_id))
        await self._searches.start(deed, incident, command.service_type, command.wanted)

    async def _stand_down(self, deed: Deed, command: StandDown) -> None:
        await self._missions.stand_down(deed, command.unit_id, command.reason)

    async def _divert(self, deed: Deed, command: DivertUnit) -> None:
        before, service_type = await self._missions.sent_as(deed, command.unit_id)
        ids = sorted({command.incident_id, *([before] if before else [])})
        for incident_id in ids:  # both incidents before the unit, in one order
            await incidents.locked(deed, incident_id, self._live(incident_id))
        incident = await incidents.open_one(deed, command.incident_id)
        unit = await self._missions.stand_down(deed, command.unit_id, command.reason)
        await self._missions.send(deed, incident, service_type, unit.unit_id, reason=command.reason)

    async def _upgrade_unit(self, deed: Deed, command: UpgradeUnit) -> None:
        await self._missions.upgrade(deed, command.unit_id, urgent=command.urgent, reason=command.reason)

    async def _report(self, deed: Deed, command: ReportUnit) -> None:
        await self._missions.report(deed, command.unit_id, command.state)

    async def _duty(self, deed: Deed, command: SetUnitDuty) -> None:
        await self._missions.set_duty(deed, command.unit_id, on_duty=command.on_duty)

    # --- incidents ---------------------------------------------------------------------------------------------------

    async def _open(self, deed: Deed, command: OpenIncident) -> None:
        await incidents.key_in(deed, command)

    async def _merge(self, deed: Deed, command: MergeIncident) -> None:
        live = self._live(command.incident_id)
        for incident_id in sorted((command.incident_id, command.into)):
            if calls := self._live(incident_id):
                await incidents.make_from(deed, incident_id, calls[0])
        await incidents.merge(deed, command.incident_id, command.into, live)

    async def _unmerge(self, deed: Deed, command: UnmergeIncident) -> None:
        await incidents.unmerge(deed, command.incident_id)

    async def _split(self, deed: Deed, command: SplitCall) -> None:
        await incidents.split(deed, self._call(command), command.incident_id)

    async def _upgrade(self, deed: Deed, command: UpgradeIncident) -> None:
        await incidents.upgrade(deed, command)

    async def _close(self, deed: Deed, command: CloseIncident) -> None:
        incident = await incidents.open_one(deed, command.incident_id, self._live(command.incident_id))
        await self._searches.withdraw(deed, await self._searches.of_incident(deed, incident.incident_id))
        await self._missions.close(deed, incident, command.reason)

    async def _welfare(self, deed: Deed, command: CheckWelfare) -> None:
        await incidents.welfare_checked(deed, command, self._live(command.incident_id))

    # --- others ------------------------------------------------------------------------------------------------------

    async def _refer(self, deed: Deed, command: ReferCall) -> None:
        call = self._call(command)
        incident = await incidents.locked(deed, call.incident_id, [call])
        body = ReferralMade(to=command.to, reference=command.reference, reason=command.reason)
        await deed.log(body, incident_id=incident.incident_id, call_id=call.call_id)

    async def _alert(self, deed: Deed, command: AlertHelpers) -> None:
        call = self._call(command)
        incident = await incidents.open_one(deed, call.incident_id, [call])
        if incident.place_id is None and incident.latitude is None:
            raise Refused(ProblemCode.WRONG_STATE, "Confirm the place first: nobody knows where to send them.")
        near = await near_arrest(deed.session, incident)
        who = {
            "gate": near.get(PlaceKind.GATE, []),
            "aed": near.get(PlaceKind.AED, []),
            "neighbour": await self._searches.helpers(deed, incident),
        }
        notices = [
            Notice(to, f"arrest.{kind}", incident.incident_id, incident.exercise)
            for kind, them in who.items()
            for to in them
        ]
        await self._means.notify(deed.session, notices)
        counts = {kind: len(them) for kind, them in who.items()}
        body = HelpersAlerted(gates=counts["gate"], defibrillators=counts["aed"], neighbours=counts["neighbour"])
        await deed.log(body, incident_id=incident.incident_id)


def _safe(error: Exception) -> str:
    """Bookings say in safe words why not; the database's words are not shown."""
    return "This does not go together with what is stored." if isinstance(error, StoreRefused) else str(error)
