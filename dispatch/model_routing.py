"""The language-model router of a server: built from its settings, watched, and put into words for operators.

In: `Settings`, and the keys in the environment that the policy names. Out: a `Router` whose decisions are counted and
traced, and how it stands. Invariants: importing a provider's SDK takes up to seconds, so that it happens in a thread,
before the doors open; a policy with holes costs the models, never the server: the rules triage alone, and the reason is
said.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import structlog
from opentelemetry import trace

from dispatch.calls.ports import Reader
from dispatch.contract.console import Health, ModelSide, ModelsState
from dispatch.observability import metrics
from dispatch.observability.supervision import TaskSupervisor
from dispatch.settings import Settings
from llm_router import (
    Policy,
    PolicyError,
    Router,
    Standing,
    connector,
    default_policy,
    follow,
    import_sdks,
    read_policy,
)
from llm_router.metrics import RouterMetrics
from llm_router.spans import GenAISpans

NONE_CONFIGURED: Final = "No language model is configured; the rules triage alone."
REFUSED: Final = "The model policy is refused (kiwimesh route policy check says why); the rules triage alone."
NONE_ANSWERS: Final = "No language model answers; the rules triage alone."

_log = structlog.get_logger(__name__)


@dataclass
class ModelRouting:
    """The router of a node, if it has one. Close it with `aclose`."""

    router: Router | None = None
    refused: bool = False
    """A policy was configured and is not fit to be used."""

    def health(self) -> tuple[Health, str]:
        """How the models stand, with words for operators where they are not well."""
        if self.router is None:
            return (Health.DEGRADED, REFUSED) if self.refused else (Health.OFF, NONE_CONFIGURED)
        return (Health.DEGRADED, NONE_ANSWERS) if self.router.health().floor_only else (Health.OK, "")

    def models(self) -> ModelsState:
        """Which side of the router can be asked, for the operators' strip; the gauges follow."""
        if self.router is None:
            return ModelsState(self_hosted=ModelSide.OFF, cloud=ModelSide.OFF, floor_only=True)
        health = self.router.health()
        router_metrics().show(health)
        return ModelsState(
            self_hosted=_SIDES[health.self_hosted], cloud=_SIDES[health.cloud], floor_only=health.floor_only
        )

    def run_in_background(self, tasks: TaskSupervisor, settings: Settings, secrets: Mapping[str, str]) -> None:
        """Probes the models, and follows the policy's file."""
        router, path = self.router, settings.llm_policy
        if router is None:
            return
        tasks.keep_running("model probes", router.run)
        if path is not None:
            tasks.keep_running("model policy", lambda: follow(router, path, secrets))

    async def aclose(self) -> None:
        """Closes all connections to models."""
        if self.router is not None:
            await self.router.aclose()


_SIDES: Final = {
    Standing.UP: ModelSide.UP,
    Standing.DEGRADED: ModelSide.DEGRADED,
    Standing.DOWN: ModelSide.DOWN,
    Standing.OFF: ModelSide.OFF,
}


async def model_routing(settings: Settings, secrets: Mapping[str, str]) -> ModelRouting:
    """The router, where a policy or an Ollama server is configured."""
    try:
        return ModelRouting(await asyncio.to_thread(_built, settings, secrets))
    except (PolicyError, OSError) as error:
        _log.error("model policy refused; see kiwimesh route policy check", error_type=type(error).__name__)
        return ModelRouting(refused=True)


def _built(settings: Settings, secrets: Mapping[str, str]) -> Router | None:
    """In a thread: reads the policy, imports the SDKs, makes their clients."""
    policy = _policy(settings)
    if policy is None:
        return None
    import_sdks(policy, secrets)
    spans = GenAISpans(trace.get_tracer("llm_router"), lambda: router.policy)
    router = Router(policy, connector(secrets), observers=(router_metrics(), spans))
    return router


def _policy(settings: Settings) -> Policy | None:
    if settings.llm_policy is not None:
        return read_policy(settings.llm_policy)
    return default_policy(ollama_url=settings.ollama_url) if settings.ollama_url is not None else None


def reader_of(routing: ModelRouting) -> Reader | None:
    """What reads live calls, where there is a router. Takes half a second: call it in a thread."""
    if routing.router is None:
        return None
    from dispatch.calls.routed_reader import RoutedReader

    return RoutedReader(routing.router)


@cache
def router_metrics() -> RouterMetrics:
    """One set of counters for the process, however many nodes a test starts in it."""
    return RouterMetrics(metrics.REGISTRY)
