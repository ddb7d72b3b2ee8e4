"""The port that every adapter fills: one question to one model, whole or as a stream.

In: a `ModelCall` of plain text turns, rendered and delimited. Out: a `ModelAnswer`, or pieces that end with one.
Errors: `ProviderError` and its kin, never an SDK's own. An adapter does not retry, does not follow a redirect, reads no
environment variable, and closes its connection when its task is cancelled or its stream is closed.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message in a conversation."""

    role: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One question to one model."""

    model: str
    system: str = field(repr=False)
    turns: tuple[Turn, ...]
    schema_name: str
    schema: Mapping[str, object] | None
    """A closed JSON schema, or None for plain text."""
    max_output_tokens: int
    context_tokens: int | None = None
    """Size of the context that a local server is asked to keep, so that it never cuts a long transcript silently."""
    effort: str | None = None
    """The provider's own word for how hard to think."""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model said in the end, and how many tokens that took."""

    text: str = field(repr=False)
    finish: Finish
    input_tokens: int
    output_tokens: int
    model: str
    """The name that the provider gave for the model that answered."""


@dataclass(frozen=True, slots=True)
class ModelChunk:
    """A piece of a streamed answer. The last one carries the whole answer."""

    text: str = field(repr=False)
    answer: ModelAnswer | None = None


class ModelPort(Protocol):
    """One endpoint."""

    async def complete(self, call: ModelCall) -> ModelAnswer:
        """The whole answer. Raises ProviderError."""
        ...

    def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        """Pieces as they come; a stream that ends without its last chunk was cut. Raises ProviderError."""
        ...

    async def aclose(self) -> None:
        """Closes all connections."""
        ...
