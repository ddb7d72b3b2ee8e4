"""Makes the adapter of an endpoint, importing its SDK only then.

In: an endpoint of a proven policy and the keys that the host gives. Out: a `ModelPort`, or None for a cloud endpoint
whose key is missing: it is off, and every decision says so.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from llm_router.policy import Endpoint, Policy, Trust

from .port import ModelPort
from .scripted import Line, ScriptedModels

Connect = Callable[[str, Endpoint], ModelPort | None]
"""Endpoint name and endpoint in; its adapter out, or None when it is off."""


def connector(secrets: Mapping[str, str], scripts: Mapping[str, Sequence[Line]] | None = None) -> Connect:
    """Connects to real endpoints. `secrets` is looked up under each endpoint's `key_env`; nothing else is read."""

    def connect(name: str, endpoint: Endpoint) -> ModelPort | None:
        if endpoint.kind == "scripted":
            return ScriptedModels((scripts or {})[name]) if name in (scripts or {}) else None
        if _is_off(endpoint, secrets):
            return None
        return _adapter(endpoint, secrets.get(endpoint.key_env) if endpoint.key_env else None)

    return connect


def import_sdks(policy: Policy, secrets: Mapping[str, str]) -> None:
    """Imports the SDK of every endpoint that is not off: up to seconds, so not in an event loop that is busy."""
    for endpoint in policy.endpoints.values():
        if endpoint.kind != "scripted" and not _is_off(endpoint, secrets):
            import_module({"openai_compatible": "openai"}.get(endpoint.kind, endpoint.kind))


def _is_off(endpoint: Endpoint, secrets: Mapping[str, str]) -> bool:
    return endpoint.trust is Trust.CLOUD and not secrets.get(endpoint.key_env or "")


def _adapter(endpoint: Endpoint, key: str | None) -> ModelPort:
    match endpoint.kind:
        case "ollama":
            from .ollama import OllamaModels

            return OllamaModels(endpoint, key)
        case "anthropic":
            from .anthropic import AnthropicModels

            return AnthropicModels(endpoint, key)
        case "openai":
            from .openai import OpenAIModels

            return OpenAIModels(endpoint, key)
        case _:
            from .openai_compatible import OpenAICompatibleModels

            return OpenAICompatibleModels(endpoint, key)
