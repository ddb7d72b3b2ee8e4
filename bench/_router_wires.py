"""The wire formats of the providers, as far as their SDKs read them: Ollama, OpenAI, Anthropic.

In: the text of an answer and why it stopped. Out: the bytes that the real server would send, whole or as a stream, and
its error bodies. Used by the fault server of the benches and tests.
"""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

MODEL = "loopback-1"


class Wire(StrEnum):
    """Whose format."""

    OLLAMA = "ollama"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"


def wire_of(path: str) -> Wire | None:
    """The format that a path asks for."""
    if path.endswith("/api/chat"):
        return Wire.OLLAMA
    if path.endswith("/chat/completions"):
        return Wire.OPENAI
    return Wire.ANTHROPIC if path.endswith("/messages") else None


def whole(wire: Wire, text: str, stop: str = "stop") -> bytes:
    """A whole answer. `stop` is `stop`, `length` or `refusal`."""
    return json.dumps(
        {Wire.OLLAMA: _ollama, Wire.OPENAI: _openai, Wire.ANTHROPIC: _anthropic}[wire](text, stop)
    ).encode()


def pieces(wire: Wire, text: str, stop: str = "stop") -> Iterator[bytes]:
    """The same as a stream, a piece for each word."""
    words = [f"{word} " for word in text.split(" ")[:-1]] + [text.split(" ")[-1]]
    return {Wire.OLLAMA: _ollama_stream, Wire.OPENAI: _openai_stream, Wire.ANTHROPIC: _anthropic_stream}[wire](
        words, stop
    )


def error(wire: Wire, status: int) -> bytes:
    """The body of an error."""
    kind = {401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}.get(status, "api_error")
    if wire is Wire.OLLAMA:
        return json.dumps({"error": "the server is not well"}).encode()
    if wire is Wire.OPENAI:
        return json.dumps({"error": {"message": "not well", "type": kind, "param": None, "code": None}}).encode()
    return json.dumps({"type": "error", "error": {"type": kind, "message": "not well"}}).encode()


def content_type(wire: Wire, stream: bool) -> str:
    """The content type of an answer."""
    if not stream:
        return "application/json"
    return "application/x-ndjson" if wire is Wire.OLLAMA else "text/event-stream"


def _ollama(text: str, stop: str, done: bool = True) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    answer = {"model": MODEL, "created_at": "2026-10-10T10:00:00Z", "message": message, "done": done}
    if done:
        answer |= {"done_reason": "length" if stop == "length" else "stop", "prompt_eval_count": 20, "eval_count": 9}
    return answer


def _ollama_stream(words: list[str], stop: str) -> Iterator[bytes]:
    for word in words:
        yield json.dumps(_ollama(word, stop, done=False)).encode() + b"\n"
    yield json.dumps(_ollama("", stop)).encode() + b"\n"


_OPENAI_USAGE = {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29}


def _openai(text: str, stop: str) -> dict[str, Any]:
    refused = stop == "refusal"
    message = {"role": "assistant", "content": None if refused else text, "refusal": "no" if refused else None}
    choice = {"index": 0, "message": message, "finish_reason": "stop" if refused else stop, "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [choice],
        "usage": _OPENAI_USAGE,
    }


def _openai_stream(words: list[str], stop: str) -> Iterator[bytes]:
    refused = stop == "refusal"
    for word in words:
        yield _openai_event({"refusal" if refused else "content": word}, None)
    yield _openai_event({}, "stop" if refused else stop)
    yield _event(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": MODEL,
            "choices": [],
            "usage": _OPENAI_USAGE,
        }
    )
    yield b"data: [DONE]\n\n"


def _openai_event(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event(
        {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}
    )


def _event(data: dict[str, Any], name: str | None = None) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


_ANTHROPIC_STOP = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}


def _anthropic(text: str, stop: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [] if stop == "refusal" else [{"type": "text", "text": text}],
        "stop_reason": _ANTHROPIC_STOP[stop],
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 9},
    }


def _anthropic_stream(words: list[str], stop: str) -> Iterator[bytes]:
    start = _anthropic("", "stop") | {"content": [], "stop_reason": None}
    yield _event({"type": "message_start", "message": start}, "message_start")
    block = {"type": "text", "text": ""}
    yield _event({"type": "content_block_start", "index": 0, "content_block": block}, "content_block_start")
    for word in words:
        delta = {"type": "text_delta", "text": word}
        yield _event({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")
    yield _event({"type": "content_block_stop", "index": 0}, "content_block_stop")
    end = {"stop_reason": _ANTHROPIC_STOP[stop], "stop_sequence": None}
    yield _event({"type": "message_delta", "delta": end, "usage": {"output_tokens": 9}}, "message_delta")
    yield _event({"type": "message_stop"}, "message_stop")
