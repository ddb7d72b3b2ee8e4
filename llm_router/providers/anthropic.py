"""Anthropic through its SDK: messages with an output format and an effort.

Hardened: no redirect, no proxy, no retry, no profile or key of the environment (the door sets the only key), and the
SDK's own tracing is off, because it can carry content and adds headers.
"""

from collections.abc import AsyncGenerator
from typing import Any, Final

from llm_router.errors import MalformedError, ProviderError, TimedOutError, UnreachableError, from_status
from llm_router.policy import Endpoint

from .door import Address, AnswerShapeErrors, httpx2_client, retry_after_s, silence_sdk_logs, wire_error, wire_errors
from .port import Finish, ModelAnswer, ModelCall, ModelChunk

_FINISH: Final = {
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "pause_turn": Finish.LENGTH,
    "refusal": Finish.REFUSAL,
}
_BY_TYPE: Final = {"overloaded_error": 529, "rate_limit_error": 429, "authentication_error": 401, "api_error": 500}
"""Errors inside a stream come after a 200; their type says what they are."""


class AnthropicModels:
    """One account at Anthropic, or another server of the same interface."""

    def __init__(self, endpoint: Endpoint, key: str | None) -> None:
        import anthropic

        address = Address.of(endpoint, ("X-Api-Key", key) if key else None)
        silence_sdk_logs()
        self._sdk = anthropic
        self._errors: tuple[type[Exception], ...] = (
            anthropic.AnthropicError,
            *wire_errors("httpx2"),
            *AnswerShapeErrors,
        )
        self._client = anthropic.AsyncAnthropic(
            api_key=key or "none",
            base_url=endpoint.url,
            timeout=endpoint.timeout_s,
            max_retries=0,
            open_telemetry=False,
            http_client=httpx2_client(address, endpoint),
        )

    async def complete(self, call: ModelCall) -> ModelAnswer:
        try:
            response = await self._client.messages.create(**self._arguments(call))
            text = "".join(block.text for block in response.content if block.type == "text")
            return ModelAnswer(
                text=text,
                finish=_FINISH.get(response.stop_reason or "", Finish.STOP),
                input_tokens=_input_tokens(response.usage),
                output_tokens=response.usage.output_tokens,
                model=response.model,
            )
        except self._errors as error:
            raise self._translated(error) from None

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        ending = _Ending()
        try:
            events = await self._client.messages.create(**self._arguments(call), stream=True)
            try:
                async for event in events:
                    if text := ending.take(event):
                        yield ModelChunk(text)
            finally:
                await events.close()
            if (answer := ending.answer()) is not None:
                yield ModelChunk("", answer)
        except self._errors as error:
            raise self._translated(error) from None

    async def aclose(self) -> None:
        await self._client.close()

    def _arguments(self, call: ModelCall) -> dict[str, Any]:
        """The SDK's arguments. The body goes as `extra_body`: it is plain JSON already, and the SDK's walk over typed
        parameters costs a good part of its own time."""
        headers = {"Idempotency-Key": call.idempotency_key} if call.idempotency_key is not None else None
        return {
            "model": call.model,
            "max_tokens": call.max_output_tokens,
            "messages": (),
            "extra_body": _body(call),
            "extra_headers": headers,
        }

    def _translated(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, ProviderError):
            return error.__cause__
        if isinstance(error, self._sdk.APITimeoutError):
            return TimedOutError()
        if isinstance(error, self._sdk.APIConnectionError):
            return UnreachableError()
        if isinstance(error, self._sdk.APIStatusError):
            status = _BY_TYPE.get(error.type or "", 500) if error.status_code < 300 else error.status_code
            return from_status(status, retry_after_s(error.response.headers.get("retry-after")))
        if isinstance(error, (self._sdk.APIError, *AnswerShapeErrors)):
            return MalformedError()
        return wire_error(error, "httpx2")


def _body(call: ModelCall) -> dict[str, Any]:
    turns = [{"role": turn.role, "content": turn.text} for turn in call.turns]
    body: dict[str, Any] = {"system": call.system, "messages": turns}
    output: dict[str, Any] = {}
    if call.effort is not None:
        output["effort"] = call.effort
    if call.schema is not None:
        output["format"] = {"type": "json_schema", "schema": call.schema}
    if output:
        body["output_config"] = output
    return body


def _input_tokens(usage: Any) -> int:
    """All input that is billed: fresh, written to the cache, and read from it."""
    return int(
        (usage.input_tokens or 0) + (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    )


class _Ending:
    """Gathers a stream: the text so far, why it stopped, and the usage."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._stop_reason: str | None = None
        self._ended = False
        self._tokens = (0, 0)
        self._model = ""

    def take(self, event: Any) -> str:
        """The text of an event; most events have none."""
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            self._said.append(event.delta.text)
            return self._said[-1]
        if event.type == "message_start":
            self._model = event.message.model
            self._tokens = (_input_tokens(event.message.usage), 0)
        elif event.type == "message_delta":
            self._stop_reason = event.delta.stop_reason
            self._tokens = (self._tokens[0], event.usage.output_tokens)
        elif event.type == "message_stop":
            self._ended = True
        return ""

    def answer(self) -> ModelAnswer | None:
        """The whole, or None for a stream that was cut before it said why it stopped."""
        if not self._ended or self._stop_reason is None:
            return None
        finish = _FINISH.get(self._stop_reason, Finish.STOP)
        return ModelAnswer("".join(self._said), finish, *self._tokens, self._model)
