"""From a request to a plan: its label, its lane, its candidates with their verdicts, and the prompt.

In: the lanes, a request, the ledger and the time. Out: a `Plan`, which `explain` shows and `complete` and `stream`
follow: one code path. Nothing is changed here: no probe is taken, nothing is reserved or sent. What policy and label
settle alone is worked out once for all requests alike (`_Route`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .costs import Budget, Ledger
from .decision import AttemptRecord, CandidateView, Decision, Verdict
from .eligibility import Candidate, Question, in_order, standing_of, verdict_on
from .errors import RequestError
from .lanes import Lanes, Target
from .policy import Depth, Model, Order, Rule, Task
from .prompting import Prompt, render
from .requests import LLMRequest
from .sensitivity import Detector, Label, Sensitivity, label_of


@dataclass(slots=True)
class Plan:
    """Everything that is fixed before the first model is asked. Times in seconds, money in micro-USD."""

    request: LLMRequest[Any]
    task: Task
    label: Label
    route: "_Route"
    prompt: Prompt
    judged: list[tuple[Candidate, Verdict]]
    targets: list[Target]
    slow: list[Target]
    """Passed over for being too slow; their memory of that fades."""
    ceiling: int
    budgets: tuple[Budget, ...]
    started: float
    deadline: float
    models_until: float
    """When the floor takes over."""

    def decision(
        self,
        attempts: tuple[AttemptRecord, ...] = (),
        source: str | None = None,
        answered_by: str | None = None,
        elapsed_s: float = 0.0,
        restarts: int = 0,
    ) -> Decision:
        """The audit record, with how it ended when it has."""
        return Decision(
            task=self.request.task,
            tenant=self.route.tenant,
            policy_hash=self.route.lanes.policy.hash,
            sensitivity=self.label.sensitivity,
            label_reasons=self.label.reasons,
            depth=self.route.depth,
            deadline_ms=(self.deadline - self.started) * 1000,
            max_micro_usd=self.ceiling,
            order=self.route.order.value,
            rule=self.route.rule,
            candidates=tuple(
                [CandidateView(c.name, c.model.endpoint, v, c.expected_s * 1000, c.reserve) for c, v in self.judged]
            ),
            content_hash=self.prompt.content_hash,
            attempts=attempts,
            source=source,
            answered_by=answered_by,
            elapsed_ms=elapsed_s * 1000,
            micro_usd=sum([attempt.micro_usd for attempt in attempts]),
            restarts=restarts,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Route:
    """What policy and label settle alone: the candidates of a task under a label, a tenant, a depth and a rule."""

    lanes: Lanes
    tenant: str
    depth: Depth
    order: Order
    rule: str | None
    models: tuple[tuple[str, Model, Target | None, Verdict], ...]
    costs: bool
    """Whether any of them costs money."""


def plan_request(
    lanes: Lanes, request: LLMRequest[Any], ledger: Ledger, detectors: Sequence[Detector], key: bytes, now: float
) -> Plan:
    """The plan of a request. Raises RequestError for a task that the policy does not have, or no messages."""
    task = lanes.policy.tasks.get(request.task)
    if task is None:
        raise RequestError("no such task in the policy")
    if not request.messages:
        raise RequestError("a request without messages")
    deadline = now + task.deadline_ms / 1000 if request.deadline is None else request.deadline
    models_until = deadline - task.reserve_ms / 1000
    label = _label(request, task, detectors)
    route = _route_of(lanes, request, task, label.sensitivity, (deadline - now) * 1000)
    prompt = render(request.messages, key)
    ceiling = task.max_micro_usd if request.max_micro_usd is None else request.max_micro_usd
    budgets = (Budget(ceiling), *ledger.budgets(lanes.policy, route.tenant, request.call_id)) if route.costs else ()
    question = Question(prompt.chars, models_until - now, ceiling)
    judged: list[tuple[Candidate, Verdict]] = []
    targets: list[Target] = []
    slow: list[Target] = []
    candidates = [_candidate(entry, request.task, task, prompt, budgets, now) for entry in route.models]
    lane = lanes.lane(label.sensitivity, route.tenant)
    for candidate in in_order(route.order, candidates):
        verdict = verdict_on(question, candidate)
        judged.append((candidate, verdict))
        if verdict is Verdict.ELIGIBLE:
            targets.append(lane[candidate.name])
        elif verdict is Verdict.DEADLINE:
            slow.append(lane[candidate.name])
    return Plan(
        request, task, label, route, prompt, judged, targets, slow, ceiling, budgets, now, deadline, models_until
    )


def _label(request: LLMRequest[Any], task: Task, detectors: Sequence[Detector]) -> Label:
    """The label of the content, raised to the task's own."""
    label = label_of([part for message in request.messages for part in message.parts], detectors)
    if label.sensitivity >= task.label:
        return label
    return Label(task.label, (f"task:{request.task}",))


def _route_of(lanes: Lanes, request: LLMRequest[Any], task: Task, sensitivity: Sensitivity, budget_ms: float) -> _Route:
    tenant = request.tenant if request.tenant in lanes.policy.tenants else "default"
    asked = request.depth or task.depth
    rule = None
    for other in lanes.policy.rules:
        if other.task == request.task and other.fits(tenant, asked, budget_ms):
            rule = other
            break
    return _route(lanes, request.task, rule, tenant, request.depth, sensitivity)


@lru_cache(maxsize=1024)
def _route(
    lanes: Lanes, name: str, rule: Rule | None, tenant: str, asked: Depth | None, sensitivity: Sensitivity
) -> _Route:
    task = lanes.policy.tasks[name]
    depth = asked or (rule.depth if rule is not None else None) or task.depth
    names = (rule.models if rule is not None else None) or task.models
    lane = lanes.lane(sensitivity, tenant)
    models = tuple(
        (
            name,
            lanes.policy.models[name],
            lane.get(name),
            standing_of(lanes.policy.models[name], depth, name in lanes.targets, name in lane),
        )
        for name in names
    )
    return _Route(
        lanes=lanes,
        tenant=tenant,
        depth=depth,
        order=(rule.order if rule is not None else None) or task.order,
        rule=rule.name if rule is not None else None,
        models=models,
        costs=any(target is not None and target.rate.costs for _, _, target, _ in models),
    )


def _candidate(
    entry: tuple[str, Model, Target | None, Verdict],
    name: str,
    task: Task,
    prompt: Prompt,
    budgets: tuple[Budget, ...],
    now: float,
) -> Candidate:
    model_name, model, target, standing = entry
    if target is None:
        return Candidate(model_name, model, standing)
    usual_s = target.times_of(name, "answer").usual_s
    expected_s = usual_s + target.link.queue_s(usual_s)
    admitted = target.breaker.would_admit(now)
    if not target.rate.costs:
        return Candidate(model_name, model, standing, expected_s, admitted=admitted)
    reserve = target.rate.upper_bound(prompt.bytes, len(prompt.turns), task.max_output_tokens)
    has_room = all(budget.has_room(reserve) for budget in budgets[1:])
    return Candidate(model_name, model, standing, expected_s, reserve, has_room, admitted)
