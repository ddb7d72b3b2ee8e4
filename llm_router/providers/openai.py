"""OpenAI through its SDK: chat completions with a strict JSON schema.

Hardened: the key, organisation and headers of the environment never get out (the door sets the only key), no redirect,
no proxy, no retry, and nothing is stored at the provider (`store` is false).
"""

from typing import Any, Final

from llm_router.policy import Endpoint

from .door import Address, httpx2_client, silence_sdk_logs
from .port import Finish, ModelAnswer, ModelCall
from .sdk_models import Ending, SdkModels

_FINISH: Final = {"length": Finish.LENGTH, "content_filter": Finish.REFUSAL}


class OpenAIModels(SdkModels):
    """One account at OpenAI, or another server of the same interface."""

    def __init__(self, endpoint: Endpoint, key: str | None) -> None:
        import openai

        address = Address.of(endpoint, ("Authorization", f"Bearer {key}") if key else None)
        silence_sdk_logs()
        client = openai.AsyncOpenAI(
            api_key=key or "none",
            organization="",
            project="",
            base_url=endpoint.url,
            timeout=endpoint.timeout_s,
            max_retries=0,
            http_client=httpx2_client(address, endpoint),
        )
        super().__init__(openai, openai.OpenAIError, client, client.chat.completions.create)

    def _stream_arguments(self) -> dict[str, Any]:
        return {"stream": True, "stream_options": {"include_usage": True}}

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

    def _ending(self) -> Ending:
        return _Ending()


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
        if self._finish is None:
            return None
        asked, said = (self._usage.prompt_tokens, self._usage.completion_tokens) if self._usage else (0, 0)
        return ModelAnswer("".join(self._said), self._finish, asked, said, self._model)
