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

    def acknowledge(self, ack: AudioAck) -> None:
        """Every frame below `ack.next_seq` is on disk."""
        ...

    def relay(self, frame: RelayedFrame) -> None:
        """Sound of somebody else on the call, as it came."""
        ...


class CallerLine(VoiceLine, Protocol):
    """The caller's connection."""

    def tell_state(self, state: CallerCallState) -> None:
        """Where the call stands, with words for the caller."""
        ...

    def tell_problem(self, problem: Problem) -> None:
        """Something that was sent was not taken."""
        ...

    def offer_call_back(self, offer: CallBackOffer) -> None:
        """The operator rings back."""
        ...


class Floor(Protocol):
    """The operators' side, as calls see it."""

    def entry_added(self, call_id: CallId, entry: TimelineEntry) -> None:
        """One more entry of a call's log, in order; it may not be on disk yet."""
        ...

    def partial_heard(self, call_id: CallId, partial: Partial) -> None:
        """Words that may still change; the next ones replace them."""
        ...

    def call_changed(self, summary: CallSummary) -> None:
        """The call's line in the queue reads otherwise."""
        ...

    def ring(
        self, centre: Centre, summary: CallSummary, step: EscalationStep, trainee_id: PersonId | None
    ) -> tuple[Seat, ...]:
        """Rings the seats of a step, of all of them or of a trainee alone, and says which."""
        ...

    def stop_ringing(self, call_id: CallId, *, answered: bool) -> None:
        """At every seat; `answered`: because somebody took the call."""
        ...


class EntryStore(Protocol):
    """The log in PostgreSQL, as the shipper needs it. Appending the same entries twice is the same as once."""

    async def append(self, entries: Sequence[TimelineEntry]) -> None:
        """Keeps entries of any calls. Raises StoreUnavailable (send them again) or StoreRefused (never taken)."""
        ...


class Reader(Protocol):
    """A model that reads the transcript. None: no answer in time, and the rules carry the call."""

    async def extract(self, call_id: CallId, case: Case) -> ModelProposal | None:
        """Findings that the transcript so far bears out, each with its words."""
        ...

    async def summarise(self, call_id: CallId, case: Case) -> ModelSummary | None:
        """Sentences about the call, each with the words that it rests on."""
        ...
