"""What the router does when providers fail: failover times, the fault matrix, probes, leaks, money.

Everything runs against loopback servers of its own. Times in seconds.
"""

import asyncio
import base64
import os
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from llm_router import CallText, Finished, LLMOutcome, PublicText, Router
from llm_router.health import Standing

from ._router_house import Triage, house_policy, house_router, triage_request
from ._router_servers import FAULTS, Catcher, ModelServer

KIND = "openai_compatible"
KINDS = ("ollama", "openai_compatible", "anthropic")
GRACE_S = 0.025
MATRIX_DEADLINE_S = 0.5
CANARY = "Zebedee Quillfeather, 14 Larkspur Mews"
HOSTILE = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "OLLAMA_HOST", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL",
)  # fmt: skip


@asynccontextmanager
async def two_servers(**policy: object) -> AsyncIterator[tuple[Router, ModelServer, ModelServer]]:
    """A router whose first choice is one server and second choice another."""
    async with ModelServer() as first, ModelServer() as second:
        endpoints = [(KIND, first.url(KIND)), (KIND, second.url(KIND))]
        router = house_router(house_policy(endpoints, **policy))  # type: ignore[arg-type]
        try:
            yield router, first, second
        finally:
            await router.aclose()


async def timed(router: Router, deadline_s: float = 2.0) -> tuple[float, LLMOutcome[Triage]]:
    """One whole answer and its time."""
    start = time.perf_counter()
    outcome = await router.complete(triage_request(deadline=router.deadline_in(deadline_s)))
    return time.perf_counter() - start, outcome


async def timed_stream(router: Router, deadline_s: float = 2.0) -> tuple[float, LLMOutcome[Triage]]:
    """One streamed answer to its end, and its time."""
    start = time.perf_counter()
    async for event in router.stream(triage_request(deadline=router.deadline_in(deadline_s))):
        if isinstance(event, Finished):
            return time.perf_counter() - start, event.outcome
    raise AssertionError("a stream without an end")


async def until_left_alone(router: Router) -> None:
    """Asks until a breaker has opened."""
    for _call in range(20):
        await timed(router)
        if router.health().self_hosted is not Standing.UP:
            return
    raise AssertionError("the breaker did not open")


async def hang() -> tuple[float, float]:
    """The first call after a provider starts to hang, and the slowest of those once its breaker is open."""
    async with two_servers() as (router, first, _):
        for _warm in range(20):
            await timed(router)
        first.fault = "hang"
        first_s, _ = await timed(router)
        await until_left_alone(router)
        steady = [(await timed(router))[0] for _call in range(50)]
        return first_s, max(steady)


async def error_500() -> float:
    """The first call after a provider starts to answer 500."""
    async with two_servers() as (router, first, _):
        for _warm in range(5):
            await timed(router)
        first.fault = "500"
        return (await timed(router))[0]


async def stalled_stream() -> float:
    """The slower one of two streams, to their ends: the first provider stalls half-way, or drips."""
    times = []
    for fault in ("stall", "drip"):
        async with two_servers() as (router, first, _):
            for _warm in range(8):
                await timed_stream(router)
            first.fault = fault
            times.append((await timed_stream(router))[0])
    return max(times)


async def hedge_share(calls: int, at_once: int = 12) -> float:
    """Share of calls that were hedged while the first provider is healthy but takes 1.5 s, give or take 0.3 s."""
    rng = random.Random(4)
    async with two_servers() as (router, first, _):
        first.delay_s = lambda: min(max(rng.gauss(1.5, 0.15), 1.2), 1.8)
        waiting = asyncio.Semaphore(at_once)

        async def one() -> bool:
            async with waiting:
                _, outcome = await timed(router, 4.0)
                return any(attempt.hedge for attempt in outcome.decision.attempts)

        return sum(await asyncio.gather(*(one() for _ in range(calls)))) / calls


@dataclass
class Matrix:
    """Counts over the fault matrix."""

    cases: int = 0
    misses: int = 0
    unanswered: int = 0
    worst_late_s: float = 0.0


async def fault_matrix(faults: Sequence[str] = FAULTS) -> Matrix:
    """Every fault of every format, whole and streamed, with a healthy second choice and without one."""
    matrix = Matrix()
    for kind in KINDS:
        async with ModelServer() as first, ModelServer() as second:
            for fault in faults:
                for both in (False, True):
                    first.fault, second.fault = fault, fault if both else "ok"
                    await _matrix_cell(matrix, [(kind, first.url(kind)), (kind, second.url(kind))])
    return matrix


async def _matrix_cell(matrix: Matrix, endpoints: list[tuple[str, str]]) -> None:
    for ask in (timed, timed_stream):
        router = house_router(house_policy(endpoints))
        try:
            elapsed, outcome = await ask(router, MATRIX_DEADLINE_S)
        finally:
            await router.aclose()
        late = elapsed - MATRIX_DEADLINE_S
        matrix.cases += 1
        matrix.misses += late > GRACE_S
        matrix.worst_late_s = max(matrix.worst_late_s, late)
        matrix.unanswered += Triage.model_validate(outcome.result.model_dump()) != outcome.result


async def half_open_probes(waiters: int = 50) -> int:
    """Questions that reach a provider when so many wait for its breaker to half-open."""
    async with ModelServer() as server:
        policy = house_policy([(KIND, server.url(KIND))], cooldown_s=(0.2, 0.2))
        router = house_router(policy)
        server.fault = "500"
        await until_left_alone(router)
        server.fault, server.delay_s = "ok", 0.2
        before = len(server.asked)
        await asyncio.sleep(0.25)
        await asyncio.gather(*(timed(router) for _ in range(waiters)))
        await router.aclose()
        return len(server.asked) - before


@contextmanager
def hostile_environment(url: str) -> Iterator[None]:
    """Every variable that an SDK might follow points to `url`."""
    before = {name: os.environ.get(name) for name in (*HOSTILE, "OLLAMA_API_KEY", "OPENAI_CUSTOM_HEADERS")}
    os.environ.update(dict.fromkeys(HOSTILE, url) | {"OLLAMA_API_KEY": "stolen", "OPENAI_CUSTOM_HEADERS": "X-Leak: 1"})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def encodings(text: str) -> list[bytes]:
    """A canary in the forms in which it might travel."""
    raw = text.encode()
    return [raw, raw.lower(), text.encode("utf-16-le"), base64.b64encode(raw)[:-4], raw.hex().encode(),
            quote(text).encode(), raw[::-1]]  # fmt: skip


def heard(seen: bytes | bytearray, canary: str) -> int:
    """Bytes of a canary in what a host has seen."""
    return sum(seen.count(form) * len(form) for form in encodings(canary))


async def leaks(faults: Sequence[str] = ("ok", *FAULTS)) -> tuple[int, bool]:
    """Bytes that hosts other than the pinned ones saw of sensitive requests, and whether public text got to a cloud."""
    leaked, control = 0, True
    for kind in KINDS:
        async with Catcher() as hostile, ModelServer() as own, ModelServer() as cloud:
            own.redirect_to = f"{hostile.url}/stolen"
            cloud_kind = "anthropic" if kind == "anthropic" else "openai"
            endpoints = [(kind, own.url(kind))], [(cloud_kind, cloud.url(cloud_kind))]
            with hostile_environment(hostile.url):
                for fault in faults:
                    own.fault = fault
                    await _ask_everything(house_router(house_policy(*endpoints)))
                leaked += len(hostile.seen) + heard(cloud.seen, CANARY) + len(cloud.seen)
                router = house_router(house_policy(*endpoints))
                await router.complete(triage_request("public", PublicText(CANARY.split(",")[0], origin="control")))
                await router.aclose()
            control = control and CANARY.split(",")[0].encode() in cloud.seen
    return leaked, control


async def _ask_everything(router: Router) -> None:
    """Sensitive questions of every task, whole and streamed."""
    for task in ("triage", "public"):
        request = triage_request(task, CallText(CANARY), deadline=router.deadline_in(0.15))
        await router.complete(request)
        async for _event in router.stream(request):
            pass
    await router.aclose()


async def cost_overshoot(at_once: int = 200) -> int:
    """Micro-USD charged above the day's limit when so many ask at once and only some of them can be paid for."""
    limit = 30_000
    async with ModelServer() as cloud:
        cloud.delay_s = 0.05
        router = house_router(house_policy(cloud=[("openai", cloud.url("openai"))], daily_micro_usd=limit))
        part = PublicText("which training script is about choking", origin="bench")
        outcomes = await asyncio.gather(*(router.complete(triage_request("public", part)) for _ in range(at_once)))
        await router.aclose()
        served = sum(asked.path.endswith("completions") for asked in cloud.asked)
        charged = sum(outcome.decision.micro_usd for outcome in outcomes)
        assert 0 < served < at_once, "the limit must bite, and not at once"
        return max(charged - limit, 0)
