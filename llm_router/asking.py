"""Asking one model once, and everything that has to be written down about it.

In: a plan and a target. Out: a checked answer, or nothing; an `AttemptRecord` in either case. Money is reserved before
and settled after, the breaker and the remembered times learn how it went, and nothing that a provider or an SDK does
comes out of here as an exception. Cancellation does: it is how another answer, or the deadline, ends an attempt.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Generic

from .costs import FREE, Reservation, reserve
from .decision import AttemptRecord
from .errors import AdapterFaultError, ProviderError, RefusedError, StalledError, TruncatedError
from .lanes import Target
from .planning import Plan
from .providers.port import Finish, ModelAnswer, ModelCall
from .requests import AnswerT
from .schemas import closed_schema
from .validation import Checked, check

Clock = Callable[[], float]
"""Monotonic seconds."""


UNBILLED: Final = ("unreachable", "rate_limited", "overloaded", "auth_refused", "bad_request", "egress_refused")
"""Failures before a model began to work."""


class Run(Generic[AnswerT]):
    """One request under way: its plan, its floor's answer, and the attempts so far."""

    def __init__(self, plan: Plan, floor: AnswerT, clock: Clock) -> None:
        hedging = plan.route.lanes.policy.hedging
        self.plan = plan
        self.hedge_s = (hedging.min_ms / 1000, hedging.max_ms / 1000)
        self.floor = floor
        self.clock = clock
        self.records: list[AttemptRecord] = []

    @property
    def left_s(self) -> float:
        """Seconds until the floor takes over."""
        return self.plan.models_until - self.clock()

    def call_for(self, target: Target) -> ModelCall:
        """The question as it goes to one model."""
        request, prompt = self.plan.request, self.plan.prompt
        schema: Any = request.schema
        return ModelCall(
            model=target.model.name,
            system=prompt.system,
            turns=prompt.turns,
            schema_name=request.schema.__name__,
            schema=None if schema is str else closed_schema(schema),
            max_output_tokens=self.plan.task.max_output_tokens,
            context_tokens=target.model.context_tokens,
            effort=target.model.effort.get(self.plan.route.depth),
            idempotency_key=request.idempotency_key,
        )

    def checked(self, answer: ModelAnswer) -> Checked[AnswerT]:
        """The answer, if it may be used. Raises ProviderError."""
        if answer.finish is Finish.REFUSAL:
            raise RefusedError
        if answer.finish is Finish.LENGTH:
            raise TruncatedError
        text = answer.text
        for redaction in self.plan.prompt.redactions:
            text = redaction.restore(text)
        request: Any = self.plan.request
        return check(text, request.schema, self.plan.prompt.sources, self.floor, request.invariant)

    def begin(self, target: Target, clock_name: str, hedge: bool) -> "Attempt | None":
        """Starts an attempt; None when the breaker or a budget has closed since the plan was made."""
        now = self.clock()
        held: Reservation | None = FREE
        if target.rate.costs:
            prompt = self.plan.prompt
            bound = target.rate.upper_bound(prompt.bytes, len(prompt.turns), self.plan.task.max_output_tokens)
            held = reserve(self.plan.budgets, bound)
        if held is None:
            return None
        if not target.breaker.admit(now):
            held.settle(0)
            return None
        return Attempt(self, target, held, clock_name, hedge, now)

    async def ask(self, target: Target, hedge: bool) -> tuple[Checked[AnswerT], str] | None:
        """One whole answer from one model, with the model's name in the policy, or None."""
        attempt = self.begin(target, "answer", hedge)
        if attempt is None:
            return None
        try:
            answer = await target.link.port.complete(self.call_for(target))
            checked = self.checked_or_charged(attempt, answer)
        except asyncio.CancelledError:
            attempt.cut()
            raise
        except ProviderError as error:
            attempt.failed(error)
            return None
        except Exception as error:  # noqa: BLE001 - the boundary: an SDK's fault is told in the decision, never raised
            attempt.failed(AdapterFaultError(type(error).__name__))
            return None
        attempt.answered(answer, checked.repaired)
        return checked, target.id

    def checked_or_charged(self, attempt: "Attempt", answer: ModelAnswer) -> Checked[AnswerT]:
        """Like `checked`; an answer that is refused was paid for all the same."""
        try:
            return self.checked(answer)
        except ProviderError as error:
            attempt.unusable(error, answer)
            raise


class Attempt:
    """The bookkeeping of one question to one model. Ends exactly once; what comes after the end is ignored."""

    def __init__(
        self, run: Run[Any], target: Target, held: Reservation, clock_name: str, hedge: bool, now: float
    ) -> None:
        self._run = run
        self.target = target
        self._held = held
        self._times = target.times_of(run.plan.request.task, clock_name)
        self._hedge = hedge
        self._probe = target.breaker.probing
        self._started = now
        self._first_token_s: float | None = None
        self._ended = False
        target.link.in_flight += 1
        target.link.last_used = now

    @property
    def elapsed_s(self) -> float:
        return self._run.clock() - self._started

    def first_token(self) -> None:
        """The first piece of a stream came."""
        self._first_token_s = self.elapsed_s
        self._times.add(self._first_token_s)

    def answered(self, answer: ModelAnswer, repaired: bool) -> None:
        """The model gave a usable answer."""
        if self._first_token_s is None:
            self._times.add(self.elapsed_s)
        self.target.breaker.succeeded()
        self._end("repaired" if repaired else "answered", answer)

    def unusable(self, error: ProviderError, answer: ModelAnswer) -> None:
        """The model answered in time, but the answer cannot be used: paid for, and no reason to leave it alone."""
        self._times.add(self.elapsed_s)
        self.target.breaker.failed(error, self._run.clock())
        self._end(str(error) if error.code == "rejected" else error.code, answer)

    def failed(self, error: ProviderError) -> None:
        """The model or the way to it failed. Where it may have worked, the whole reservation is charged."""
        if not self._ended:
            self.target.breaker.failed(error, self._run.clock())
            self._end(error.code, None, free=error.code in UNBILLED and self._first_token_s is None)

    def cut(self) -> None:
        """Another answer won, or the time is up. A stall counts against the model, a lost race does not."""
        if self._ended:
            return
        elapsed, now = self.elapsed_s, self._run.clock()
        if self._first_token_s is None and self._times.stalled(elapsed, self._run.hedge_s[0]):
            self.target.breaker.failed(StalledError(), now)
            self._end("stalled", None)
            return
        if self._first_token_s is None:
            self._times.add_cut(elapsed)
        self.target.breaker.released(now)
        self._end("out_of_time" if now >= self._run.plan.models_until else "cut", None)

    def _end(self, end: str, answer: ModelAnswer | None, free: bool = False) -> None:
        if self._ended:
            return
        self._ended = True
        self.target.link.in_flight -= 1
        tokens = (answer.input_tokens, answer.output_tokens) if answer is not None else (0, 0)
        used = 0 if free else None if answer is None else self.target.rate.micro_usd(*tokens)
        self._run.records.append(
            AttemptRecord(
                model=self.target.id,
                endpoint=self.target.link.name,
                started_ms=(self._started - self._run.plan.started) * 1000,
                elapsed_ms=self.elapsed_s * 1000,
                first_token_ms=None if self._first_token_s is None else self._first_token_s * 1000,
                end=end,
                input_tokens=tokens[0],
                output_tokens=tokens[1],
                micro_usd=self._held.settle(used),
                answered_model=answer.model if answer is not None else "",
                hedge=self._hedge,
                probe=self._probe,
            )
        )
