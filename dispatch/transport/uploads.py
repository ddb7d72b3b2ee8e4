"""Uploads to a folder of this server: one PUT to an address that was signed for it, as with S3.

In: requests. Out: 204 once the file is whole on disk; 403 for an address that was not signed here, was signed for
another tenant, name or kind of content, or is too old. Bound: `MOST_BYTES`; more is 413 and leaves nothing behind.
"""

from typing import Final

from aiohttp import web

from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.routes import ROUTES
from dispatch.providers.errors import ProviderRefused
from dispatch.providers.files import FolderFiles

MOST_BYTES: Final = 16 * 1024 * 1024


def bind_uploads(app: web.Application, files: FolderFiles) -> None:
    """Adds the route of uploads."""

    async def store(request: web.Request) -> web.Response:
        content = await whole(request)
        try:
            await files.accept(request.path_qs, request.headers.get("Content-Type", ""), content)
        except ProviderRefused:
            raise Refused(ProblemCode.NOT_ALLOWED, "This address is not signed for that, or is too old.") from None
        return web.Response(status=204)

    for route in ROUTES:
        if route.name == "store_upload":
            app.router.add_route(route.method.value, route.path, store)


async def whole(request: web.Request) -> bytes:
    """The body. Raises Refused for one that is too large."""
    taken = bytearray()
    async for part in request.content.iter_any():
        taken += part
        if len(taken) > MOST_BYTES:
            raise Refused(ProblemCode.MESSAGE_TOO_LARGE, "The file is too large.")
    return bytes(taken)
