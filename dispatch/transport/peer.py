"""Who is at the other end: pure. The driver reports every client as 127.0.0.1, so the request is asked instead."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Protocol

from dispatch.settings import Network


class _Request(Protocol):
    @property
    def remote(self) -> str | None: ...

    @property
    def headers(self) -> "_Headers": ...


class _Headers(Protocol):
    def get(self, name: str, default: str, /) -> str: ...


def peer_address(request: _Request, proxies: Sequence[Network]) -> str:
    """The client's address: the last one in `X-Forwarded-For` that no trusted proxy added, else the connection's."""
    address = request.remote or ""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while forwarded and _trusted(address, proxies):
        address = forwarded.pop()
    return address


def _trusted(address: str, proxies: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in proxies)
