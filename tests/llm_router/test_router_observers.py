"""What is told about a request: metrics, spans and the audit record, with every number and no word of it."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, Tracer, get_current_span
from prometheus_client import CollectorRegistry, generate_latest

from bench._router_kit import GOOD, House, on_virtual_time, request
from llm_router import CallText, errors
from llm_router.metrics import RouterMetrics
from llm_router.providers.scripted import Line
from llm_router.spans import GenAISpans

pytestmark = pytest.mark.unit

WORDS = "Zebedee Quillfeather of Larkspur Mews"


class KeptSpan(NonRecordingSpan):
    """A span that keeps what it was given."""

    def __init__(self, name: str, parent: Any, start: int | None, kind: SpanKind) -> None:
        super().__init__(SpanContext(1, id(self) % 2**60 + 1, is_remote=False, trace_flags=TraceFlags(1)))
        self.name, self.parent, self.start, self.kind = name, parent, start, kind
        self.attributes: dict[str, Any] = {}
        self.ended: int | None = None
        self.status: Any = None

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self.attributes |= attributes

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_status(self, status: Any, description: str | None = None) -> None:
        self.status = status

    def end(self, end_time: int | None = None) -> None:
        self.ended = end_time


class KeepingTracer(Tracer):
    """Keeps every span in memory."""

    def __init__(self) -> None:
        self.spans: list[KeptSpan] = []

    def start_span(self, name: str, context: Any = None, kind: SpanKind = SpanKind.INTERNAL, attributes: Any = None,
                   links: Any = None, start_time: int | None = None, record_exception: bool = True,
                   set_status_on_exception: bool = True) -> KeptSpan:  # fmt: skip
        parent = get_current_span(context) if context is not None else None
        self.spans.append(KeptSpan(name, parent, start_time, kind))
        return self.spans[-1]

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


def failing_first() -> House:
    return House({"own": [Line(error=errors.RateLimitedError(), delay_s=0.02)], "own_two": [Line(GOOD, delay_s=0.03)]})


def test_a_request_is_one_span_with_a_client_span_for_each_attempt() -> None:
    async def scenario() -> None:
        house, tracer = failing_first(), KeepingTracer()
        outcome = await house.router.complete(request("extract", CallText(WORDS)))
        GenAISpans(tracer, lambda: house.router.policy, wall_ns=lambda: 10**18)(outcome.decision)
        whole, first, second = tracer.spans
        assert [span.name for span in tracer.spans] == ["route extract", "chat local", "chat local-two"]
        assert first.parent is second.parent is whole
        assert first.kind is SpanKind.CLIENT
        assert first.attributes["error.type"] == "rate_limited"
        assert second.attributes["gen_ai.operation.name"] == "chat"
        assert second.attributes["gen_ai.response.model"] == "local-two"
        assert second.attributes["gen_ai.usage.output_tokens"] > 0
        assert second.ended is not None
        assert second.start is not None
        assert second.ended - second.start == pytest.approx(30_000_000, abs=10_000)
        assert not any("message" in key or "prompt" in key for span in tracer.spans for key in span.attributes)

    on_virtual_time(scenario)


def test_metrics_count_answers_attempts_tokens_and_what_was_passed_over() -> None:
    async def scenario() -> None:
        registry = CollectorRegistry()
        metrics = RouterMetrics(registry)
        house = failing_first()
        for _ in range(3):
            metrics((await house.router.complete(request())).decision)
        metrics.show(house.router.health())
        value = registry.get_sample_value
        assert value("llm_requests_total", {"task": "extract", "source": "model"}) == 3
        assert value("llm_attempts_total", {"model": "local", "end": "rate_limited"}) == 1
        assert value("llm_attempts_total", {"model": "local_two", "end": "answered"}) == 3
        assert value("llm_excluded_total", {"model": "local", "verdict": "excluded_by_breaker"}) == 2
        assert value("llm_tokens_total", {"model": "local_two", "kind": "output"}) > 0
        assert value("llm_side_up", {"side": "self_hosted"}) == 0.5
        assert value("llm_floor_only") == 0

    on_virtual_time(scenario)


def test_an_observer_that_fails_costs_nobody_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        def broken(decision: Any) -> None:
            raise KeyError(WORDS)

        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        house.router._observers = (broken, house.decisions.append)
        assert (await house.router.complete(request())).source == "model"
        assert len(house.decisions) == 1

    with caplog.at_level(logging.DEBUG):
        on_virtual_time(scenario)
    assert "observer failed" in caplog.text
    assert "Zebedee" not in caplog.text


def test_nothing_that_is_told_or_shown_holds_a_word_of_the_call() -> None:
    async def scenario() -> None:
        house, tracer, registry = failing_first(), KeepingTracer(), CollectorRegistry()
        asked = request("extract", CallText(WORDS))
        outcome = await house.router.complete(asked)
        RouterMetrics(registry)(outcome.decision)
        GenAISpans(tracer, lambda: house.router.policy)(outcome.decision)
        told = [
            str(outcome.decision.as_dict()),
            repr(outcome),
            repr(asked),
            repr(house.ports["own"].asked),
            generate_latest(registry).decode(),
            str([(span.name, span.attributes) for span in tracer.spans]),
        ]
        assert not any(word in text for text in told for word in WORDS.split()[:2])

    on_virtual_time(scenario)


def test_two_records_of_the_same_text_have_the_same_hash_and_others_have_not() -> None:
    async def scenario() -> None:
        house = failing_first()
        first, again, other = [
            (await house.router.complete(request("extract", CallText(text)))).decision.content_hash
            for text in ("he is pale", "he is pale", "he is red")
        ]
        assert first == again != other

    on_virtual_time(scenario)
