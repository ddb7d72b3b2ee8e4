"""What an answer costs, and the budgets that it may not pass.

In: the policy's prices and limits, token counts. Out: an upper bound before an attempt, reserved at once in every
budget that applies (request, call, tenant and day), and settled to what was used afterwards. All in whole micro-USD. A
reservation is taken between two awaits, so two hundred at once cannot overshoot. Invariant: spent + reserved never
passes a limit. A cost of 0 is never blocked. Budgets live in this process; each node has its own.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from .policy import Model, Policy

TOKENS_PER_MESSAGE: Final = 16
"""Tokens that a provider's own wrapping adds to a message, at most."""
CALLS_REMEMBERED: Final = 4096
"""Calls with an open budget; the one that was idle longest is forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Nano-USD per input and output token."""

    input: int
    output: int

    @property
    def costs(self) -> bool:
        """Whether it is not free."""
        return bool(self.input or self.output)

    def micro_usd(self, input_tokens: int, output_tokens: int) -> int:
        """The cost, rounded up."""
        return -(-(self.input * input_tokens + self.output * output_tokens) // 1000)

    def upper_bound(self, text_bytes: int, messages: int, max_output_tokens: int) -> int:
        """The most that an attempt can cost: a token is at least one byte of text."""
        if not self.costs:
            return 0
        return self.micro_usd(text_bytes + TOKENS_PER_MESSAGE * (messages + 1), max_output_tokens)


def rate_of(policy: Policy, model: Model) -> Rate:
    """A model's rate; a self-hosted one is free."""
    price = policy.price_of(model)
    return Rate(*price.nano_per_token) if price is not None else Rate(0, 0)


class Budget:
    """One limit with what is spent and reserved below it."""

    __slots__ = ("limit", "reserved", "spent")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0
        self.reserved = 0

    def has_room(self, micro_usd: int) -> bool:
        return self.spent + self.reserved + micro_usd <= self.limit


class Reservation:
    """Money held back in several budgets for one attempt."""

    __slots__ = ("_budgets", "_open", "micro_usd")

    def __init__(self, budgets: tuple[Budget, ...], micro_usd: int) -> None:
        self._budgets = budgets
        self._open = True
        self.micro_usd = micro_usd
        for budget in budgets:
            budget.reserved += micro_usd

    def settle(self, used: int | None) -> int:
        """Turns the reservation into what was used; None is unknown and counts in full. Gives what was charged."""
        charged = self.micro_usd if used is None else used
        if self._open:
            self._open = False
            for budget in self._budgets:
                budget.reserved -= self.micro_usd
                budget.spent += charged
        return charged


FREE: Final = Reservation((), 0)


class Ledger:
    """The budgets per tenant and day, and per call."""

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self._days: dict[str, tuple[date, Budget]] = {}
        self._calls: OrderedDict[tuple[str, str], Budget] = OrderedDict()

    def budgets(self, policy: Policy, tenant: str, call_id: str | None) -> tuple[Budget, ...]:
        """The tenant's budget of today and, when the request belongs to a call, the call's."""
        limits, today = policy.tenant(tenant), self._today()
        known = self._days.get(tenant)
        if known is None or known[0] != today:
            known = self._days[tenant] = (today, Budget(0))
        known[1].limit = limits.daily_micro_usd
        if call_id is None:
            return (known[1],)
        return (known[1], self._call(tenant, call_id, limits.call_micro_usd))

    def _call(self, tenant: str, call_id: str, limit: int) -> Budget:
        key = (tenant, call_id)
        budget = self._calls.get(key)
        if budget is None:
            budget = self._calls[key] = Budget(limit)
            if len(self._calls) > CALLS_REMEMBERED:
                self._calls.popitem(last=False)
        self._calls.move_to_end(key)
        budget.limit = limit
        return budget


def reserve(budgets: tuple[Budget, ...], micro_usd: int) -> Reservation | None:
    """Holds `micro_usd` back in all budgets or in none; None when one has no room. Nothing is reserved for 0."""
    if micro_usd == 0:
        return FREE
    if not all(budget.has_room(micro_usd) for budget in budgets):
        return None
    return Reservation(budgets, micro_usd)
