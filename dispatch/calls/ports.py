"""What a call needs from around it, as small protocols: lines to people, the consoles' floor, the store, the model."""

from collections.abc import Sequence
from typing import Protocol

from dispatch.contract.audio import AudioAck, RelayedFrame
from dispatch.contract.base import CallId, PersonId
from dispatch.contract.caller import CallBackOffer, CallerCallState
from dispatch.contract.console import CallSummary, Seat
from dispatch.contract.problems import Problem
from dispatch.contract.timeline import EscalationStep, TimelineEntry
from dispatch.contract.transcript import Partial
from dispatch.tenancy import Centre
from dispatch.triage import Case, ModelProposal, ModelSummary


class VoiceLine(Protocol):
    """A connection that sends and hears sound. Never blocks; a slow one loses relayed sound, nothing else."""

    def acknowledge(self, ack: AudioAck) -> None: ...

    def relay(self, frame: RelayedFrame) -> None: ...


class CallerLine(VoiceLine, Protocol):
    """The caller's connection."""

    def tell_state(self, state: CallerCallState) -> None: ...

    def tell_problem(self, problem: Problem) -> None: ...

    def offer_call_back(self, offer: CallBackOffer) -> None: ...


class Floor(Protocol):
    """The operators' side, as calls see it."""

    def entry_added(self, call_id: CallId, entry: TimelineEntry) -> None: ...

    def partial_heard(self, call_id: CallId, partial: Partial) -> None: ...

    def call_changed(self, summary: CallSummary) -> None: ...

    def ring(
        self, centre: Centre, summary: CallSummary, step: EscalationStep, trainee_id: PersonId | None
    ) -> tuple[Seat, ...]:
        """Rings the seats of a step, of all of them or of a trainee alone, and says which."""
        ...

    def stop_ringing(self, call_id: CallId, *, answered: bool) -> None: ...


class EntryStore(Protocol):
    """The log in PostgreSQL, as the shipper needs it. Appending the same entries twice is the same as once."""

    async def append(self, entries: Sequence[TimelineEntry]) -> None: ...


class Reader(Protocol):
    """A model that reads the transcript. None: no answer in time, and the rules carry the call."""

    async def extract(self, call_id: CallId, case: Case) -> ModelProposal | None: ...

    async def summarise(self, call_id: CallId, case: Case) -> ModelSummary | None: ...
