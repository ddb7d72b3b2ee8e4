"""Everything that can go wrong, one tree.

RouterError
├── PolicyError            a policy text that fails a proof; the old policy stays
├── RequestError           a caller's mistake: unknown task, no message, a schema that is not closed
├── RedactionError         text that cannot be redacted reversibly
└── ProviderError          one attempt at one model failed; never reaches a caller of `complete` or `stream`
    ├── UnreachableError    no connection, or it broke                        retryable
    ├── TimedOutError       no answer within the attempt's time               retryable
    ├── StalledError        a stream stopped, or drips                        retryable
    ├── RateLimitedError    429                                               retryable, may say when
    ├── OverloadedError     503, 529                                          retryable, may say when
    ├── ServerFaultError    any other 5xx                                     retryable
    ├── MalformedError      an answer that is not the provider's own format   retryable
    ├── AuthRefusedError    401, 403, 404: wrong key, right or model          not before somebody repairs it
    ├── BadRequestError     any other 4xx: our request is wrong               never
    ├── EgressRefusedError  a redirect, or a host that is not the pinned one  never
    ├── RefusedError        the model declined                                never
    ├── TruncatedError      the answer hit the output limit                   never
    ├── RejectedError       the answer failed schema, grounding or invariant  never
    └── AdapterFaultError   a fault in our adapter or in an SDK               never

A message never holds text of a request or of an answer, so every error is safe to log.
"""

from typing import ClassVar


class RouterError(Exception):
    """Root. `code` is stable and machine-readable; `retryable` says whether the same thing may work a little later."""

    code: ClassVar[str] = "router_error"
    retryable: ClassVar[bool] = False


class PolicyError(RouterError):
    """A policy that fails a proof. `problems` lists all of them, each with the place in the file."""

    code = "policy_refused"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class RequestError(RouterError):
    """A request that no policy could serve; raised before anything is sent."""

    code = "request_refused"


class RedactionError(RouterError):
    """Text that cannot be redacted reversibly."""

    code = "redaction_refused"


class ProviderError(RouterError):
    """One attempt at one model failed."""

    code = "provider_error"

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail or self.code)
        self.retry_after_s = retry_after_s


class UnreachableError(ProviderError):
    code = "unreachable"
    retryable = True


class TimedOutError(ProviderError):
    code = "timed_out"
    retryable = True


class StalledError(ProviderError):
    code = "stalled"
    retryable = True


class RateLimitedError(ProviderError):
    code = "rate_limited"
    retryable = True


class OverloadedError(ProviderError):
    code = "overloaded"
    retryable = True


class ServerFaultError(ProviderError):
    code = "server_fault"
    retryable = True


class MalformedError(ProviderError):
    code = "malformed"
    retryable = True


class AuthRefusedError(ProviderError):
    code = "auth_refused"


class BadRequestError(ProviderError):
    code = "bad_request"


class EgressRefusedError(ProviderError):
    code = "egress_refused"


class RefusedError(ProviderError):
    code = "refused"


class TruncatedError(ProviderError):
    code = "truncated"


class RejectedError(ProviderError):
    code = "rejected"


class AdapterFaultError(ProviderError):
    code = "adapter_fault"


def from_status(status: int, retry_after_s: float | None = None) -> ProviderError:
    """The error for an HTTP status. `retry_after_s` is what the provider asked for, in seconds."""
    detail = f"status {status}"
    if status == 429:
        return RateLimitedError(detail, retry_after_s=retry_after_s)
    if status in (503, 529):
        return OverloadedError(detail, retry_after_s=retry_after_s)
    if status in (401, 403, 404):
        return AuthRefusedError(detail)
    if 300 <= status < 400:
        return EgressRefusedError(detail)
    if 400 <= status < 500:
        return BadRequestError(detail)
    return ServerFaultError(detail, retry_after_s=retry_after_s)
