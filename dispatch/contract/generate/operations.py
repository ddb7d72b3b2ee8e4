"""TypeScript of the HTTP routes: what each takes and gives, by operation id, and the table that a client works from.

In: the routes with their models. Out: `web/sdk/src/operations.ts`. Invariants: the roles of a route come from the same
declaration that guards it, so that what a page offers and what the server allows cannot differ.
"""

import json
from typing import Any, Final

from dispatch.contract.routes import ROUTES, Credential, RouteSpec

from .schemas import Schemas, query_parameters
from .typescript import ts_type

HEADER = """// Made from dispatch/contract by `python -m dispatch.contract.generate`. Do not edit: a test compares them.
import type {
IMPORTS
} from "./contract.ts";

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly credential: "none" | "refresh_cookie" | "bearer";
  /** Who may ask; empty for everybody. */
  readonly roles: readonly string[];
  /** Takes an Idempotency-Key. */
  readonly keyed: boolean;
  /** Wants If-Match. */
  readonly versioned: boolean;
  readonly gives: "json" | "text" | "file" | "nothing";
}
"""

CALLED: Final = tuple(route for route in ROUTES if route.credential is not Credential.SIGNATURE)
"""Signed routes are called by providers, never by a page."""


def source(schemas: Schemas) -> str:
    """The whole module."""
    used = {schemas.sent_by_client[route.request] for route in CALLED if route.request}
    used |= {schemas.sent_by_server[route.answer] for route in CALLED if route.answer}
    imports = ",\n".join(f"  {name}" for name in sorted(used)) + ","
    types = "".join(_types(route, schemas) for route in CALLED)
    rows = "".join(f"  {route.name}: {_row(route)},\n" for route in CALLED)
    return (
        HEADER.replace("IMPORTS", imports)
        + f"\n/** What each route takes and gives, by operation id. */\nexport interface Operations {{\n{types}}}\n"
        + f"\nexport const OPERATIONS = {{\n{rows}}} as const satisfies Record<keyof Operations, Operation>;\n"
    )


def _types(route: RouteSpec, schemas: Schemas) -> str:
    path = "".join(f"readonly {name}: string; " for name in route.parameters)
    body = schemas.sent_by_client[route.request] if route.request else "undefined"
    answer = {"json": "", "text": "string", "file": "Blob", "nothing": "undefined"}[_gives(route)]
    if route.answer:
        answer = schemas.sent_by_server[route.answer]
    return (
        f"  /** {route.summary} */\n  {route.name}: {{ path: {{ {path}}}; query: {{ {_query(route)}}};"
        f" body: {body}; answer: {answer} }};\n"
    )


def _query(route: RouteSpec) -> str:
    asked = query_parameters(route.query) if route.query else []
    return "".join(f"readonly {it['name']}{'' if it['required'] else '?'}: {ts_type(it['schema'])}; " for it in asked)


def _gives(route: RouteSpec) -> str:
    if route.answer:
        return "json"
    if route.text:
        return "text"
    return "nothing" if route.status == 204 else "file"


def _row(route: RouteSpec) -> str:
    row: dict[str, Any] = {
        "method": route.method,
        "path": route.path,
        "credential": route.credential,
        "roles": list(route.roles),
        "keyed": route.keyed,
        "versioned": route.versioned,
        "gives": _gives(route),
    }
    inside = ", ".join(f"{name}: {json.dumps(value)}" for name, value in row.items())
    return f"{{ {inside} }}"
