"""OpenAI through its SDK: chat completions with a strict JSON schema.

Hardened: the key, organisation and headers of the environment never get out (the door sets the only key), no redirect,
no proxy, no retry, and nothing is stored at the provider (`store` is false).
"""

from collections.abc import AsyncGenerator
from typing import Any, Final

from llm_router.errors import MalformedError, ProviderError, TimedOutError, UnreachableError, from_status
from llm_router.policy import Endpoint

from .door import Address, AnswerShapeErrors, httpx2_client, retry_after_s, silence_sdk_logs, wire_error, wire_errors
from .port import Finish, ModelAnswer, ModelCall, ModelChunk

_FINISH: Final = {"length": Finish.LENGTH, "content_filter": Finish.REFUSAL}


class OpenAIModels:
    """One account at OpenAI, or another server of the same interface."""

    def __init__(self, endpoint: Endpoint, key: str | None) -> None:
        import openai

        address = Address.of(endpoint, ("Authorization", f"Bearer {key}") if key else None)
        silence_sdk_logs()
        self._sdk = openai
        self._errors: tuple[type[Exception], ...] = (openai.OpenAIError, *wire_errors("httpx2"), *AnswerShapeErrors)
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",
            organization="",
            project="",
            base_url=endpoint.url,
            timeout=endpoint.timeout_s,
            max_retries=0,
            http_client=httpx2_client(address, endpoint),
        )

    async def complete(self, call: ModelCall) -> ModelAnswer:
        try:
            response = await self._client.chat.completions.create(**self._arguments(call))
            return self._answer(response)
        except self._errors as error:
            raise self._translated(error) from None

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        ending = _Ending()
        try:
            pieces = await self._client.chat.completions.create(
                **self._arguments(call), stream=True, stream_options={"include_usage": True}
            )
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

    def _body(self, call: ModelCall) -> dict[str, Any]:
        body = self._shape(call)
        body["max_completion_tokens"] = call.max_output_tokens
        body["store"] = False
        if call.effort is not None:
            body["reasoning_effort"] = call.effort
        return body

    def _shape(self, call: ModelCall) -> dict[str, Any]:
        """What every server of this interface understands."""
        turns = [{"role": turn.role, "content": turn.text} for turn in call.turns]
        body: dict[str, Any] = {"messages": [{"role": "system", "content": call.system}, *turns]}
        if call.schema is not None:
            schema = {"name": call.schema_name, "strict": True, "schema": call.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _answer(self, response: Any) -> ModelAnswer:
        choice = response.choices[0]
        refused = choice.message.refusal is not None
        usage = response.usage
        return ModelAnswer(
            text=choice.message.content or "",
            finish=Finish.REFUSAL if refused else _FINISH.get(choice.finish_reason, Finish.STOP),
            input_tokens=usage.prompt_tokens if usage else 0,
            output_tokens=usage.completion_tokens if usage else 0,
            model=response.model,
        )

    def _translated(self, error: Exception) -> ProviderError:
        if isinstance(error.__cause__, ProviderError):
            return error.__cause__
        if isinstance(error, self._sdk.APITimeoutError):
            return TimedOutError()
        if isinstance(error, self._sdk.APIConnectionError):
            return UnreachableError()
        if isinstance(error, self._sdk.APIStatusError):
            return from_status(error.status_code, retry_after_s(error.response.headers.get("retry-after")))
        if isinstance(error, (self._sdk.APIError, *AnswerShapeErrors)):
            return MalformedError()
        return wire_error(error, "httpx2")


class _Ending:
    """Gathers a stream: the text so far, why it stopped, and the usage that comes after the last word."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._finish: Finish | None = None
        self._usage: Any = None
        self._model = ""

    def take(self, piece: Any) -> str:
        """The text of a piece."""
        self._usage = piece.usage or self._usage
        self._model = piece.model or self._model
        if not piece.choices:
            return ""
        choice = piece.choices[0]
        if choice.finish_reason is not None:
            self._finish = self._finish or _FINISH.get(choice.finish_reason, Finish.STOP)
        if choice.delta.refusal:
            self._finish = Finish.REFUSAL
        self._said.append(choice.delta.content or "")
        return self._said[-1]

    def answer(self) -> ModelAnswer | None:
        """The whole, or None for a stream that was cut before it said why it stopped."""
        if self._finish is None:
            return None
        asked, said = (self._usage.prompt_tokens, self._usage.completion_tokens) if self._usage else (0, 0)
        return ModelAnswer("".join(self._said), self._finish, asked, said, self._model)
