"""A provider that says what a script tells it: for tests, demos without a model, and replays.

Each question takes the next line of the script; the last line stays. Keeps the questions it was asked, so that a test
can see exactly what would have left.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from llm_router.errors import ProviderError

from .port import Finish, ModelAnswer, ModelCall, ModelChunk


@dataclass(frozen=True, slots=True)
class Line:
    """One scripted answer: text or an error, after a delay in seconds.

    As a stream the text comes in words, `gap_s` apart; with `cut_after` it ends after so many words without an end.
    """

    text: str = field(default="", repr=False)
    error: ProviderError | None = None
    delay_s: float = 0.0
    gap_s: float = 0.0
    finish: Finish = Finish.STOP
    cut_after: int | None = None
    stall_after: int | None = None


class ScriptedModels:
    """An endpoint that plays a script."""

    def __init__(self, script: Sequence[Line]) -> None:
        self._script = list(script)
        self.asked: list[ModelCall] = []
        self.open = 0
        """Questions that are being answered at the moment."""

    async def complete(self, call: ModelCall) -> ModelAnswer:
        line = self._next(call)
        self.open += 1
        try:
            await _pause(line.delay_s)
        finally:
            self.open -= 1
        if line.error is not None:
            raise line.error
        return _answer(call, line)

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        line = self._next(call)
        self.open += 1
        try:
            await _pause(line.delay_s)
            if line.error is not None:
                raise line.error
            for at, word in enumerate(_words(line.text)):
                if at == line.cut_after:
                    return
                if at == line.stall_after:
                    await asyncio.Event().wait()
                await _pause(line.gap_s if at else 0.0)
                yield ModelChunk(word)
            yield ModelChunk("", _answer(call, line))
        finally:
            self.open -= 1

    async def aclose(self) -> None:
        """Nothing to close."""

    def _next(self, call: ModelCall) -> Line:
        self.asked.append(call)
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]


async def _pause(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)


def _words(text: str) -> list[str]:
    return [f"{word} " for word in text.split(" ")[:-1]] + [text.split(" ")[-1]]


def _answer(call: ModelCall, line: Line) -> ModelAnswer:
    asked = sum(len(turn.text) for turn in call.turns) + len(call.system)
    return ModelAnswer(line.text, line.finish, asked // 4, len(line.text) // 4, call.model)
