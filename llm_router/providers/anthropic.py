"""Anthropic through its SDK: messages with an output format and an effort.

Hardened: no redirect, no proxy, no retry, no profile or key of the environment (the door sets the only key), and the
SDK's own tracing is off, because it can carry content and adds headers.
"""

from typing import Any, Final

from llm_router.policy import Endpoint

from .door import Address, httpx2_client, silence_sdk_logs
from .port import Finish, ModelAnswer, ModelCall
from .sdk_models import Ending, SdkModels

_FINISH: Final = {
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "pause_turn": Finish.LENGTH,
    "refusal": Finish.REFUSAL,
}
_BY_TYPE: Final = {"overloaded_error": 529, "rate_limit_error": 429, "authentication_error": 401, "api_error": 500}
"""Errors inside a stream come after a 200; their type says what they are."""


class AnthropicModels(SdkModels):
    """One account at Anthropic, or another server of the same interface."""

    def __init__(self, endpoint: Endpoint, key: str | None) -> None:
        import anthropic

        address = Address.of(endpoint, ("X-Api-Key", key) if key else None)
        silence_sdk_logs()
        client = anthropic.AsyncAnthropic(
            api_key=key or "none",
            base_url=endpoint.url,
            timeout=endpoint.timeout_s,
            max_retries=0,
            open_telemetry=False,
            http_client=httpx2_client(address, endpoint),
        )
        super().__init__(anthropic, anthropic.AnthropicError, client, client.messages.create)

    def _arguments(self, call: ModelCall) -> dict[str, Any]:
        return {**super()._arguments(call), "max_tokens": call.max_output_tokens}

    def _body(self, call: ModelCall) -> dict[str, Any]:
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

    def _answer(self, response: Any) -> ModelAnswer:
        return ModelAnswer(
            text="".join(block.text for block in response.content if block.type == "text"),
            finish=_FINISH.get(response.stop_reason or "", Finish.STOP),
            input_tokens=_input_tokens(response.usage),
            output_tokens=response.usage.output_tokens,
            model=response.model,
        )

    def _ending(self) -> Ending:
        return _Ending()

    def _status(self, error: Any) -> int:
        return _BY_TYPE.get(error.type or "", 500) if error.status_code < 300 else int(error.status_code)


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
        if not self._ended or self._stop_reason is None:
            return None
        finish = _FINISH.get(self._stop_reason, Finish.STOP)
        return ModelAnswer("".join(self._said), finish, *self._tokens, self._model)
