"""OpenAPI 3.1 of the HTTP routes."""

from typing import Any

from dispatch.contract.base import PROTOCOL_VERSION
from dispatch.contract.routes import ROUTES, Credential, RouteSpec

from .schemas import IDENTIFIER, REF, Schemas, query_parameters, summary

REFUSALS = {
    400: "The body or the query is not what this route takes.",
    401: "Not signed in, or the wrong credentials.",
    403: "None of your roles may do this.",
    404: "There is no such record, or it belongs to somebody else.",
    409: "It does not go together with the record's present state.",
    410: "It was there once and has been deleted.",
    412: "Somebody changed it since you read it.",
    413: "The body is too large.",
    422: "Well formed, but it cannot be carried out; or the key was used for another request.",
    428: "If-Match with the version that was read is missing.",
    429: "Too many requests; wait a moment.",
    503: "A part of the server is away; what was acknowledged is safe.",
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Chosen by the client, 16 to 64 characters; the same request with the same key is carried out once.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{16,64}$"},
}
VERSION_HEADER = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the record as it was read.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}
ROLE_HEADER = {
    "name": "Kiwimesh-Role",
    "in": "header",
    "required": False,
    "description": "In which role to act, for somebody who has several that may; the first in x-roles otherwise.",
}


def document(schemas: Schemas) -> dict[str, Any]:
    """The whole document, with only the definitions that its routes reach."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    cookie = {"type": "apiKey", "in": "cookie", "name": "refresh", "description": "Set by signing in."}
    signed = {"type": "apiKey", "in": "header", "name": "Kiwimesh-Signature", "description": "Or the provider's own."}
    bearer = {"type": "http", "scheme": "bearer", "description": "The access token; it lives for ten minutes."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kiwimesh HTTP", "version": str(PROTOCOL_VERSION)},
        "paths": paths,
        "components": {
            "securitySchemes": {
                Credential.REFRESH_COOKIE.value: cookie,
                Credential.SIGNATURE.value: signed,
                Credential.BEARER.value: bearer,
            },
            "schemas": _reached(paths, schemas.definitions),
        },
    }


def _operation(route: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "responses": _answers(route, schemas) | {str(status): _refusal(status) for status in route.all_refusals},
    }
    if route.roles:
        operation["x-roles"] = list(route.roles)
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.request:
        operation["requestBody"] = {"required": True, "content": _json(schemas.sent_by_client[route.request])}
    if route.credential is not Credential.NONE:
        operation["security"] = [{route.credential.value: []}]
    return operation


def _parameters(route: RouteSpec) -> list[dict[str, Any]]:
    named = [{"name": name, "in": "path", "required": True, "schema": IDENTIFIER} for name in route.parameters]
    asked = query_parameters(route.query) if route.query else []
    keyed = [KEY_HEADER] if route.keyed else []
    versioned = [VERSION_HEADER] if route.versioned else []
    role = [ROLE_HEADER | {"schema": {"enum": list(route.roles)}}] if len(route.roles) > 1 else []
    return [*named, *asked, *keyed, *versioned, *role]


def _answers(route: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    if route.text:
        return {"200": {"description": route.summary, "content": {"text/plain": {"schema": {"type": "string"}}}}}
    if route.answer is None:
        return {str(route.status): {"description": "Done."}}
    body = {"description": summary(route.answer), "content": _json(schemas.sent_by_server[route.answer])}
    return {str(status): body for status in (route.status, *route.also)}


def _refusal(status: int) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": REF + "Problem"}}}
    return {"description": REFUSALS[status], "content": problem}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF + name}}}


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return {node.removeprefix(REF)} if isinstance(node, str) and node.startswith(REF) else set()
    return set().union(*map(_references, node.values()))


def _reached(paths: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reached: set[str] = set()
    fresh = _references(paths)
    while fresh:
        reached |= fresh
        fresh = set().union(*(_references(definitions[name]) for name in fresh)) - reached
    return {name: definitions[name] for name in sorted(reached)}
