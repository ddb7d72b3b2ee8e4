"""The models of an Ollama server, reading the bench's calls the way a live call is read: through the router.

In: cases. Out: the cards after the model's grounded claims, and how often and how fast a model answered. One question
at a time, as one call would ask.
"""

import time
from collections import Counter
from types import TracebackType
from typing import Self

from dispatch.calls.routed_reader import RoutedReader
from dispatch.contract.base import CallId
from dispatch.contract.card import Card
from dispatch.triage import Case, card_of, grounded, propose
from llm_router import Router, connector, default_policy


class Models:
    """The router under the policy that ships, with Ollama at `url`."""

    def __init__(self, url: str) -> None:
        self._router = Router(default_policy(ollama_url=url), connector({}))
        self._reader = RoutedReader(self._router)
        self._ms: list[float] = []
        self._counts: Counter[str] = Counter()
        self._names: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._router.aclose()

    async def read(self, case: Case) -> Card:
        """The card once a model has read the call; the rules' own where none answered in time."""
        started = time.perf_counter()
        proposal = await self._reader.extract(CallId(f"bench-{len(self._ms)}"), case)
        self._ms.append(1000 * (time.perf_counter() - started))
        if proposal is None:
            self._counts["floor"] += 1
            return card_of(case, version=1, call_s=0.0)
        kept = grounded(case, proposal)
        self._names.add(proposal.model)
        self._counts["claims"] += len(kept.claims)
        self._counts["dropped_claims"] += len(proposal.claims) - len(kept.claims)
        return card_of(propose(case, kept), version=1, call_s=0.0)

    def figures(self) -> dict[str, object]:
        """Who answered how often and how fast."""
        ms = sorted(self._ms)
        return {
            "models": sorted(self._names),
            "rows": len(ms),
            "answered_by_floor": self._counts["floor"],
            "claims": self._counts["claims"],
            "dropped_claims": self._counts["dropped_claims"],
            "answer_ms_p50": round(ms[len(ms) // 2], 1) if ms else None,
            "answer_ms_p95": round(ms[min(len(ms) - 1, int(0.95 * len(ms)))], 1) if ms else None,
        }
