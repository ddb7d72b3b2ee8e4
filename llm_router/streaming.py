"""Streams that recover: an invisible switch before the first piece, an explicit restart after it, never a splice.

In: a run and its targets. Out: events for the caller: deltas, `Restarted` when everything shown so far is void, and one
`Finished` at the end, always. Three clocks watch a model's stream: first token (with a second model asked meanwhile, as
for whole answers), gap and pace between pieces, and the deadline. The caller's own slowness is not held against it.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Generic

from .asking import Attempt, Run
from .errors import AdapterFaultError, ProviderError, StalledError, TimedOutError, UnreachableError
from .lanes import Target
from .latency import Pace
from .providers.port import ModelAnswer, ModelChunk
from .racing import HedgeBudget, Race
from .redaction import StreamRestorer
from .requests import AnswerT
from .validation import Checked


@dataclass(slots=True)
class Opened:
    """A stream whose first piece has come."""

    attempt: Attempt
    pieces: AsyncGenerator[ModelChunk, None]
    first: ModelChunk = field(repr=False)


@dataclass(slots=True)
class StreamResult(Generic[AnswerT]):
    """How a stream ended: the checked answer and its model, or neither."""

    checked: Checked[AnswerT] | None = None
    model: str | None = None
    restarts: int = 0


async def open_stream(run: Run[Any], target: Target, hedge: bool) -> Opened | None:
    """Asks one model for a stream and waits for its first piece; None when it has none to give."""
    attempt = run.begin(target, "first_token", hedge)
    if attempt is None:
        return None
    pieces = target.link.port.stream(run.call_for(target))
    try:
        first = await anext(pieces)
    except asyncio.CancelledError:
        attempt.cut()
        raise
    except StopAsyncIteration:
        attempt.failed(UnreachableError("a stream without a piece"))
        return None
    except ProviderError as error:
        attempt.failed(error)
        return None
    except Exception as error:  # noqa: BLE001 - the boundary: an SDK's fault is told in the decision, never raised
        attempt.failed(AdapterFaultError(type(error).__name__))
        return None
    attempt.first_token()
    return Opened(attempt, pieces, first)


async def close_stream(opened: Opened) -> None:
    """Gives a stream up."""
    opened.attempt.cut()
    await opened.pieces.aclose()


async def stream_texts(
    run: Run[AnswerT], targets: Sequence[Target], budget: HedgeBudget, result: StreamResult[AnswerT]
) -> AsyncGenerator[str | ProviderError, None]:
    """The pieces of a usable stream as texts; an error says that all texts before it are void.

    Fills `result` before it ends. Without a checked answer in it, no model had one.
    """
    waiting: Sequence[Target] = targets
    while waiting and run.left_s > 0:
        race = Race(run, waiting, lambda target, hedge: open_stream(run, target, hedge), budget, "first_token")
        opened = await race.first()
        for spare in race.spare:
            await close_stream(spare)
        if opened is None:
            return
        waiting = tuple(race.waiting)
        failure: ProviderError | None = None
        try:
            async with aclosing(_relay(run, opened, result)) as texts:
                async for text in texts:
                    yield text
        except ProviderError as error:
            failure = error
        finally:
            await close_stream(opened)
        if failure is None:
            return
        yield failure


async def _relay(run: Run[AnswerT], opened: Opened, result: StreamResult[AnswerT]) -> AsyncGenerator[str, None]:
    """The texts of one stream. Raises ProviderError when it stalls, drips, is cut, or its answer cannot be used."""
    attempt = opened.attempt
    restorer = StreamRestorer(run.plan.prompt.redactions)
    pace = Pace(attempt.target.times_of(run.plan.request.task, "gap"))
    chunk = opened.first
    try:
        while chunk.answer is None:
            if shown := restorer.feed(chunk.text):
                yield shown
            chunk = await _next_piece(run, opened, pace)
        if last := restorer.feed(chunk.text) + restorer.finish():
            yield last
        result.checked = _taken(run, attempt, chunk.answer)
        result.model = attempt.target.id
        pace.learn()
    except ProviderError as error:
        attempt.failed(error)
        raise


def _taken(run: Run[AnswerT], attempt: Attempt, answer: ModelAnswer) -> Checked[AnswerT]:
    checked = run.checked_or_charged(attempt, answer)
    attempt.answered(answer, checked.repaired)
    return checked


async def _next_piece(run: Run[Any], opened: Opened, pace: Pace) -> ModelChunk:
    asked_at = run.clock()
    try:
        async with asyncio.timeout(max(min(pace.gap_limit_s, run.left_s), 0)):
            chunk = await anext(opened.pieces)
    except TimeoutError:
        raise (StalledError() if run.left_s > 0 else TimedOutError()) from None
    except StopAsyncIteration:
        raise UnreachableError("the stream was cut") from None
    if not pace.saw(run.clock() - asked_at):
        raise StalledError("the stream drips")
    return chunk
