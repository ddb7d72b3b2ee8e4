"""What the SDKs of OpenAI and Anthropic have in common: one way to ask, to stream, and to fail.

In: an SDK's module and the call that asks it. Out: the port's two questions, with the SDK's errors as the router's. An
adapter says how a question is written, how an answer is read, and what an error's status is; nothing of a provider's
format stands here.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import ModuleType
from typing import Any, Protocol

from llm_router.errors import MalformedError, ProviderError, TimedOutError, UnreachableError, from_status

from .door import AnswerShapeErrors, retry_after_s, wire_error, wire_errors
from .port import ModelAnswer, ModelCall, ModelChunk


class Ending(Protocol):
    """Gathers a stream."""

    def take(self, piece: Any) -> str:
        """The text of a piece; many have none."""
        ...

    def answer(self) -> ModelAnswer | None:
        """The whole, or None for a stream that was cut before it said why it stopped."""
        ...


class SdkModels(ABC):
    """An account at a provider, through its SDK's client."""

    def __init__(
        self, sdk: ModuleType, root_error: type[Exception], client: Any, create: Callable[..., Awaitable[Any]]
    ) -> None:
        self._sdk = sdk
        self._client = client
        self._create = create
        self._errors: tuple[type[Exception], ...] = (root_error, *wire_errors("httpx2"), *AnswerShapeErrors)

    async def complete(self, call: ModelCall) -> ModelAnswer:
        try:
            return self._answer(await self._create(**self._arguments(call)))
        except self._errors as error:
            raise self._translated(error) from None

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        ending = self._ending()
        try:
            pieces = await self._create(**self._arguments(call), **self._stream_arguments())
            try:
                async for piece in pieces:
                    if text := ending.take(piece):
                        yield ModelChunk(text)
            finally:
                await pieces.close()
            if (answer := ending.answer()) is not None:
                yield ModelChunk("", answer)
        except self._errors as error:
            raise self._translated(error) from None

    async def aclose(self) -> None:
        await self._client.close()

    def _arguments(self, call: ModelCall) -> dict[str, Any]:
        """The SDK's arguments. The body goes as `extra_body`: it is plain JSON already, and the SDK's walk over typed
        parameters costs a quarter of its own time."""
        headers = {"Idempotency-Key": call.idempotency_key} if call.idempotency_key is not None else None
        return {"model": call.model, "messages": (), "extra_body": self._body(call), "extra_headers": headers}

    def _translated(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, ProviderError):
            return error.__cause__
        if isinstance(error, self._sdk.APITimeoutError):
            return TimedOutError()
        if isinstance(error, self._sdk.APIConnectionError):
            return UnreachableError()
        if isinstance(error, self._sdk.APIStatusError):
            return from_status(self._status(error), retry_after_s(error.response.headers.get("retry-after")))
        if isinstance(error, (self._sdk.APIError, *AnswerShapeErrors)):
            return MalformedError()
        return wire_error(error, "httpx2")

    def _status(self, error: Any) -> int:
        return int(error.status_code)

    def _stream_arguments(self) -> dict[str, Any]:
        return {"stream": True}

    @abstractmethod
    def _body(self, call: ModelCall) -> dict[str, Any]: ...

    @abstractmethod
    def _answer(self, response: Any) -> ModelAnswer: ...

    @abstractmethod
    def _ending(self) -> Ending: ...
