"""OpenAPI 3.1 of the HTTP routes."""

from typing import Any

from dispatch.contract.base import PROTOCOL_VERSION
from dispatch.contract.routes import ROUTES, Credential, Method, RouteSpec

from .schemas import REF, Schemas, summary

REFUSALS = {
    400: "The body is not what this route takes.",
    401: "Not signed in, or the wrong credentials.",
    429: "Too many tries; wait a moment.",
}


def document(schemas: Schemas) -> dict[str, Any]:
    """The whole document, with only the definitions that its routes reach."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    cookie = {"type": "apiKey", "in": "cookie", "name": "refresh", "description": "Set by signing in."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kiwimesh HTTP", "version": str(PROTOCOL_VERSION)},
        "paths": paths,
        "components": {
            "securitySchemes": {Credential.REFRESH_COOKIE.value: cookie},
            "schemas": _reached(paths, schemas.definitions),
        },
    }


def _operation(route: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{route.path.replace('/', '_').replace('-', '_')}",
        "summary": route.summary,
        "responses": _answers(route, schemas) | {str(status): _refusal(status) for status in route.refusals},
    }
    if route.request:
        operation["requestBody"] = {"required": True, "content": _json(schemas.sent_by_client[route.request])}
    if route.credential is not Credential.NONE:
        operation["security"] = [{route.credential.value: []}]
    return operation


def _answers(route: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    if route.answer is None and route.method is Method.POST:
        return {"204": {"description": "Done."}}
    if route.answer is None:
        return {"200": {"description": route.summary, "content": {"text/plain": {"schema": {"type": "string"}}}}}
    body = {"description": summary(route.answer), "content": _json(schemas.sent_by_server[route.answer])}
    return {str(status): body for status in (200, *route.also)}


def _refusal(status: int) -> dict[str, Any]:
    return {"description": REFUSALS[status], "content": _json("Problem")}


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
