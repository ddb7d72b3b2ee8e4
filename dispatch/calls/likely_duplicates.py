"""Calls that may be about one incident, kept up to date call by call; a person merges them, or not.

In: a call that may have changed, among all calls of the node. Out: the calls whose proposals are different now, with
them. Invariants: calls of one incident are not proposed to each other, nor calls of two centres; a change costs at most
`MAX_COMPARED` comparisons, with the newest calls; nothing is merged here.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from dispatch.contract.base import CallId
from dispatch.contract.card import FieldName
from dispatch.contract.console import LikelyDuplicate
from dispatch.triage import DuplicateProposal, Summary, compare

from .call import LiveCall

MAX_COMPARED: Final = 200
MAX_SHOWN: Final = 3

Changed = dict[CallId, tuple[LikelyDuplicate, ...]]


class LikelyDuplicates:
    """The proposals of a node."""

    def __init__(self) -> None:
        self._seen: dict[CallId, tuple[Summary, str]] = {}
        self._pairs: dict[CallId, dict[CallId, DuplicateProposal]] = {}

    def look(self, call: LiveCall, calls: Iterable[LiveCall]) -> Changed:
        """Compares a call with the newest others, where what is compared of it is different from last time."""
        mine = summary_of(call), incident_of(call)
        if self._seen.get(call.call_id) == mine:
            return {}
        self._seen[call.call_id] = mine
        near = [other for other in calls if other is not call and other.centre.centre_id == call.centre.centre_id]
        touched = self._drop(call.call_id)
        for other in islice(reversed(near), MAX_COMPARED):
            theirs = self._seen.get(other.call_id)
            if theirs is None or theirs[1] == mine[1]:
                continue
            proposal = compare(mine[0], theirs[0])
            if proposal is not None:
                self._pairs.setdefault(call.call_id, {})[other.call_id] = proposal
                self._pairs.setdefault(other.call_id, {})[call.call_id] = proposal
                touched.add(other.call_id)
        return {call_id: self._shown(call_id) for call_id in (call.call_id, *touched)}

    def forget(self, call_id: CallId) -> Changed:
        """The call has left the node."""
        self._seen.pop(call_id, None)
        return {other: self._shown(other) for other in self._drop(call_id)}

    def _drop(self, call_id: CallId) -> set[CallId]:
        """Takes back every proposal with a call, and says whom else that concerns."""
        others = set(self._pairs.pop(call_id, {}))
        for other in others:
            self._pairs[other].pop(call_id, None)
        return others

    def _shown(self, call_id: CallId) -> tuple[LikelyDuplicate, ...]:
        pairs = sorted(self._pairs.get(call_id, {}).items(), key=lambda item: (-item[1].likelihood, item[0]))
        return tuple(
            LikelyDuplicate(call_id=other, likelihood=pair.likelihood, reasons=pair.reasons)
            for other, pair in pairs[:MAX_SHOWN]
        )


def summary_of(call: LiveCall) -> Summary:
    """What is compared of a call."""
    card, started = call.status.card, call.status.started
    place, complaint = card.field(FieldName.LOCATION), card.field(FieldName.COMPLAINT)
    position = started.position if started is not None else None
    return Summary(
        call_id=call.call_id,
        started_s=call.timeline.started_at.timestamp(),
        place=place.value if place is not None else "",
        position=(position.latitude, position.longitude) if position is not None else None,
        complaint=complaint.value if complaint is not None else None,
    )


def incident_of(call: LiveCall) -> str:
    """The call's incident; none before the call has started."""
    return call.status.incident_id or call.call_id
