"""What a route is: method, path, bodies, who may ask, and how it is refused.

Invariants: a route with roles wants a bearer token of somebody who has one of them; those roles are the one source for
the guard, for `x-roles` in OpenAPI, for what a client shows, and for the label in the audit log.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.contract.base import Message
from dispatch.contract.roles import Role


class Method(StrEnum):
    """HTTP methods in use."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Credential(StrEnum):
    """What a request must bring along."""

    NONE = "none"
    REFRESH_COOKIE = "refresh_cookie"
    """The cookie that signing in set; scripts cannot read it."""
    SIGNATURE = "signature"
    """A signature over the request, in a header that its provider chose."""
    BEARER = "bearer"
    """An access token in the Authorization header."""


GUARDED: Final = (400, 401, 403, 404, 413, 429, 503)
"""How any route with roles may refuse."""
KEYED: Final = (409, 422)
"""How a route that takes an Idempotency-Key may refuse, besides."""
VERSIONED: Final = (409, 412, 428)
"""How a route that wants If-Match may refuse, besides."""


@dataclass(frozen=True)
class RouteSpec:
    """One route. `name` is its operation id, and the action in the audit log.

    `answer` None means an empty 204, or plain text where `text` says so. A body is answered with `status`; `also` are
    further statuses with the same body; `refusals` are statuses answered by a `Problem`, besides those that follow from
    the route being guarded, keyed or versioned.
    """

    name: str
    method: Method
    path: str
    summary: str
    request: type[Message] | None = None
    query: type[Message] | None = None
    answer: type[Message] | None = None
    status: int = 200
    credential: Credential = Credential.NONE
    roles: tuple[Role, ...] = ()
    keyed: bool = False
    """Takes an Idempotency-Key: the same request with the same key is carried out once."""
    versioned: bool = False
    """Wants If-Match with the version that was read."""
    audited: bool = False
    """Reading it goes into the audit log. Whatever changes something always does."""
    telemetry: bool = False
    """Changes a measurement that comes every few seconds; the audit log would hold nothing else."""
    text: bool = False
    refusals: tuple[int, ...] = ()
    also: tuple[int, ...] = ()

    @property
    def all_refusals(self) -> tuple[int, ...]:
        """Every status that a `Problem` may come with."""
        guarded = GUARDED if self.credential is Credential.BEARER else ()
        changing = (409,) if guarded and self.changes else ()
        keyed = KEYED if self.keyed else ()
        versioned = VERSIONED if self.versioned else ()
        return tuple(sorted({*self.refusals, *guarded, *changing, *keyed, *versioned}))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path, in order."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def changes(self) -> bool:
        """Whether it changes something that the audit log has to hold."""
        return self.method is not Method.GET and not self.telemetry


def guarded(
    name: str, method: Method, path: str, summary: str, roles: tuple[Role, ...], *,
    request: type[Message] | None = None, query: type[Message] | None = None, answer: type[Message] | None = None,
    status: int | None = None, keyed: bool = False, versioned: bool = False, audited: bool = False,
    telemetry: bool = False, refusals: tuple[int, ...] = (),
) -> RouteSpec:  # fmt: skip
    """A route for people who are signed in with one of `roles`."""
    return RouteSpec(
        name, method, path, summary, request, query, answer, status or (200 if answer else 204), Credential.BEARER,
        roles, keyed, versioned, audited, telemetry, refusals=refusals,
    )  # fmt: skip
