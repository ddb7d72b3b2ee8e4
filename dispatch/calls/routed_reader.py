"""The reader of live calls that asks the models which the router's policy admits.

A module that only a server with a model imports: the closed vocabulary of findings takes half a second to build.
"""

from dispatch.contract.base import CallId
from dispatch.triage import Case, ModelProposal, ModelSummary
from llm_router import Router

from .routed_extraction import extract
from .routed_summary import summarise


class RoutedReader:
    """Findings and summaries by way of a router."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def extract(self, call_id: CallId, case: Case) -> ModelProposal | None:
        return await extract(self._router, call_id, case)

    async def summarise(self, call_id: CallId, case: Case) -> ModelSummary | None:
        return await summarise(self._router, call_id, case)
