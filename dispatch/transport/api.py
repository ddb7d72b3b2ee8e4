"""The guarded routes over HTTP: requests to `dispatch.api` and its answers back.

In: HTTP requests. Out: JSON with an ETag, files, or coded problems (which the edge writes).
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from dispatch.api import Answer, Api, Incoming
from dispatch.contract.routes import RouteSpec
from dispatch.observability.logs import current_correlation_id

BEARER: Final = "Bearer "
ROLE_HEADER: Final = "Kiwimesh-Role"
KEY_HEADER: Final = "Idempotency-Key"


def bind_api(app: web.Application, api: Api) -> None:
    """Adds every guarded route of the contract."""
    for route in api.routes:
        app.router.add_route(route.method.value, route.path, _handler(api, route))


def _handler(api: Api, route: RouteSpec) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        return as_response(route, await api.answer(route, await incoming(request)))

    return answer


async def incoming(request: web.Request) -> Incoming:
    """A request as it arrived."""
    authorization = request.headers.get("Authorization", "")
    return Incoming(
        token=authorization.removeprefix(BEARER) if authorization.startswith(BEARER) else "",
        path=dict(request.match_info),
        query=dict(request.query),
        body=await request.read(),
        role=request.headers.get(ROLE_HEADER),
        key=request.headers.get(KEY_HEADER),
        version=request.headers.get("If-Match"),
        correlation_id=current_correlation_id() or "",
    )


def as_response(route: RouteSpec, answer: Answer) -> web.Response:
    """An answer with the status of its route; personal data is never kept by a cache."""
    response = _with_content(route, answer)
    response.headers["Cache-Control"] = "no-store"
    if answer.version is not None:
        response.headers["ETag"] = f'"{answer.version}"'
    return response


def _with_content(route: RouteSpec, answer: Answer) -> web.Response:
    if answer.download:
        named = f'attachment; filename="{answer.download.file_name}"'
        headers = {"Content-Type": answer.download.media_type, "Content-Disposition": named}
        return web.Response(body=answer.download.content, headers=headers)
    if answer.body is None:
        return web.Response(status=204)
    return web.Response(text=answer.body.model_dump_json(), content_type="application/json", status=route.status)
