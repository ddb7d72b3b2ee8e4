"""A console's outbox: nothing lost, nothing doubled, through any mix of slowness, acknowledgements and reconnects."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch.consoles.outbox import FOR_WORDS, MAX_WAITING, WINDOW, Outbox, Parcel, Sealed
from dispatch.contract.audio import Channel
from dispatch.contract.base import CallId, IncidentId, UtteranceId
from dispatch.contract.console import (
    CallEntries,
    CallPartial,
    CallState,
    CallSummary,
    Delivery,
    QueueChanged,
    Ring,
    RingStopped,
)
from dispatch.contract.timeline import Actor, ActorKind, EscalationStep, NoteAdded, TimelineEntry
from dispatch.contract.transcript import Partial

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def summary(call: str, headline: str) -> QueueChanged:
    return QueueChanged(
        call=CallSummary(
            call_id=CallId(call), incident_id=IncidentId("i"), state=CallState.RINGING, category=None,
            headline=headline, started_at=NOW,
        )
    )  # fmt: skip


def entry(call: str, seq: int) -> CallEntries:
    made = TimelineEntry(
        call_id=CallId(call), seq=seq, at=NOW, call_s=0, actor=Actor(kind=ActorKind.SYSTEM), body=NoteAdded(text="n")
    )
    return CallEntries(call_id=CallId(call), entries=(made,))


def partial(call: str) -> CallPartial:
    words = Partial(channel=Channel.CALLER, utterance_id=UtteranceId("u"), words=())
    return CallPartial(call_id=CallId(call), partial=words)


class ConsoleAndOutbox(RuleBasedStateMachine):
    """A console that reads, stalls, acknowledges and reconnects as it likes, against a model of what it must know."""

    @initialize()
    def begin(self) -> None:
        self.outbox = Outbox()
        self.wire: list[Parcel] = []
        self.last_seq = 0
        self.lines: dict[str, list[int]] = {}
        self.shown: dict[str, str] = {}
        self.put_lines: dict[str, int] = {}
        self.put_shown: dict[str, str] = {}

    @rule(call=st.sampled_from("ab"))
    def a_line_is_added(self, call: str) -> None:
        self.put_lines[call] = self.put_lines.get(call, 0) + 1
        self.outbox.put(Sealed(entry(call, self.put_lines[call])))

    @rule(call=st.sampled_from("ab"), headline=st.text(max_size=3))
    def a_summary_changes(self, call: str, headline: str) -> None:
        self.put_shown[call] = headline
        self.outbox.put(Sealed(summary(call, headline)))

    @rule()
    def it_sends(self) -> None:
        self.wire += self.outbox.due()

    @rule(count=st.integers(0, 8))
    def the_console_reads(self, count: int) -> None:
        for parcel in self.wire[:count]:
            self._take_in(parcel)
        del self.wire[:count]

    @rule()
    def it_acknowledges(self) -> None:
        self.outbox.acknowledged(self.last_seq)

    @rule()
    def it_reconnects(self) -> None:
        missed = self.outbox.resume(self.outbox.epoch, self.last_seq)
        assert missed is not None
        self.wire = missed

    def _take_in(self, parcel: Parcel) -> None:
        delivery = Delivery.model_validate_json(parcel.text)
        assert (delivery.epoch, delivery.seq) == (self.outbox.epoch, parcel.seq)
        if delivery.seq <= self.last_seq:
            return
        assert delivery.seq == self.last_seq + 1, "a hole"
        self.last_seq = delivery.seq
        match delivery.body:
            case CallEntries(call_id=call, entries=entries):
                self.lines.setdefault(call, []).extend(e.seq for e in entries)
            case QueueChanged(call=call):
                self.shown[call.call_id] = call.headline

    @invariant()
    def no_more_under_way_than_the_window(self) -> None:
        assert self.outbox.unacknowledged <= WINDOW

    def teardown(self) -> None:
        while True:
            self.wire += self.outbox.due()
            if not self.wire:
                break
            for parcel in self.wire:
                self._take_in(parcel)
            self.wire.clear()
            self.outbox.acknowledged(self.last_seq)
        assert self.lines == {call: list(range(1, count + 1)) for call, count in self.put_lines.items()}
        assert self.shown == self.put_shown


TestConsoleAndOutbox = pytest.mark.property(ConsoleAndOutbox.TestCase)
TestConsoleAndOutbox.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.unit
def test_a_stalled_console_waits_with_the_newest_words_only() -> None:
    outbox = Outbox()
    for _ in range(1000):
        outbox.put(Sealed(partial("a")))
        outbox.put(Sealed(summary("a", "newer")))
    assert outbox.depth == 2


@pytest.mark.unit
def test_alarms_and_rings_are_never_merged_and_an_overflow_asks_for_a_snapshot() -> None:
    outbox = Outbox()
    for number in range(MAX_WAITING + 1):
        outbox.put(Sealed(RingStopped(call_id=CallId(f"c{number}"), reason="ended")))
    assert outbox.needs_snapshot
    assert outbox.depth == 0
    assert outbox.resume(outbox.epoch, 0) is None


@pytest.mark.unit
@given(st.integers(1, 10**6))
def test_a_console_of_another_life_or_from_the_future_gets_a_snapshot(last_seq: int) -> None:
    outbox = Outbox()
    assert outbox.resume("another", 0) is None
    assert outbox.resume(outbox.epoch, last_seq) is None


@pytest.mark.unit
def test_a_line_for_many_consoles_is_turned_into_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    body, made = entry("a", 1), []
    dump = CallEntries.model_dump_json
    monkeypatch.setattr(CallEntries, "model_dump_json", lambda self: made.append(self) or dump(self))
    sealed = Sealed(body)
    for outbox in [Outbox() for _ in range(3)]:
        outbox.put(sealed)
        (parcel,) = outbox.due()
        assert Delivery.model_validate_json(parcel.text).body == body
    assert made == [body]


@pytest.mark.unit
def test_words_of_a_call_go_before_any_number_of_queue_lines_that_wait_for_acknowledgements() -> None:
    outbox = Outbox()
    for number in range(100):
        outbox.put(Sealed(summary(f"c{number}", "changed")))
    before = outbox.due()
    assert len(before) == WINDOW - FOR_WORDS
    for seq in range(1, FOR_WORDS + 1):
        outbox.put(Sealed(entry("a", seq)))
        (parcel,) = outbox.due()
        assert Delivery.model_validate_json(parcel.text).body == entry("a", seq)
    outbox.acknowledged(parcel.seq)
    assert [parcel.seq for parcel in outbox.due()] == list(range(parcel.seq + 1, parcel.seq + 1 + WINDOW - FOR_WORDS))


@pytest.mark.unit
def test_a_call_that_stops_ringing_and_rings_again_ends_up_ringing_on_a_slow_console() -> None:
    outbox = Outbox()
    rung = Ring(call=summary("a", "").call, step=EscalationStep.READY_SEATS)
    for body in (rung, RingStopped(call_id=CallId("a"), reason="answered"), summary("a", "again"), rung):
        outbox.put(Sealed(body))
    kinds = [Delivery.model_validate_json(parcel.text).body.kind for parcel in outbox.due()]
    assert kinds == ["ring", "ring_stopped", "ring", "queue"]
