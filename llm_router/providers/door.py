"""The door through which every byte to a provider goes: one scheme, one host, one port, one address, few headers.

In: an endpoint of the policy and its key. Out: HTTP clients for the SDKs that follow no redirect, read no environment
(proxies, netrc, certificates), and refuse anything that is not for the endpoint. Where the policy pins an address, the
connection goes there whatever the DNS says, with TLS still checked against the name. Headers are an allow-list and the
key is set here, so that nothing that an SDK picks up from its environment gets out.
"""

import logging
import ssl
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from llm_router.errors import EgressRefusedError, MalformedError, ProviderError, TimedOutError, UnreachableError
from llm_router.policy import Endpoint

if TYPE_CHECKING:
    import httpx2

HEADERS: Final = frozenset(
    name.encode()
    for name in (
        "accept",
        "accept-encoding",
        "anthropic-version",
        "connection",
        "content-length",
        "content-type",
        "idempotency-key",
        "transfer-encoding",
        "user-agent",
    )
)
"""What may go out; `host` and the key are set by the door."""
_PORTS: Final = {"http": 80, "https": 443}
CONNECT_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is, and what opens it."""

    scheme: str
    host: str
    port: int
    pin: str | None
    secret: tuple[bytes, bytes] | None = field(repr=False)
    """Header name and value."""

    @classmethod
    def of(cls, endpoint: Endpoint, secret: tuple[str, str] | None) -> "Address":
        """The address of an endpoint whose policy has been proven."""
        url = urlsplit(endpoint.url)
        key = (secret[0].encode(), secret[1].encode()) if secret is not None else None
        return cls(url.scheme, url.hostname or "", url.port or _PORTS[url.scheme], endpoint.pin, key)

    @property
    def netloc(self) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}").encode()

    def check(self, scheme: str, host: str, port: int | None) -> None:
        """Raises EgressRefusedError for anything but this very endpoint."""
        if (scheme, host, port or _PORTS.get(scheme)) != (self.scheme, self.host, self.port):
            raise EgressRefusedError("a request for another host")

    def headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers that go out."""
        kept = [(name, value) for name, value in given if name.lower() in HEADERS]
        return [(b"Host", self.netloc), *kept, *((self.secret,) if self.secret is not None else ())]


def _transport(library: ModuleType, address: Address, max_parallel: int) -> Any:
    """A transport of httpx or httpx2 (the same interface under two names) with the door in front of it."""

    class Door(library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            limits = library.Limits(max_connections=max_parallel, max_keepalive_connections=max_parallel)
            verify = ssl.create_default_context() if address.scheme == "https" else False
            self._inner = library.AsyncHTTPTransport(verify=verify, trust_env=False, limits=limits, retries=0)

        async def handle_async_request(self, request: Any) -> Any:
            url = request.url
            address.check(url.scheme, url.host, url.port)
            request.headers = library.Headers(address.headers(request.headers.raw))
            if address.pin is not None:
                request.extensions = {**request.extensions, "sni_hostname": address.host}
                request.url = url.copy_with(host=address.pin)
            return await self._inner.handle_async_request(request)

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Door()


def _options(library: ModuleType, address: Address, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "transport": _transport(library, address, endpoint.max_parallel * 2),
        "timeout": library.Timeout(endpoint.timeout_s, connect=CONNECT_S),
        "follow_redirects": False,
        "trust_env": False,
    }


def httpx2_client(address: Address, endpoint: Endpoint) -> "httpx2.AsyncClient":
    """The client for the SDKs that take one."""
    import httpx2

    return httpx2.AsyncClient(**_options(httpx2, address, endpoint))


def httpx_options(address: Address, endpoint: Endpoint) -> dict[str, Any]:
    """The keyword arguments of `httpx.AsyncClient`, for the SDK that makes its own."""
    import httpx

    return _options(httpx, address, endpoint)


def silence_sdk_logs() -> None:
    """Keeps the SDKs' debug and info lines out of every log: Anthropic's hold whole requests, text of calls and all."""
    for name in ("anthropic", "openai", "ollama", "httpx", "httpx2", "httpcore", "httpcore2"):
        own = [known for known in logging.root.manager.loggerDict if known.startswith(f"{name}.")]
        for logger in (name, *own):
            logging.getLogger(logger).setLevel(logging.WARNING)


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a `Retry-After` header; a date or nonsense counts as none. Held to ten minutes."""
    try:
        return min(max(float(value), 0.0), 600.0) if value is not None else None
    except ValueError:
        return None


AnswerShapeErrors: Final = (ValueError, TypeError, AttributeError, LookupError)
"""What an SDK, or reading its result, raises on an answer that is not of the provider's own format."""


def wire_errors(library: str) -> tuple[type[Exception], ...]:
    """Everything that `httpx` or `httpx2` raises; an SDK lets them through while it reads a stream."""
    http: Any = import_module(library)
    return (http.HTTPError, http.StreamError)


def wire_error(error: Exception, library: str) -> ProviderError:
    """The router's error for one of those. Never carries the request along."""
    http: Any = import_module(library)
    if isinstance(error, http.TimeoutException):
        return TimedOutError()
    return UnreachableError() if isinstance(error, http.TransportError) else MalformedError()
