"""The HTTP side: the routes of the contract's table, the pages, and the headers that every answer carries.

In: requests. Out: contract models as JSON, pages, recorded samples. Invariants: a route that is not in the table does
not exist; a refused request is answered with a coded problem; the refresh token travels in a cookie that scripts cannot
read and other sites cannot send.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

import structlog
from aiohttp import web
from pydantic import ValidationError

from dispatch.contract.base import Message
from dispatch.contract.http import HealthReport, SampleList, SignIn
from dispatch.contract.http import Session as SessionBody
from dispatch.contract.people import AcceptInvitation, CodeRedemption, CodeRequest, CodeTicket
from dispatch.contract.problems import STATUS, Problem, ProblemCode, Refused, problem
from dispatch.contract.routes import ROUTES, Credential
from dispatch.observability import metrics
from dispatch.observability.logs import correlated
from dispatch.settings import Network

from .peer import peer_address

MAX_BODY_BYTES: Final = 64 * 1024
BESIDE_PAGES: Final = {
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""Files that have to lie beside a page: a service worker, a manifest, icons. Their media types, wherever this runs."""
CORRELATION_HEADER: Final = "X-Correlation-ID"
CORRELATION_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
LONGEST_CLIENT: Final = 200
REFRESH_COOKIE: Final = "refresh"
REFRESH_PATH: Final = "/v1/auth"
NO_STREETS: Final = {"version": 8, "sources": {}, "layers": []}
"""A style as MapLibre reads it, of an installation that has no map."""
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; script-src 'self' blob:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), geolocation=(self), camera=()",
}

_log = structlog.get_logger(__name__)

BodyT = TypeVar("BodyT", bound=Message)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class SignedInSession:
    """What signing in gives: the answer's body, and the refresh token for the cookie with its life in seconds."""

    body: SessionBody
    refresh_token: str = field(repr=False)
    lives_s: int


class SignInDesk(Protocol):
    """What the HTTP side needs of identity. Each raises Refused."""

    async def sign_in(self, body: SignIn, address: str, client: str) -> SignedInSession: ...

    def request_code(self, phone: str, address: str) -> CodeTicket: ...

    async def redeem_code(self, body: CodeRedemption, client: str) -> SignedInSession: ...

    async def accept_invitation(self, body: AcceptInvitation, address: str, client: str) -> SignedInSession: ...

    async def refresh(self, refresh_token: str) -> SignedInSession: ...

    async def sign_out(self, refresh_token: str) -> None: ...


class HttpApi:
    """Handlers of the contract's routes."""

    def __init__(
        self, desk: SignInDesk, health: Callable[[], HealthReport], samples: SampleList, proxies: tuple[Network, ...],
        *, secure_cookies: bool,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._health = health
        self._samples = samples
        self._proxies = proxies
        self._secure = secure_cookies
        self._handlers: Final[dict[str, Handler]] = {
            "sign_in": self._sign_in,
            "request_code": self._request_code,
            "redeem_code": self._redeem_code,
            "accept_invitation": self._accept_invitation,
            "refresh": self._refresh,
            "sign_out": self._sign_out,
            "list_samples": self._list_samples,
            "health_live": self._live,
            "health_ready": self._ready,
            "metrics": self._metrics,
        }

    def bind(self, app: web.Application) -> None:
        """Adds every other route of the table than those of `bind_api` and `bind_webhooks`."""
        for route in ROUTES:
            if route.credential not in (Credential.BEARER, Credential.SIGNATURE):
                app.router.add_route(route.method.value, route.path, self._handlers[route.name])

    async def _sign_in(self, request: web.Request) -> web.Response:
        body = await body_of(request, SignIn)
        return self._session(await self._desk.sign_in(body, self._address(request), client_of(request)))

    async def _request_code(self, request: web.Request) -> web.Response:
        body = await body_of(request, CodeRequest)
        answer = as_json(self._desk.request_code(body.phone, self._address(request)))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _redeem_code(self, request: web.Request) -> web.Response:
        body = await body_of(request, CodeRedemption)
        return self._session(await self._desk.redeem_code(body, client_of(request)))

    async def _accept_invitation(self, request: web.Request) -> web.Response:
        body = await body_of(request, AcceptInvitation)
        return self._session(await self._desk.accept_invitation(body, self._address(request), client_of(request)))

    def _address(self, request: web.Request) -> str:
        return peer_address(request, self._proxies)

    async def _refresh(self, request: web.Request) -> web.Response:
        return self._session(await self._desk.refresh(request.cookies.get(REFRESH_COOKIE, "")))

    async def _sign_out(self, request: web.Request) -> web.Response:
        await self._desk.sign_out(request.cookies.get(REFRESH_COOKIE, ""))
        answer = web.Response(status=204)
        answer.del_cookie(REFRESH_COOKIE, path=REFRESH_PATH)
        return answer

    def _session(self, session: SignedInSession) -> web.Response:
        answer = as_json(session.body)
        answer.set_cookie(
            REFRESH_COOKIE, session.refresh_token, max_age=session.lives_s, path=REFRESH_PATH, httponly=True,
            secure=self._secure, samesite="Strict",
        )  # fmt: skip
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _list_samples(self, request: web.Request) -> web.Response:
        del request
        return as_json(self._samples)

    async def _live(self, request: web.Request) -> web.Response:
        del request
        return as_json(self._health())

    async def _ready(self, request: web.Request) -> web.Response:
        del request
        report = self._health()
        return as_json(report, status=200 if report.ready else 503)

    async def _metrics(self, request: web.Request) -> web.Response:
        del request
        return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})


async def body_of(request: web.Request, model: type[BodyT]) -> BodyT:
    """The body as the route's model. Raises Refused that names no value."""
    try:
        return model.model_validate_json(await request.read())
    except ValidationError:
        fields = ", ".join(model.model_fields)
        raise Refused(ProblemCode.INVALID_MESSAGE, f"This route takes an object with {fields}.") from None


def client_of(request: web.Request) -> str:
    """What signs in, in words that its owner recognises in the list of sessions."""
    return request.headers.get("User-Agent", "")[:LONGEST_CLIENT]


def as_json(body: Message, *, status: int = 200) -> web.Response:
    """A contract model as an answer."""
    return web.Response(text=body.model_dump_json(), content_type="application/json", status=status)


def as_problem(told: Problem) -> web.Response:
    """A refusal as an answer, in the media type of RFC 9457."""
    answer = as_json(told, status=STATUS.get(told.code, 500))
    answer.content_type = "application/problem+json"
    return answer


@web.middleware
async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals become coded problems; every answer carries the security headers and the request's correlation id."""
    correlation_id = correlation_of(request.headers.get(CORRELATION_HEADER, ""))
    with correlated(correlation_id):
        answer = await answer_of(request, handler)
    if not answer.prepared:
        answer.headers.update(SECURITY_HEADERS)
        answer.headers[CORRELATION_HEADER] = correlation_id
    return answer


async def answer_of(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the handler answers, or a coded problem where it raised."""
    try:
        return await handler(request)
    except Refused as refused:
        answer = as_problem(refused.problem)
    except web.HTTPNotFound:
        answer = as_problem(problem(ProblemCode.NOT_FOUND, "There is nothing at this address."))
    except web.HTTPMethodNotAllowed as refused:
        answer = as_problem(problem(ProblemCode.METHOD_NOT_ALLOWED, "This address does not take that method."))
        answer.headers["Allow"] = refused.headers["Allow"]
    except web.HTTPRequestEntityTooLarge:
        answer = as_problem(problem(ProblemCode.MESSAGE_TOO_LARGE, "The body is too large."))
    except web.HTTPException:
        raise
    except Exception:  # noqa: BLE001 - the boundary: one request fails, is reported, and nobody else notices
        _log.error("request failed", method=request.method, route=_route_of(request), exc_info=True)
        answer = as_problem(problem(ProblemCode.INTERNAL, "Something went wrong on our side."))
    return answer


def _route_of(request: web.Request) -> str:
    """The route's path with its parameters' names, never with their values."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def correlation_of(given: str) -> str:
    """The client's own correlation id where it is one, else a new one."""
    return given if CORRELATION_ID.fullmatch(given) else secrets.token_hex(8)


def serve_pages(app: web.Application, pages: Mapping[str, Path], samples: Path) -> None:
    """The built pages by the prefix of their addresses, and the recorded samples, as files."""
    for prefix, folder in pages.items():
        if (folder / "index.html").exists():
            app.router.add_get(f"{prefix}/", _page(folder / "index.html"))
            if prefix:
                app.router.add_get(prefix, _page(folder / "index.html"))
            for path in sorted(folder.iterdir()):
                if path.suffix in BESIDE_PAGES:
                    app.router.add_get(f"{prefix}/{path.name}", _page(path))
            app.router.add_static(f"{prefix}/assets", folder / "assets")
    if samples.is_dir():
        app.router.add_static("/samples", samples)


def serve_map(app: web.Application, folder: Path | None) -> None:
    """The streets behind the operators' map at `/map/`: a style and its files. Without them, a style of nothing."""

    async def nothing(request: web.Request) -> web.Response:
        del request
        return web.json_response(NO_STREETS, headers={"Cache-Control": "no-cache"})

    if folder and (folder / "style.json").is_file():
        app.router.add_static("/map", folder)
        return
    if folder:
        _log.warning("map without streets: there is no style.json in map_dir")
    app.router.add_get("/map/style.json", nothing)


def serve_cards(app: web.Application, cards: Callable[[], str]) -> None:
    """The protocols as paper cards at `/cards.html`, made when they are first asked for."""
    made: list[str] = []

    async def page(request: web.Request) -> web.Response:
        del request
        if not made:
            made.append(await asyncio.to_thread(cards))
        return web.Response(text=made[0], content_type="text/html", headers={"Cache-Control": "no-cache"})

    app.router.add_get("/cards.html", page)


def _page(path: Path) -> Handler:
    async def page(request: web.Request) -> web.FileResponse:
        del request
        headers = {"Cache-Control": "no-cache"}
        if kind := BESIDE_PAGES.get(path.suffix):
            headers["Content-Type"] = kind
        return web.FileResponse(path, headers=headers)

    return page
