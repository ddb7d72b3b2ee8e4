"""Record and replay at the adapter's boundary.

Recording writes every question and answer, or error, of a real adapter to a cassette; replaying answers the same
questions from it without a network. A cassette holds text: it is for tests and made-up calls, never for real ones.
A question is found by a hash of everything that is in it; the same question twice plays its answers in order.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llm_router import errors
from llm_router.errors import ProviderError, UnreachableError

from .port import Finish, ModelAnswer, ModelCall, ModelChunk, ModelPort


def question_hash(call: ModelCall) -> str:
    """Names a question: equal for equal calls, whatever the process. The idempotency key is not part of it."""
    asked = {**asdict(call), "idempotency_key": None}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class RecordingModels:
    """A real adapter, with every exchange written to `cassette` as one JSON line."""

    def __init__(self, models: ModelPort, cassette: Path) -> None:
        self._models = models
        self._cassette = cassette

    async def complete(self, call: ModelCall) -> ModelAnswer:
        try:
            answer = await self._models.complete(call)
        except ProviderError as error:
            self._write(call, [], None, error)
            raise
        self._write(call, [answer.text], answer, None)
        return answer

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        pieces: list[str] = []
        end: ModelAnswer | None = None
        try:
            async for chunk in self._models.stream(call):
                pieces.append(chunk.text)
                end = chunk.answer
                yield chunk
        except ProviderError as error:
            self._write(call, pieces, None, error)
            raise
        self._write(call, pieces, end, None)

    async def aclose(self) -> None:
        await self._models.aclose()

    def _write(
        self, call: ModelCall, pieces: list[str], answer: ModelAnswer | None, error: ProviderError | None
    ) -> None:
        line = {
            "question": question_hash(call),
            "pieces": pieces,
            "answer": None if answer is None else asdict(answer),
            "error": None if error is None else type(error).__name__,
            "retry_after_s": None if error is None else error.retry_after_s,
        }
        with self._cassette.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class ReplayedModels:
    """Answers from a cassette. A question that is not in it is an UnreachableError, never a guess."""

    def __init__(self, cassette: Path) -> None:
        self._lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for text in cassette.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            self._lines[line["question"]].append(line)

    async def complete(self, call: ModelCall) -> ModelAnswer:
        line = self._next(call)
        self._raise_error(line)
        answer = _answer(line)
        if answer is None:
            raise UnreachableError("the recorded stream was cut")
        return answer

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelChunk, None]:
        line = self._next(call)
        answer = _answer(line)
        pieces = line["pieces"]
        for at, piece in enumerate(pieces):
            yield ModelChunk(piece, answer if at == len(pieces) - 1 else None)
        self._raise_error(line)

    async def aclose(self) -> None:
        """Nothing to close."""

    def _next(self, call: ModelCall) -> dict[str, Any]:
        lines = self._lines.get(question_hash(call))
        if not lines:
            raise UnreachableError("not on the cassette")
        return lines.pop(0) if len(lines) > 1 else lines[0]

    @staticmethod
    def _raise_error(line: dict[str, Any]) -> None:
        if line["error"] is not None:
            raise getattr(errors, line["error"])(retry_after_s=line["retry_after_s"])


def _answer(line: dict[str, Any]) -> ModelAnswer | None:
    recorded = line["answer"]
    return None if recorded is None else ModelAnswer(**{**recorded, "finish": Finish(recorded["finish"])})
