"""From a request to a plan: its label, its lane, its candidates with their verdicts, and the prompt.

In: the lanes, a request, the ledger and the time. Out: a `Plan`, whose decision is what `explain` shows and what
`complete` and `stream` follow: one code path. Nothing is changed here: no probe is taken, nothing is reserved or sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .costs import Budget, Ledger
from .decision import CandidateView, Decision, Verdict
from .eligibility import Question, Standing, in_order, verdict_on
from .errors import RequestError
from .lanes import Lanes, Target
from .policy import Depth, Model, Order, Rule, Task
from .prompting import Prompt, render
from .requests import MAX_INPUT_CHARS, LLMRequest
from .sensitivity import Detector, Label, label_of


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is fixed before the first model is asked. Times in seconds."""

    request: LLMRequest[Any]
    task: Task
    decision: Decision
    prompt: Prompt
    targets: tuple[Target, ...]
    slow: tuple[Target, ...]
    """Passed over for being too slow; their memory of that fades."""
    ceiling: Budget
    budgets: tuple[Budget, ...]
    depth: Depth
    started: float
    models_until: float
    """When the floor takes over."""
    hedge_s: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the policy and the request agree on."""

    task: Task
    rule: Rule | None
    tenant: str
    depth: Depth
    order: Order
    models: tuple[str, ...]
    deadline: float


def plan_request(
    lanes: Lanes, request: LLMRequest[Any], ledger: Ledger, detectors: Sequence[Detector], key: bytes, now: float
) -> Plan:
    """The plan of a request. Raises RequestError for a task that the policy does not have, or no messages."""
    terms = _terms(lanes, request, now)
    label = _label(request, terms, detectors)
    prompt = render(request.messages, key)
    budgets = ledger.budgets(lanes.policy, terms.tenant, request.call_id)
    ceiling = Budget(terms.task.max_micro_usd if request.max_micro_usd is None else request.max_micro_usd)
    models_until = terms.deadline - terms.task.reserve_ms / 1000
    left_s = models_until - now
    question = Question(min(prompt.chars, MAX_INPUT_CHARS), terms.depth, left_s, ceiling.limit)
    lane = lanes.lane(label.sensitivity, terms.tenant)
    standings = [
        _standing(lanes, name, lanes.policy.models[name], name in lane, request, terms, prompt, budgets, now)
        for name in terms.models
    ]
    judged = [(standing, verdict_on(question, standing)) for standing in in_order(terms.order, standings)]
    return Plan(
        request=request,
        task=terms.task,
        decision=_decision(lanes, request, terms, label, ceiling.limit, prompt, judged, now),
        prompt=prompt,
        targets=tuple(lane[standing.name] for standing, verdict in judged if verdict is Verdict.ELIGIBLE),
        slow=tuple(lane[standing.name] for standing, verdict in judged if verdict is Verdict.DEADLINE),
        ceiling=ceiling,
        budgets=(ceiling, *budgets),
        depth=terms.depth,
        started=now,
        models_until=models_until,
        hedge_s=(lanes.policy.hedging.min_ms / 1000, lanes.policy.hedging.max_ms / 1000),
    )


def _terms(lanes: Lanes, request: LLMRequest[Any], now: float) -> _Terms:
    policy = lanes.policy
    task = policy.tasks.get(request.task)
    if task is None:
        raise RequestError("no such task in the policy")
    if not request.messages:
        raise RequestError("a request without messages")
    tenant = request.tenant if request.tenant in policy.tenants else "default"
    deadline = now + task.deadline_ms / 1000 if request.deadline is None else request.deadline
    asked = request.depth or task.depth
    budget_ms = (deadline - now) * 1000
    rule = next((r for r in policy.rules if r.task == request.task and r.fits(tenant, asked, budget_ms)), None)
    if rule is None:
        return _Terms(task, None, tenant, asked, task.order, task.models, deadline)
    depth = request.depth or rule.depth or task.depth
    return _Terms(task, rule, tenant, depth, rule.order or task.order, rule.models or task.models, deadline)


def _label(request: LLMRequest[Any], terms: _Terms, detectors: Sequence[Detector]) -> Label:
    """The label of the content, raised to the task's own."""
    label = label_of([part for message in request.messages for part in message.parts], detectors)
    if label.sensitivity >= terms.task.label:
        return label
    return Label(terms.task.label, (f"task:{request.task}",))


def _standing(
    lanes: Lanes,
    name: str,
    model: Model,
    in_lane: bool,
    request: LLMRequest[Any],
    terms: _Terms,
    prompt: Prompt,
    budgets: tuple[Budget, ...],
    now: float,
) -> Standing:
    target = lanes.targets.get(name)
    if target is None:
        return Standing(name, model, False, False, 0.0, 0, False, False)
    usual_s = target.times_of(request.task, "answer").usual_s
    reserve = target.rate.upper_bound(prompt.bytes, len(prompt.turns), terms.task.max_output_tokens)
    return Standing(
        name=name,
        model=model,
        in_lane=in_lane,
        connected=True,
        expected_s=usual_s + target.link.queue_s(usual_s),
        reserve=reserve,
        has_room=reserve == 0 or all(budget.has_room(reserve) for budget in budgets),
        admitted=target.breaker.would_admit(now),
    )


def _decision(
    lanes: Lanes,
    request: LLMRequest[Any],
    terms: _Terms,
    label: Label,
    ceiling: int,
    prompt: Prompt,
    judged: Sequence[tuple[Standing, Verdict]],
    now: float,
) -> Decision:
    return Decision(
        task=request.task,
        tenant=terms.tenant,
        policy_hash=lanes.policy.hash,
        sensitivity=label.sensitivity,
        label_reasons=label.reasons,
        depth=terms.depth,
        deadline_ms=round((terms.deadline - now) * 1000, 3),
        max_micro_usd=ceiling,
        order=terms.order.value,
        rule=terms.rule.name if terms.rule is not None else None,
        candidates=tuple(
            CandidateView(
                standing.name, standing.model.endpoint, verdict, round(standing.expected_s * 1000, 3), standing.reserve
            )
            for standing, verdict in judged
        ),
        content_hash=prompt.content_hash,
    )
