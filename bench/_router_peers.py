"""pydantic-ai's fallback model on the same servers, for comparison. Used where pydantic-ai is installed.

Its own overhead against the bare SDK, and what a caller waits for when the first provider fails, with a time-out of two
seconds and no retries. In: the URL of a healthy server. Out: figures with the prefix `peer_`.
"""

import asyncio
import importlib
import importlib.util
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from ._router_house import Triage
from ._router_servers import ModelServer

QUESTION = "my father has chest pain and he is sweating"


def installed() -> bool:
    """Whether the peer can be imported."""
    return importlib.util.find_spec("pydantic_ai") is not None


async def peer_figures(url: str, calls: int, ask_bare: Callable[[], Awaitable[None]]) -> dict[str, object]:
    """The peer's figures; `ask_bare` asks the same server with the bare SDK, in turns with the peer."""
    ask = _agent([url, url])
    for _warm in range(30):
        await ask()
    times: dict[str, list[float]] = {"bare": [], "peer": []}
    for _call in range(calls):
        for name, question in (("bare", ask_bare), ("peer", ask)):
            start = time.perf_counter()
            await question()
            times[name].append(time.perf_counter() - start)
    figures: dict[str, object] = {"peer_overhead_ratio": round(median(times["peer"]) / median(times["bare"]), 3)}
    for fault in ("hang", "500"):
        figures[f"peer_failover_{fault}_s"] = await _failover(fault)
    return figures


async def _failover(fault: str) -> float:
    async with ModelServer() as first, ModelServer() as second:
        ask = _agent([first.url("openai"), second.url("openai")])
        for _warm in range(5):
            await ask()
        first.fault = fault
        start = time.perf_counter()
        await ask()
        return round(time.perf_counter() - start, 3)


def _agent(urls: list[str]) -> Callable[[], Awaitable[None]]:
    """Asks an agent with one model for each URL, tried in order."""
    openai = importlib.import_module("openai")
    pydantic_ai = importlib.import_module("pydantic_ai")
    fallback = importlib.import_module("pydantic_ai.models.fallback")
    models = importlib.import_module("pydantic_ai.models.openai")
    providers = importlib.import_module("pydantic_ai.providers.openai")

    def model(url: str) -> Any:
        client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, timeout=2.0)
        return models.OpenAIChatModel("loopback-1", provider=providers.OpenAIProvider(openai_client=client))

    agent = pydantic_ai.Agent(
        fallback.FallbackModel(*map(model, urls), fallback_on=(Exception,)),
        output_type=pydantic_ai.NativeOutput(Triage),
        retries=0,
    )

    async def ask() -> None:
        async with asyncio.timeout(30):
            await agent.run(QUESTION)

    return ask
