"""OpenTelemetry spans of a router, in the GenAI conventions.

In: decisions. Out: one span `route <task>` for each request, in it one client span `chat <model>` for each attempt.
Content attributes (`gen_ai.input.messages` and the like) are never set, for any label. Spans are made when a request
has ended, with the times it had, so that nothing of it travels to a provider.
"""

import time
from collections.abc import Callable
from typing import Final

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from .decision import AttemptRecord, Decision
from .policy import Policy

_PROVIDERS: Final = {"openai_compatible": "openai"}
_GOOD: Final = ("answered", "repaired", "cut")


class GenAISpans:
    """An observer that traces. `policy` gives the policy in force, for the providers' names."""

    def __init__(self, tracer: Tracer, policy: Callable[[], Policy], wall_ns: Callable[[], int] = time.time_ns) -> None:
        self._tracer = tracer
        self._policy = policy
        self._wall_ns = wall_ns

    def __call__(self, decision: Decision) -> None:
        """Traces one ended decision."""
        end = self._wall_ns()
        start = end - int(decision.elapsed_ms * 1e6)
        span = self._tracer.start_span(f"route {decision.task}", start_time=start, kind=SpanKind.INTERNAL)
        span.set_attributes(
            {
                "llm_router.task": decision.task,
                "llm_router.source": decision.source or "",
                "llm_router.sensitivity": decision.sensitivity.name.lower(),
                "llm_router.policy": decision.policy_hash,
                "llm_router.restarts": decision.restarts,
                "llm_router.cost_micro_usd": decision.micro_usd,
            }
        )
        for attempt in decision.attempts:
            self._attempt(span, attempt, start)
        span.end(end_time=end)

    def _attempt(self, parent: Span, attempt: AttemptRecord, request_start: int) -> None:
        start = request_start + int(attempt.started_ms * 1e6)
        policy = self._policy()
        model, endpoint = policy.models.get(attempt.model), policy.endpoints.get(attempt.endpoint)
        name = model.name if model is not None else attempt.model
        kind = endpoint.kind if endpoint is not None else attempt.endpoint
        span = self._tracer.start_span(
            f"chat {name}", context=set_span_in_context(parent), start_time=start, kind=SpanKind.CLIENT
        )
        span.set_attributes(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": _PROVIDERS.get(kind, kind),
                "gen_ai.request.model": name,
                "gen_ai.response.model": attempt.answered_model or name,
                "gen_ai.usage.input_tokens": attempt.input_tokens,
                "gen_ai.usage.output_tokens": attempt.output_tokens,
                "llm_router.hedge": attempt.hedge,
                "llm_router.end": attempt.end,
            }
        )
        if attempt.end not in _GOOD:
            span.set_attribute("error.type", attempt.end)
            span.set_status(Status(StatusCode.ERROR, attempt.end))
        span.end(end_time=start + int(attempt.elapsed_ms * 1e6))
