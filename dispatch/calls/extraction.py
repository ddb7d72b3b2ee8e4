"""The seam to the language model, for a server without one: the rules carry the call.

`routed_extraction` has the other side of the seam. It is a module of its own because importing it takes half a second
that a server without a model need not spend.
"""

from dispatch.contract.base import CallId
from dispatch.triage import Case, ModelProposal


class RulesAlone:
    """No model is configured."""

    async def extract(self, call_id: CallId, case: Case) -> ModelProposal | None:
        """Never proposes anything."""
        del call_id, case
        return None
