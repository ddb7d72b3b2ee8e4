"""Every HTTP route of the product: method, path, bodies, who may ask, and how it is refused.

The transport binds its handlers from this table and OpenAPI is generated from it, so that a route that is not here does
not exist. Pages and their assets are not routes: they are files.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .base import Message
from .http import HealthReport, SampleList, Session, SignIn


class Method(StrEnum):
    """HTTP methods in use."""

    GET = "GET"
    POST = "POST"


class Credential(StrEnum):
    """What a request must bring along."""

    NONE = "none"
    REFRESH_COOKIE = "refresh_cookie"
    """The cookie that signing in set; scripts cannot read it."""


@dataclass(frozen=True)
class RouteSpec:
    """One route. `answer` None means plain text for GET and an empty 204 for POST.

    `refusals` are the statuses answered by a `Problem`; `also` those that carry the same body as the answer.
    """

    method: Method
    path: str
    summary: str
    request: type[Message] | None = None
    answer: type[Message] | None = None
    credential: Credential = Credential.NONE
    refusals: tuple[int, ...] = ()
    also: tuple[int, ...] = field(default=())


ROUTES: Final[tuple[RouteSpec, ...]] = (
    RouteSpec(
        Method.POST,
        "/v1/auth/sign-in",
        "Staff sign in; sets the refresh cookie.",
        SignIn,
        Session,
        refusals=(400, 401, 429),
    ),
    RouteSpec(
        Method.POST,
        "/v1/auth/refresh",
        "A fresh access token for the refresh cookie.",
        answer=Session,
        credential=Credential.REFRESH_COOKIE,
        refusals=(401,),
    ),
    RouteSpec(
        Method.POST,
        "/v1/auth/sign-out",
        "Ends the session and clears the cookie.",
        credential=Credential.REFRESH_COOKIE,
    ),
    RouteSpec(Method.GET, "/v1/samples", "Recorded example calls that a browser can play.", answer=SampleList),
    RouteSpec(Method.GET, "/health/live", "The process runs.", answer=HealthReport),
    RouteSpec(Method.GET, "/health/ready", "The server can take and journal a call.", answer=HealthReport, also=(503,)),
    RouteSpec(Method.GET, "/metrics", "Figures for Prometheus."),
)
