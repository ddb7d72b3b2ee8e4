"""The seam to the language model: asked when one is configured, never waited for.

`RulesAlone` is the extractor of a server without a model: the rules carry the call.
"""

from dispatch.contract.base import CallId
from dispatch.triage import Case, ModelProposal


class RulesAlone:
    """No model is configured."""

    async def extract(self, call_id: CallId, case: Case) -> ModelProposal | None:
        """Never proposes anything."""
        del call_id, case
        return None
