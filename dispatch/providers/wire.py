"""Asking a provider over HTTP: one time-out, and statuses turned into errors that say whether trying again helps.

In: an httpx client, a request. Out: the answer of a success. Invariants: never waits longer than `WITHIN_S`; follows no
redirect; a correlation id travels along; an answer's body never reaches an error message. All adapters that speak to
somebody outside speak through here, so this is where an exercise ends: within one, nothing is sent, whoever asks. A
provider that does not answer holds up one job at a time, not every slot of a worker for `WITHIN_S` each.
"""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
from typing_extensions import override

from dispatch.jobs import in_exercise
from dispatch.observability import metrics
from dispatch.observability.logs import current_correlation_id

from .errors import ExerciseKept, ProviderAway, ProviderBusy, ProviderDenied, ProviderRefused

WITHIN_S: Final = 10.0
LONGEST_RETRY_AFTER_S: Final = 3600.0
TOO_MANY: Final = 429
REQUEST_TIMEOUT: Final = 408
CONFLICT: Final = 409
DENIED: Final = (401, 403)
SILENT: Final = (httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout)


class Client(httpx.AsyncClient):
    """A client that asks a host which let a request time out one thing at a time, until it answers again."""

    def __init__(self, within_s: float) -> None:
        super().__init__(timeout=within_s, follow_redirects=False)
        self._silent: set[str] = set()
        self._asked: set[str] = set()
        """Silent ones that somebody waits for."""

    @override
    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        """Raises ConnectTimeout at once while somebody else waits for a silent host."""
        host = request.url.netloc.decode()
        if host in self._asked:
            raise httpx.ConnectTimeout("somebody else waits for it", request=request)
        silent = host in self._silent
        if silent:
            self._asked.add(host)
        try:
            answer = await super().send(request, **more)
        except SILENT:
            self._silent.add(host)
            raise
        finally:
            if silent:
                self._asked.discard(host)
        self._silent.discard(host)
        return answer


def new_client(within_s: float = WITHIN_S) -> httpx.AsyncClient:
    """A client for all providers of a process; close it with the process."""
    return Client(within_s)


async def ask(
    client: httpx.AsyncClient, provider: str, method: str, url: str, *, headers: Mapping[str, str] | None = None,
    **body: Any,
) -> httpx.Response:  # fmt: skip
    """The answer, where it is a success. `provider`: whose figures count it.

    Raises ProviderAway, ProviderBusy, Denial or Refusal; ExerciseKept within an exercise, before anything is sent.
    """
    if in_exercise():
        raise ExerciseKept(f"nothing of an exercise goes to {provider}")
    began, outcome = time.monotonic(), "refused"
    try:
        answer = await _answer(client, method, url, headers or {}, body)
        outcome = "done"
        return answer
    except ProviderBusy:
        outcome = "busy"
        raise
    except ProviderAway:
        outcome = "away"
        raise
    except ProviderDenied:
        outcome = "denied"
        raise
    finally:
        metrics.PROVIDER_SECONDS.labels(provider, outcome).observe(time.monotonic() - began)


async def _answer(
    client: httpx.AsyncClient, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any]
) -> httpx.Response:
    correlation_id = current_correlation_id()
    told = {"X-Correlation-ID": correlation_id} if correlation_id else {}
    try:
        answer = await client.request(method, url, headers={**told, **headers}, **body)
    except httpx.HTTPError as error:
        raise ProviderAway(f"no answer ({type(error).__name__})") from None
    return judged(answer)


def judged(answer: httpx.Response) -> httpx.Response:
    """The same answer, if it is a success."""
    status = answer.status_code
    if answer.is_success:
        return answer
    if status == TOO_MANY:
        raise ProviderBusy("asked too often", retry_after_s(answer.headers))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in (REQUEST_TIMEOUT, CONFLICT):
        raise ProviderAway(f"answered with status {status}", retry_after_s(answer.headers))
    if status in DENIED:
        raise Denial(f"answered with status {status}", answer)
    raise Refusal(f"answered with status {status}", answer)


class Refusal(ProviderRefused):
    """A refusal with its answer, for an adapter that knows the provider's codes."""

    def __init__(self, message: str, answer: httpx.Response) -> None:
        super().__init__(message)
        self.answer = answer


class Denial(ProviderDenied):
    """A denial with its answer."""

    def __init__(self, message: str, answer: httpx.Response) -> None:
        super().__init__(message)
        self.answer = answer


def body_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of a success. Raises ProviderAway for anything else, such as a page that says "back soon"."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderAway("answered something that is no JSON object")
    return found


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that a provider asks us to wait, up to an hour (RFC 9110, 10.2.3); nonsense counts as none.

    A date is compared with the answer's own, so that it does not matter whose clock is right.
    """
    asked = headers.get("Retry-After", "")
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), LONGEST_RETRY_AFTER_S)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return 0.0
    return min(max(wait.total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
