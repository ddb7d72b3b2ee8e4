"""The page of all HTTP routes, for people."""

from dispatch.contract.problems import STATUS, ProblemCode
from dispatch.contract.routes import ROUTES, Credential, RouteSpec

HEADER = """# HTTP routes

Made from `dispatch/contract` by `python -m dispatch.contract.generate`. Bodies and answers:
[openapi.json](openapi.json); how refusals read: [protocol.md](../protocol.md#problems).

A route with roles wants `Authorization: Bearer ...`. *key*: send an `Idempotency-Key`; the same request with the same
key is carried out once. *version*: send the record's `ETag` back as `If-Match`. Lists are read in pages: send
`next_cursor` back as `cursor`.

| route | what | who | |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEADER + "".join(_row(route) for route in ROUTES) + _statuses()


def _row(route: RouteSpec) -> str:
    marks = [word for word, wanted in (("key", route.keyed), ("version", route.versioned)) if wanted]
    return f"| `{route.method} {route.path}` | {route.summary} | {_who(route)} | {', '.join(marks)} |\n"


def _who(route: RouteSpec) -> str:
    if route.roles:
        return ", ".join(role.replace("_", " ") for role in route.roles)
    return "holder of the refresh cookie" if route.credential is Credential.REFRESH_COOKIE else "anybody"


def _statuses() -> str:
    rows = "".join(f"| {STATUS[code]} | `{code}` |\n" for code in ProblemCode if code in STATUS)
    return f"\n## Status of a refusal\n\n| status | code |\n|---|---|\n{rows}"
