"""Prometheus metrics of a router.

In: decisions. Out: counters and histograms in the registry that the host gives. Labels are names of the policy, never
text of a request; their number is bounded by the policy.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .decision import Decision, Verdict
from .health import Health, Standing

_SECONDS = (0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 4, 8, 16, 30)


class RouterMetrics:
    """An observer that counts. Register one per router and registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "llm_requests", "Requests by task and who answered.", ["task", "source"], registry=registry
        )
        self._seconds = Histogram(
            "llm_request_seconds", "Time to the answer.", ["task"], buckets=_SECONDS, registry=registry
        )
        self._attempts = Counter("llm_attempts", "Attempts by model and end.", ["model", "end"], registry=registry)
        self._hedges = Counter("llm_hedges", "Second questions asked.", ["model"], registry=registry)
        self._tokens = Counter("llm_tokens", "Tokens by model and kind.", ["model", "kind"], registry=registry)
        self._micro_usd = Counter("llm_cost_micro_usd", "Money charged.", ["model", "tenant"], registry=registry)
        self._excluded = Counter("llm_excluded", "Candidates passed over.", ["model", "verdict"], registry=registry)
        self._standing = Gauge("llm_side_up", "1 up, 0.5 degraded, 0 down or off.", ["side"], registry=registry)
        self._floor_only = Gauge("llm_floor_only", "1 when the rules alone carry the calls.", registry=registry)

    def __call__(self, decision: Decision) -> None:
        """Counts one ended decision."""
        self._requests.labels(decision.task, decision.source or "").inc()
        self._seconds.labels(decision.task).observe(decision.elapsed_ms / 1000)
        for candidate in decision.candidates:
            if candidate.verdict is not Verdict.ELIGIBLE:
                self._excluded.labels(candidate.model, candidate.verdict.value).inc()
        for attempt in decision.attempts:
            self._attempts.labels(attempt.model, attempt.end).inc()
            if attempt.hedge:
                self._hedges.labels(attempt.model).inc()
            if attempt.input_tokens or attempt.output_tokens:
                self._tokens.labels(attempt.model, "input").inc(attempt.input_tokens)
                self._tokens.labels(attempt.model, "output").inc(attempt.output_tokens)
            if attempt.micro_usd:
                self._micro_usd.labels(attempt.model, decision.tenant).inc(attempt.micro_usd)

    def show(self, health: Health) -> None:
        """Sets the gauges from a look at the router's health."""
        for side, standing in (("self_hosted", health.self_hosted), ("cloud", health.cloud)):
            self._standing.labels(side).set({Standing.UP: 1.0, Standing.DEGRADED: 0.5}.get(standing, 0.0))
        self._floor_only.set(float(health.floor_only))
