"""Ollama through its SDK: `/api/chat` with the answer's schema as its format.

The SDK's own client re-posts a prompt on a redirect, through `HTTP_PROXY`, to `OLLAMA_HOST`, and adds `OLLAMA_API_KEY`
(all reproduced); the door closes all four. A local Ollama forwards models named `-cloud` to the internet: refused here
too, and `OLLAMA_NO_CLOUD=1` on the server is recommended. Effort is `off`, `on`, or Ollama's own level.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from llm_router.errors import (
    EgressRefusedError,
    MalformedError,
    ProviderError,
    UnreachableError,
    from_status,
)
from llm_router.policy import Endpoint
from llm_router.proofs import forwards_to_cloud

from .door import Address, AnswerShapeErrors, httpx_options, silence_sdk_logs, wire_error, wire_errors
from .port import Finish, ModelAnswer, ModelCall, ModelChunk

_KEEP_ALIVE: Final = "30m"
_THINK: Final[Mapping[str, bool]] = {"off": False, "on": True}


class OllamaModels:
    """One Ollama server."""

    def __init__(self, endpoint: Endpoint, key: str | None) -> None:
        import ollama

        secret = ("Authorization", f"Bearer {key}") if key else None
        address = Address.of(endpoint, secret)
        silence_sdk_logs()
        self._sdk = ollama
        self._errors: tuple[type[Exception], ...] = (
            ollama.ResponseError,
            ConnectionError,
            *wire_errors("httpx"),
            *AnswerShapeErrors,
        )
        self._client = ollama.AsyncClient(host=endpoint.url, **httpx_options(address, endpoint))

    async def complete(self, call: ModelCall) -> ModelAnswer:
        try:
            response = await self._client.chat(**self._arguments(call), stream=False)
            return _answer(response, response.message.content or "")
        except self._errors as error:
            raise self._translated(error) from None

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        said: list[str] = []
        try:
            pieces: Any = await self._client.chat(**self._arguments(call), stream=True)
            try:
                async for piece in pieces:
                    said.append(piece.message.content or "")
                    done = _answer(piece, "".join(said)) if piece.done else None
                    if said[-1] or done:
                        yield ModelChunk(said[-1], done)
            finally:
                await pieces.aclose()
        except self._errors as error:
            raise self._translated(error) from None

    async def aclose(self) -> None:
        await self._client.close()  # type: ignore[no-untyped-call]

    def _arguments(self, call: ModelCall) -> dict[str, Any]:
        if forwards_to_cloud(call.model):
            raise EgressRefusedError("a model that is forwarded to a cloud")
        options: dict[str, Any] = {"num_predict": call.max_output_tokens, "temperature": 0}
        if call.context_tokens is not None:
            options["num_ctx"] = call.context_tokens
        return {
            "model": call.model,
            "messages": [
                {"role": "system", "content": call.system},
                *({"role": turn.role, "content": turn.text} for turn in call.turns),
            ],
            "format": call.schema,
            "think": None if call.effort is None else _THINK.get(call.effort, call.effort),
            "options": options,
            "keep_alive": _KEEP_ALIVE,
        }

    def _translated(self, error: Exception) -> ProviderError:
        if isinstance(error, self._sdk.ResponseError):
            return from_status(error.status_code) if error.status_code >= 0 else MalformedError("error in the stream")
        if isinstance(error, ConnectionError):
            return UnreachableError()
        if isinstance(error, AnswerShapeErrors):
            return MalformedError()
        return wire_error(error, "httpx")


def _answer(response: Any, text: str) -> ModelAnswer:
    return ModelAnswer(
        text=text,
        finish=Finish.LENGTH if response.done_reason == "length" else Finish.STOP,
        input_tokens=response.prompt_eval_count or 0,
        output_tokens=response.eval_count or 0,
        model=response.model or "",
    )
