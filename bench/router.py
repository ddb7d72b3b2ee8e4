"""The router's figures: own time and memory, failover, hedging, probes, leaks, money. One run, loopback servers only.

The server for the overhead is a process of its own; bare SDK and router take turns call by call, so that what else
the machine does hits both. `overhead_ratio` and `throughput_ratio` compare router + SDK with the bare SDK on the same
question. `rss_mb` and `import_s` are the router's own: on top of an interpreter with pydantic, and without any SDK;
the import is processor time, the best of eight.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from statistics import median
from typing import Any

import click

from . import _router_faults as faults
from ._router_generated import generated
from ._router_house import FLOOR, Triage, house_policy, house_router, triage_request
from ._router_peers import installed, peer_figures

_MEMORY = """
import asyncio, json, logging, pydantic, random, ssl, sys, time
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before = rss()
start = time.perf_counter()
import llm_router
import_s = time.perf_counter() - start
from llm_router.providers.scripted import Line, ScriptedModels
policy = llm_router.default_policy()
router = llm_router.Router(policy, lambda name, endpoint: ScriptedModels([Line("a summary")]))
request = llm_router.LLMRequest(
    task="call_summary", schema=str, floor=lambda: "none",
    messages=(llm_router.Message(llm_router.Role.USER, (llm_router.CallText("he fell down the stairs"),)),))
async def main():
    for _ in range(1000):
        await router.complete(request)
asyncio.run(main())
sdks = sorted({"ollama", "openai", "anthropic", "httpx", "httpx2"} & set(sys.modules))
print(json.dumps({"rss_mb": (rss() - before) / 2**20, "import_s": import_s, "sdks": sdks}))
"""
_IMPORT = "import time; start = time.process_time(); import llm_router; print(time.process_time() - start)"


def arguments() -> list[click.Parameter]:
    return [
        click.Option(["--calls"], type=click.IntRange(50), default=1000, show_default=True, help="Sequential calls."),
        click.Option(["--rounds"], type=click.IntRange(1), default=6, show_default=True, help="Rounds of 50 at once."),
        click.Option(["--hedged"], type=click.IntRange(20), default=100, show_default=True, help="Slow calls."),
        click.Option(
            ["--cases"],
            type=click.IntRange(0),
            default=2000,
            show_default=True,
            help="Generated requests; 100000 at night.",
        ),
        click.Option(["--peers"], is_flag=True, help="Also time pydantic-ai's fallback model, where it is installed."),
    ]


def run(
    calls: int = 1000, rounds: int = 6, hedged: int = 100, cases: int = 2000, peers: bool = False
) -> dict[str, object]:
    figures: dict[str, object] = {}
    figures |= _alone(calls, rounds, peers)
    figures |= asyncio.run(_failing(hedged))
    _say(f"{cases} generated requests")
    counts = generated(cases)
    figures |= {"generated_cases": counts.cases, "generated_wrong": counts.wrong}
    figures |= _own_size()
    return figures


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _alone(calls: int, rounds: int, peers: bool) -> dict[str, object]:
    """Overhead and throughput against a server in a process of its own."""
    _say("overhead against the bare SDK")
    command = [sys.executable, "-m", "bench._router_servers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        figures = asyncio.run(_overhead(url, calls, rounds, peers and installed()))
        server.stdin.close()
    return figures


async def _overhead(url: str, calls: int, rounds: int, peers: bool) -> dict[str, object]:
    import openai

    router = house_router(house_policy([("openai_compatible", url)], deadline_ms=30_000))
    bare = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0)
    question, request = _same_question(router), triage_request()

    async def ask_bare() -> None:
        response = await bare.chat.completions.create(**question)
        assert response.choices[0].message.content

    async def ask_router() -> None:
        outcome = await router.complete(request)
        assert outcome.result != FLOOR

    for _warm in range(50):
        await ask_bare()
        await ask_router()
    times: dict[str, list[float]] = {"bare": [], "router": []}
    for at in range(calls):
        for name, ask in (("bare", ask_bare), ("router", ask_router))[:: 1 if at % 2 else -1]:
            start = time.perf_counter()
            await ask()
            times[name].append(time.perf_counter() - start)
    bare_s, router_s = median(times["bare"]), median(times["router"])
    compared = await peer_figures(url, calls, ask_bare) if peers else {}
    rates = [(await _rate(ask_bare), await _rate(ask_router)) for _round in range(rounds)]
    await router.aclose()
    await bare.close()
    return {
        "bare_ms_p50": round(bare_s * 1000, 3),
        "overhead_ms_p50": round((router_s - bare_s) * 1000, 3),
        "overhead_ratio": round(router_s / bare_s, 3),
        "throughput_ratio": round(median(mine / theirs for theirs, mine in rates), 3),
        "requests_per_s": round(median(mine for _, mine in rates)),
        **compared,
    }


def _same_question(router: Any) -> dict[str, Any]:
    """What the router sends, for the bare SDK to send too."""
    from llm_router.asking import Run
    from llm_router.providers.openai_compatible import OpenAICompatibleModels

    plan = router._plan(triage_request())
    target = plan.targets[0]
    port = target.link.port
    assert isinstance(port, OpenAICompatibleModels)
    call = Run[Triage](plan, FLOOR, time.monotonic).call_for(target)
    return {"model": call.model, **port._body(call)}


async def _rate(ask: Any, at_once: int = 50, each: int = 8) -> float:
    """Questions per second with so many at once."""

    async def worker() -> None:
        for _call in range(each):
            await ask()

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return at_once * each / (time.perf_counter() - start)


async def _failing(hedged: int) -> dict[str, object]:
    _say("failover")
    hang_s, steady_s = await faults.hang()
    figures: dict[str, object] = {
        "failover_hang_s": round(hang_s, 3),
        "failover_hang_steady_s": round(steady_s, 4),
        "failover_500_s": round(await faults.error_500(), 4),
        "failover_stall_s": round(await faults.stalled_stream(), 3),
    }
    _say("hedging")
    figures["hedge_share"] = round(await faults.hedge_share(hedged), 3)
    _say("the fault matrix")
    matrix = await faults.fault_matrix()
    figures |= {
        "matrix_cases": matrix.cases,
        "deadline_misses": matrix.misses,
        "unanswered": matrix.unanswered,
        "worst_late_ms": round(matrix.worst_late_s * 1000, 1),
        "half_open_probes": await faults.half_open_probes(),
        "cost_overshoot": await faults.cost_overshoot(),
    }
    _say("leaks")
    leaked, control = await faults.leaks()
    return figures | {"leaked_bytes": leaked, "control_reached": control}


def _own_size() -> dict[str, object]:
    """Memory and import time, each in fresh interpreters."""
    _say("size")
    memory = json.loads(_python(_MEMORY))
    assert memory["sdks"] == [], "an SDK was imported"
    return {
        "rss_mb": round(memory["rss_mb"], 2),
        "import_s": round(min(float(_python(_IMPORT)) for _ in range(8)), 3),
    }


def _python(code: str) -> str:
    """What a fresh interpreter prints, with byte code kept as an installed package has it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
