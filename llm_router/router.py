"""The router: one question in, one answer out, always in time, and text of a call never out of the house.

`complete` gives a checked answer or the floor's; `stream` the same in pieces; `explain` the decision without asking
anybody; `health` how things stand. Two axes: availability fails open to the floor, confidentiality fails closed to the
lane. `complete` and `stream` never raise for a provider's failure, only a RequestError for a caller's mistake, and
whatever a floor raises. One instance serves one event loop.
"""

import logging
import random
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import BaseModel

from .asking import Clock, Run
from .costs import Ledger
from .decision import Decision
from .errors import ProviderError
from .health import Health, health_of
from .idempotency import Once
from .lanes import Link, build_lanes, dropped_links
from .planning import Plan, plan_request
from .policy import Policy
from .probing import keep_probing
from .providers.connect import Connect
from .racing import HedgeBudget, Race
from .requests import AnswerT, Delta, Finished, LLMOutcome, LLMRequest, Restarted, Source, StreamEvent
from .sensitivity import Detector, shapes
from .streaming import StreamResult, stream_texts
from .validation import Checked

Observer = Callable[[Decision], None]
"""Gets every decision when it has ended: the audit log, metrics, traces. Holds no text."""

_log: Final = logging.getLogger("llm_router")


def _today() -> date:
    return datetime.now(UTC).date()


class Router:
    """Routes requests by a policy over the endpoints that `connect` reaches.

    `detectors` are tripwires on top of the built-in one. `hash_key` (up to 64 bytes) keys the content hash in
    decisions; a random one makes hashes comparable within this process only. `clock` must run at the speed of the
    event loop's own.
    """

    def __init__(
        self,
        policy: Policy,
        connect: Connect,
        *,
        observers: Sequence[Observer] = (),
        detectors: Sequence[Detector] = (),
        hash_key: bytes | None = None,
        clock: Clock = time.monotonic,
        today: Callable[[], date] = _today,
        rng: random.Random | None = None,
    ) -> None:
        self._connect = connect
        self._observers = tuple(observers)
        self._detectors = (shapes, *detectors)
        self._key = hash_key or secrets.token_bytes(32)
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311 - spreads cool-downs, hides nothing
        self._ledger = Ledger(today)
        self._hedges = HedgeBudget(policy.hedging.max_share)
        self._lanes = build_lanes(policy, connect, self._rng)
        self._once = Once()
        self._retired: list[Link] = []

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._lanes.policy

    def deadline_in(self, seconds: float) -> float:
        """The deadline that lies so many seconds from now."""
        return self._clock() + seconds

    async def complete(self, request: LLMRequest[AnswerT]) -> LLMOutcome[AnswerT]:
        """The first answer that is valid and grounded, or the floor's, before the deadline.

        Raises RequestError for a task that is not in the policy or a request without messages.
        """
        plan = self._plan(request)
        if request.idempotency_key is None:
            return await self._answer(plan, request)
        key = (plan.route.tenant, request.task, request.idempotency_key, plan.prompt.content_hash)
        shared = await self._once.ask(key, lambda: self._answer(plan, request), plan.models_until - self._clock())
        return shared if shared is not None else self._from_floor(plan, request.floor(), [], 0)

    async def stream(self, request: LLMRequest[AnswerT]) -> AsyncIterator[StreamEvent[AnswerT]]:
        """The answer in pieces: deltas, `Restarted` when all of them are void, and one `Finished` at the end.

        Raises RequestError like `complete`. Close it (`contextlib.aclosing`) when leaving early.
        """
        plan = self._plan(request)
        run = Run(plan, request.floor(), self._clock)
        result: StreamResult[AnswerT] = StreamResult()
        shown = False
        async with aclosing(stream_texts(run, plan.targets, self._hedges, result)) as texts:
            async for text in texts:
                if isinstance(text, ProviderError):
                    result.restarts += shown
                    if shown:
                        yield Restarted(text.code)
                    shown = False
                    continue
                shown = True
                yield Delta(text)
        async for event in self._end_of_stream(run, result):
            yield event

    def explain(self, request: LLMRequest[Any]) -> Decision:
        """What would be done with a request now. Asks nobody and changes nothing."""
        return self._planned(request).decision()

    def health(self) -> Health:
        """Which models can be asked, and whether the floor carries the calls."""
        return health_of(self._lanes, self._clock())

    def reload(self, policy: Policy) -> None:
        """Puts another policy in force for all requests from now on; those under way keep the old one."""
        before = self._lanes
        self._lanes = build_lanes(policy, self._connect, self._rng, before)
        self._hedges.share = policy.hedging.max_share
        self._retired += dropped_links(before, self._lanes)

    async def run(self) -> None:
        """Background probes; runs until cancelled, in a task of the host."""
        await keep_probing(lambda: self._lanes, self._clock)

    async def aclose(self) -> None:
        """Closes all connections."""
        links = {id(target.link): target.link for target in self._lanes.targets.values()}
        for link in (*links.values(), *self._retired):
            await link.port.aclose()
        self._retired.clear()

    def _plan(self, request: LLMRequest[Any]) -> Plan:
        """The plan of a request that will be carried out: models passed over as too slow get their chance again."""
        plan = self._planned(request)
        for target in plan.slow:
            target.times_of(request.task, "answer").fade()
        return plan

    def _planned(self, request: LLMRequest[Any]) -> Plan:
        return plan_request(self._lanes, request, self._ledger, self._detectors, self._key, self._clock())

    async def _answer(self, plan: Plan, request: LLMRequest[AnswerT]) -> LLMOutcome[AnswerT]:
        run = Run(plan, request.floor(), self._clock)
        race: Race[tuple[Checked[AnswerT], str]] = Race(run, plan.targets, run.ask, self._hedges, "answer")
        won = await race.first()
        if self._retired:
            await self._close_retired()
        if won is None:
            return self._from_floor(plan, run.floor, run.records, 0)
        return self._ended(run, won[0], won[1], 0)

    async def _end_of_stream(
        self, run: Run[AnswerT], result: StreamResult[AnswerT]
    ) -> AsyncGenerator[StreamEvent[AnswerT], None]:
        if self._retired:
            await self._close_retired()
        if result.checked is not None and result.model is not None:
            yield Finished(self._ended(run, result.checked, result.model, result.restarts))
            return
        outcome = self._from_floor(run.plan, run.floor, run.records, result.restarts)
        yield Delta(_text_of(outcome.result))
        yield Finished(outcome)

    def _ended(self, run: Run[AnswerT], checked: Checked[AnswerT], model: str, restarts: int) -> LLMOutcome[AnswerT]:
        source = Source.MODEL_REPAIRED if checked.repaired else Source.MODEL
        return self._outcome(run.plan, checked.value, source, model, run.records, restarts)

    def _from_floor(self, plan: Plan, floor: AnswerT, records: Sequence[Any], restarts: int) -> LLMOutcome[AnswerT]:
        return self._outcome(plan, floor, Source.FLOOR, None, records, restarts)

    def _outcome(
        self, plan: Plan, value: AnswerT, source: Source, model: str | None, records: Sequence[Any], restarts: int
    ) -> LLMOutcome[AnswerT]:
        elapsed_s = self._clock() - plan.started
        decision = plan.decision(tuple(records), source.value, model, elapsed_s, restarts)
        for observe in self._observers:
            _told(observe, decision)
        return LLMOutcome(decision, value, source)

    async def _close_retired(self) -> None:
        """Closes what an old policy left behind, once nothing is in flight on it."""
        idle = [link for link in self._retired if link.in_flight == 0]
        self._retired = [link for link in self._retired if link.in_flight > 0]
        for link in idle:
            await link.port.aclose()


def _text_of(value: "BaseModel | str") -> str:
    return value if isinstance(value, str) else value.model_dump_json()


def _told(observe: Observer, decision: Decision) -> None:
    """An observer that fails must not cost the caller its answer."""
    try:
        observe(decision)
    except Exception:  # noqa: BLE001 - the boundary: reported here, and the answer goes on its way
        _log.warning("a decision observer failed")
