"""The closed JSON schema of an answer, in the words that every provider's strict mode understands.

In: a pydantic model. Out: its JSON schema with every object closed, every property required, and only the keywords that
strict modes know; what they do not know (lengths, patterns, bounds) is checked afterwards by the model itself. Pure.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .errors import RequestError

if TYPE_CHECKING:
    from pydantic import BaseModel

_KEPT: Final = frozenset({"type", "enum", "const", "description", "items", "anyOf", "$defs", "properties"})


@lru_cache(maxsize=256)
def closed_schema(model: "type[BaseModel]") -> Mapping[str, object]:
    """The schema of `model`. Raises RequestError for one that would let a model say anything (a free mapping)."""
    closed: Mapping[str, object] = _closed(model.model_json_schema())
    return closed


def _closed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    if "oneOf" in node:
        node = {**node, "anyOf": node["oneOf"]}
    if node.get("additionalProperties") not in (None, False) or "prefixItems" in node:
        raise RequestError("the schema of an answer must be closed")
    kept = {key: _closed_value(key, value) for key, value in node.items() if key in _KEPT}
    if node.get("type") == "object":
        kept["required"] = list(node.get("properties", {}))
        kept["additionalProperties"] = False
    return kept


def _closed_value(key: str, value: Any) -> Any:
    if key in ("properties", "$defs"):
        return {name: _closed(child) for name, child in value.items()}
    if key == "anyOf":
        return [_closed(child) for child in value]
    return _closed(value) if key == "items" else value
