"""Providers' webhooks over HTTP: the raw bytes that were signed, and an empty answer.

In: requests. Out: 204 once the event is kept. A provider that is not set up does not exist; a wrong signature is 400.
"""

from aiohttp import web

from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.routes import ROUTES
from dispatch.observability.clock import Clock
from dispatch.providers.errors import WebhookForged
from dispatch.providers.signatures import Delivery
from dispatch.providers.webhooks import WebhookDesk
from dispatch.storage import StorageError


def bind_webhooks(app: web.Application, desk: WebhookDesk, clock: Clock, public_url: str) -> None:
    """Adds the route of webhooks. `public_url`: what providers call, where it is not the request's own."""

    async def take(request: web.Request) -> web.Response:
        provider = request.match_info["provider"]
        if not desk.knows(provider):
            raise Refused(ProblemCode.NOT_FOUND, "No such provider is set up.")
        url = f"{public_url or request.url.origin()}{request.path_qs}"
        delivery = Delivery(request.headers, await request.read(), url, clock.now())
        try:
            await desk.take(provider, delivery)
        except WebhookForged:
            raise Refused(ProblemCode.INVALID_MESSAGE, "This is not signed as this provider signs.") from None
        except StorageError:
            raise Refused(ProblemCode.UNAVAILABLE, "The event was not kept; send it again.") from None
        return web.Response(status=204)

    for route in ROUTES:
        if route.name == "take_webhook":
            app.router.add_route(route.method.value, route.path, take)
