"""Asking a provider over HTTP: one time-out, and statuses turned into errors that say whether trying again helps.

In: an httpx client, a request. Out: the answer of a success. Invariants: never waits longer than `WITHIN_S`; follows no
redirect; a correlation id travels along; an answer's body never reaches an error message.
"""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from dispatch.observability.logs import current_correlation_id

from .errors import ProviderAway, ProviderBusy, ProviderRefused

WITHIN_S: Final = 10.0
LONGEST_RETRY_AFTER_S: Final = 3600.0
TOO_MANY: Final = 429
REQUEST_TIMEOUT: Final = 408
CONFLICT: Final = 409


def new_client(within_s: float = WITHIN_S) -> httpx.AsyncClient:
    """A client for one provider; close it with the process."""
    return httpx.AsyncClient(timeout=within_s, follow_redirects=False)


async def ask(
    client: httpx.AsyncClient, method: str, url: str, *, headers: Mapping[str, str] | None = None, **body: Any
) -> httpx.Response:
    """The answer, where it is a success. Raises ProviderAway, ProviderBusy or ProviderRefused."""
    correlation_id = current_correlation_id()
    told = {"X-Correlation-ID": correlation_id} if correlation_id else {}
    try:
        answer = await client.request(method, url, headers={**told, **(headers or {})}, **body)
    except httpx.HTTPError as error:
        raise ProviderAway(f"no answer ({type(error).__name__})") from None
    return judged(answer)


def judged(answer: httpx.Response) -> httpx.Response:
    """The same answer, if it is a success."""
    status = answer.status_code
    if answer.is_success:
        return answer
    if status == TOO_MANY:
        raise ProviderBusy("asked too often", retry_after_s(answer.headers.get("Retry-After", "")))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in (REQUEST_TIMEOUT, CONFLICT):
        raise ProviderAway(f"answered with status {status}")
    raise Refusal(f"answered with status {status}", answer)


class Refusal(ProviderRefused):
    """A refusal with its answer, for an adapter that knows the provider's codes."""

    def __init__(self, message: str, answer: httpx.Response) -> None:
        super().__init__(message)
        self.answer = answer


def retry_after_s(header: str) -> float:
    """Seconds that a provider asks us to wait; dates and nonsense count as none."""
    return min(float(header), LONGEST_RETRY_AFTER_S) if header.isascii() and header.isdigit() else 0.0
