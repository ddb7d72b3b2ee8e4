"""Any server that speaks OpenAI's chat completions: vLLM, llama.cpp, LM Studio. Usually self-hosted.

The same adapter without what only OpenAI itself understands: no `store`, no `reasoning_effort`, the older
`max_tokens`, and a temperature of 0 so that the same question gets the same answer.
"""

from typing import Any

from .openai import OpenAIModels
from .port import ModelCall


class OpenAICompatibleModels(OpenAIModels):
    """One server of the same interface."""

    def _body(self, call: ModelCall) -> dict[str, Any]:
        return {**self._shape(call), "max_tokens": call.max_output_tokens, "temperature": 0}
