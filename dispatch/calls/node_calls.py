"""The calls of this node as dispatching sees them: which incident each belongs to, and a way into its log.

In: the switchboard. Out: `CallFacts`; entries. Invariants: an entry is made once for a key, whatever else is tried.
"""

from collections.abc import Sequence

from dispatch.contract.base import CallId
from dispatch.contract.card import Card, FieldName
from dispatch.contract.timeline import Actor, TimelineBody, TimelineEntry
from dispatch.dispatching.ports import CallFacts

from .call import LiveCall
from .switchboard import Switchboard


class NodeCalls:
    """Answers for the switchboard's calls."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    def find(self, call_id: str) -> CallFacts | None:
        """What dispatching needs of a call that is on this node; None for any other."""
        call = self._switchboard.calls.get(CallId(call_id))
        return _facts(call) if call else None

    def of_incident(self, incident_id: str) -> Sequence[CallFacts]:
        """The calls on this node that are about an incident."""
        calls = self._switchboard.calls.values()
        return [_facts(call) for call in calls if call.status.incident_id == incident_id]

    def visible_to(self, call_id: str, centre_id: str) -> bool:
        """Whether a centre's operators may see the call: their own, or one that rings at their overflow."""
        call = self._switchboard.calls.get(CallId(call_id))
        return call is not None and call.visible_to(centre_id)

    def entry_of(self, call_id: str, key: str) -> TimelineEntry | None:
        """The entry that was made under this key, if there is one."""
        call = self._switchboard.calls.get(CallId(call_id))
        return call.timeline.done(key) if call else None

    def enter(self, call_id: str, body: TimelineBody, actor: Actor, key: str) -> TimelineEntry | None:
        """Writes into the call's log, once for each key; None for a call that is not on this node."""
        call = self._switchboard.calls.get(CallId(call_id))
        if call is None:
            return None
        if (entry := call.timeline.done(key)) is None:
            entry = call.timeline.append(body, actor, command_id=key)
            call.path.decide(entry)
        return entry


def location_of(card: Card) -> str:
    """Where it is, as the card has it."""
    location = card.field(FieldName.LOCATION)
    return location.label if location else ""


def _facts(call: LiveCall) -> CallFacts:
    return CallFacts(
        call_id=call.call_id,
        incident_id=call.record.incident_id,
        centre_id=call.centre.centre_id,
        started_at=call.timeline.started_at,
        exercise=call.record.exercise,
        category=call.status.card.category,
        nature=call.status.card.headline,
        phone=call.record.phone,
        location=location_of(call.status.card),
    )
