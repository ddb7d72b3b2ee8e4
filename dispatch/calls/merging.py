"""Merging calls into one incident, and taking that back.

In: two calls, and a person's decision. Out: the log entries that each call concerned gets; nothing is entered here.
Invariants: all calls of the one incident move together; calls of two centres never share an incident; undoing a merge
moves back exactly those that it moved, unless they have been moved on since.
"""

from collections.abc import Iterable

from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import CallMerged, MergeUndone

from .call import LiveCall
from .likely_duplicates import incident_of


def merge_entries(
    call: LiveCall, other: LiveCall, calls: Iterable[LiveCall], merge_id: str
) -> list[tuple[LiveCall, CallMerged]]:
    """The entries of a merge: the call's whole incident joins the other's. Raises Refused."""
    source, target = incident_of(call), incident_of(other)
    if source == target:
        raise Refused(ProblemCode.WRONG_STATE, "These calls are about one incident already.")
    if call.centre.centre_id != other.centre.centre_id:
        raise Refused(ProblemCode.NOT_ALLOWED, "The calls belong to two centres.")
    moved = [(each, other) for each in calls if incident_of(each) == source]
    return [
        (each, CallMerged(merge_id=merge_id, with_call=to.call_id, incident_id=target, before=incident_of(each)))
        for each, to in [*moved, (other, call)]
    ]


def undo_entries(call: LiveCall, calls: Iterable[LiveCall]) -> list[tuple[LiveCall, MergeUndone]]:
    """The entries that take the call's newest merge back. Raises Refused where there is none."""
    if not call.status.merges:
        raise Refused(ProblemCode.WRONG_STATE, "This call has not been merged with another.")
    merge_id = list(call.status.merges)[-1]
    concerned = [each for each in calls if merge_id in each.status.merges]
    return [(each, _undone(each, merge_id)) for each in concerned]


def _undone(call: LiveCall, merge_id: str) -> MergeUndone:
    made, now = call.status.merges[merge_id], call.status.incident_id
    stays = made.before == made.incident_id or now != made.incident_id
    return MergeUndone(merge_id=merge_id, incident_id=now if stays and now is not None else made.before)
