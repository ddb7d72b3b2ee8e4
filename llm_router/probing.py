"""Background probes: they notice a server that is back or gone before a call does, and keep a cold model warm.

In: the lanes. Out: one question for one token to each model whose endpoint says `probe_every_s`, when its breaker is
due or nothing was asked of it for so long. A probe holds a fixed text and nothing of any request. The host runs
`keep_probing` in a task of its own.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from .asking import Clock
from .errors import AdapterFaultError, ProviderError, TimedOutError
from .lanes import Lanes, Target
from .providers.port import ModelCall, Turn

LOOK_EVERY_S: Final = 0.25
AGAIN_S: Final = 1.0
"""A probe that failed is asked again so soon, as long as the breaker is closed: a dead server is to be known as one."""
PROBE_S: Final = 20.0
"""Time for a cold model to be loaded and to say one token."""


async def keep_probing(lanes: Callable[[], Lanes], clock: Clock) -> None:
    """Probes until cancelled. `lanes` gives the lanes of the moment."""
    async with asyncio.TaskGroup() as group:
        under_way: dict[str, asyncio.Task[None]] = {}
        while True:
            for target in due(lanes().targets.values(), clock()):
                if target.id not in under_way or under_way[target.id].done():
                    under_way[target.id] = group.create_task(probe(target, clock))
            await asyncio.sleep(LOOK_EVERY_S)


def due(targets: Iterable[Target], now: float) -> list[Target]:
    """The targets to probe now: those whose breaker is due, and those that were idle for long."""
    return [target for target in targets if _is_due(target, now)]


def _is_due(target: Target, now: float) -> bool:
    every_s = target.link.endpoint.probe_every_s
    if every_s is None:
        return False
    retry_at = target.breaker.retry_at
    if retry_at is not None:
        return target.breaker.would_admit(now)
    return now - target.last_probe >= every_s and now - target.link.last_used >= every_s


async def probe(target: Target, clock: Clock) -> None:
    """One question for one token. The breaker learns how it went."""
    if not target.breaker.admit(clock()):
        return
    target.last_probe = clock()
    try:
        async with asyncio.timeout(PROBE_S):
            await target.link.port.complete(_question(target))
    except asyncio.CancelledError:
        target.breaker.released(clock())
        raise
    except TimeoutError:
        _failed(target, TimedOutError(), clock())
    except ProviderError as error:
        _failed(target, error, clock())
    except Exception as error:  # noqa: BLE001 - the boundary: an SDK's fault counts as one of the adapter
        _failed(target, AdapterFaultError(type(error).__name__), clock())
    else:
        target.breaker.succeeded()


def _failed(target: Target, error: ProviderError, now: float) -> None:
    target.breaker.failed(error, now)
    target.last_probe = now + AGAIN_S - (target.link.endpoint.probe_every_s or 0.0)


def _question(target: Target) -> ModelCall:
    return ModelCall(
        model=target.model.name,
        system="Answer with one word.",
        turns=(Turn("user", "ping"),),
        schema_name="ping",
        schema=None,
        max_output_tokens=1,
        context_tokens=target.model.context_tokens,
        effort=next(iter(target.model.effort.values()), None),
    )
