"""A router for language-model calls that never leaks, never hangs, and always has an answer.

    policy = default_policy()
    router = Router(policy, connector(os.environ))
    outcome = await router.complete(
        LLMRequest(
            task="triage_extraction",
            messages=(Message(Role.SYSTEM, (PublicText("Extract ...", origin="prompts/extract"),)),
                      Message(Role.USER, (CallText(transcript),))),
            schema=Extraction,
            floor=lambda: rules(transcript),
        )
    )

Useful without the rest of the project; imports no SDK before an endpoint of its kind is connected. Metrics and traces
are observers in `llm_router.metrics` and `llm_router.spans`.
"""

from .cases import CaseText, CaseVocabulary, Codes, Quantity
from .decision import AttemptRecord, CandidateView, Decision, Verdict
from .errors import PolicyError, ProviderError, RedactionError, RequestError, RouterError
from .grounding import Grounded, Words
from .health import Health, Standing
from .loader import parse_policy
from .policy import Depth, Policy
from .policy_files import default_policy, default_prices, follow, read_policy
from .providers.connect import connector, import_sdks
from .redaction import RedactedText, redact
from .requests import (
    Delta,
    Finished,
    LLMOutcome,
    LLMRequest,
    Message,
    Restarted,
    Role,
    Source,
    StreamEvent,
)
from .router import Router
from .sensitivity import CallText, PublicText, Sensitivity

__all__ = [
    "AttemptRecord",
    "CallText",
    "CandidateView",
    "CaseText",
    "CaseVocabulary",
    "Codes",
    "Decision",
    "Delta",
    "Depth",
    "Finished",
    "Grounded",
    "Health",
    "LLMOutcome",
    "LLMRequest",
    "Message",
    "Policy",
    "PolicyError",
    "ProviderError",
    "PublicText",
    "Quantity",
    "RedactedText",
    "RedactionError",
    "RequestError",
    "Restarted",
    "Role",
    "Router",
    "RouterError",
    "Sensitivity",
    "Source",
    "Standing",
    "StreamEvent",
    "Verdict",
    "Words",
    "connector",
    "default_policy",
    "default_prices",
    "follow",
    "import_sdks",
    "parse_policy",
    "read_policy",
    "redact",
]
