"""The chain of seals over the audit log.

In: events in batches. Out: a hash for each batch that depends on every event before it. Pure. Invariants: changing,
removing, adding or moving a sealed event changes every hash from there on; the form that is hashed names each field, so
that values cannot slide from one into another.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypedDict

from dispatch.storage.tables import AuditEventRow, AuditSealRow

FIRST_HASH: Final = hashlib.sha256(b"kiwimesh audit log").hexdigest()
"""What the first seal is chained to."""


def event_form(event: AuditEventRow) -> bytes:
    """An event as it is hashed."""
    fields = {
        "id": event.audit_id,
        "at": event.at.astimezone(UTC).isoformat(),
        "actor": event.actor_person_id,
        "role": event.role,
        "action": event.action,
        "subject": [event.subject_kind, event.subject_id],
        "tenant": [event.tenant_kind, event.tenant_id],
        "correlation": event.correlation_id,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def seal_hash(previous: str, events: Iterable[AuditEventRow]) -> str:
    """The hash of a batch that follows the seal with the hash `previous`."""
    chain = hashlib.sha256(previous.encode())
    for event in events:
        chain.update(hashlib.sha256(event_form(event)).digest())
    return chain.hexdigest()


class Report(TypedDict):
    """What a verification found."""

    head: str
    seals: int
    events: int
    faults: list[str]


@dataclass
class Verification:
    """How far the chain holds. Feed it the seals in order, each with its events."""

    head: str = FIRST_HASH
    seals: int = 0
    events: int = 0
    sealed_until: datetime | None = None
    heads: set[str] = field(default_factory=set, repr=False)
    faults: list[str] = field(default_factory=list)
    """In words; ids alone."""
    _seen: set[int] = field(default_factory=set, repr=False)

    def add(self, seal: AuditSealRow, events: Mapping[int, AuditEventRow]) -> None:
        """The next seal, and those of its events that are there."""
        number = self.seals + 1
        if seal.seal_id != number:
            self.faults.append(f"Seal {number} is missing.")
        self.faults += [f"Event {audit_id} of seal {seal.seal_id} is missing." for audit_id in _missing(seal, events)]
        self.faults += [f"Event {audit_id} is sealed twice." for audit_id in seal.audit_ids if audit_id in self._seen]
        present = [events[audit_id] for audit_id in seal.audit_ids if audit_id in events]
        if seal_hash(self.head, present) != seal.hash:
            self.faults.append(f"Seal {seal.seal_id} does not fit its events or the seal before.")
        self._seen.update(seal.audit_ids)
        self.heads.add(seal.hash)
        self.head, self.seals, self.events = seal.hash, seal.seal_id, self.events + len(present)
        self.sealed_until = seal.sealed_at

    def report(self) -> Report:
        """The same as plain values."""
        return Report(head=self.head, seals=self.seals, events=self.events, faults=self.faults)

    def knows(self, audit_id: int) -> bool:
        """Whether an event is in one of the seals."""
        return audit_id in self._seen


def _missing(seal: AuditSealRow, events: Mapping[int, AuditEventRow]) -> Sequence[int]:
    return [audit_id for audit_id in seal.audit_ids if audit_id not in events]
