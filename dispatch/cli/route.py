"""`kiwimesh route`: why a language-model request would go where, what comes back, and whether a policy may be used.

`explain` asks nobody. `try` asks the models that the policy admits. `policy check` runs every proof over a file. Text
on the command line counts as text of a call unless `--public` says otherwise.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from llm_router import (
    CallText,
    Decision,
    Depth,
    LLMOutcome,
    LLMRequest,
    Message,
    Policy,
    PolicyError,
    PublicText,
    RequestError,
    Role,
    Router,
    connector,
    default_policy,
    read_policy,
)
from llm_router.policy import Trust

from . import Failure
from .options import json_option, print_json, settings_from

FLOOR: Final = "(the floor: no model answered)"
_WORDS: Final = {
    "eligible": "asked in this order",
    "excluded_by_sensitivity": "may not see this text",
    "excluded_by_capability": "not connected, or the text is too long",
    "excluded_by_depth": "does not think deeply enough",
    "excluded_by_deadline": "usually too slow for this deadline",
    "excluded_by_cost": "could cost more than the ceiling",
    "excluded_by_quota": "the budget of the call or the day is used up",
    "excluded_by_breaker": "left alone after failures",
}


def _policy_option(command: Any) -> Any:
    return click.option(
        "--policy",
        "policy_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Policy file. Default: KIWIMESH_LLM_POLICY, or the policy that ships.",
    )(command)


def _request_options(command: Any) -> Any:
    for option in (
        click.argument("task"),
        click.option("--text", default="my father has chest pain", help="Text to ask about; - reads standard input."),
        click.option("--public", is_flag=True, help="The text is public, not of a call."),
        click.option("--depth", type=click.Choice([depth.value for depth in Depth]), help="Default: the task's."),
        click.option("--deadline-ms", type=click.FloatRange(min=1), help="Default: the task's."),
        click.option("--max-micro-usd", type=click.IntRange(min=0), help="Cost ceiling. Default: the task's."),
        click.option("--tenant", default="default", show_default=True, help="Whose budgets and contract count."),
        _policy_option,
        json_option,
    ):
        command = option(command)
    return command


@click.group()
def route() -> None:
    """Check and explain the language-model router's policy."""


@route.command()
@_request_options
def explain(as_json: bool, policy_file: Path | None, **asked: Any) -> None:
    """Say which models could answer a TASK now.

    Tells of every other one why it could not. Asks nobody.
    """

    async def explained() -> Decision:
        async with _Open(_policy(policy_file)) as router:
            return router.explain(_request(router, **asked))

    decision = _run(explained())
    if as_json:
        print_json({"ok": True, **decision.as_dict()})
    else:
        _show(decision)


@route.command(name="try")
@_request_options
def try_(as_json: bool, policy_file: Path | None, **asked: Any) -> None:
    """Really ask the models that may answer a TASK.

    Says what came of each attempt. The answer is plain text.
    """

    async def answered() -> LLMOutcome[str]:
        async with _Open(_policy(policy_file)) as router:
            return await router.complete(_request(router, **asked))

    outcome = _run(answered())
    if as_json:
        print_json({"ok": True, "answer": outcome.result, **outcome.decision.as_dict()})
        return
    _show(outcome.decision)
    click.echo(f"\n{outcome.source.value}: {outcome.result}")


@route.group()
def policy() -> None:
    """Policy files."""


@policy.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--prices", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Another price table.")
@json_option
def check(file: Path | None, prices: Path | None, as_json: bool) -> None:
    """Run every proof over a policy FILE.

    Without FILE over the one that is in force. Exit code 1: the policy does not hold.
    """
    try:
        proven = _policy(file) if prices is None or file is None else read_policy(file, prices)
    except PolicyError as error:
        if not as_json:
            raise _refusal(error) from None
        print_json({"ok": False, "problems": error.problems})
        sys.exit(1)
    chains = {
        name: {"sensitivity": task.sensitivity, "models": task.models, "cloud": _cloud_models(proven, task.models)}
        for name, task in proven.tasks.items()
    }
    if as_json:
        print_json({"ok": True, "hash": proven.hash, "tasks": chains})
        return
    click.echo(f"policy {proven.hash} holds: {len(proven.tasks)} tasks, {len(proven.models)} models\n")
    rows = [
        (name, chain["sensitivity"], ", ".join(chain["models"]), len(chain["cloud"])) for name, chain in chains.items()
    ]
    _table(("task", "at least", "models", "in the cloud"), rows)


class _Open:
    """A router for the length of one command."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def __aenter__(self) -> Router:
        self._router = Router(self._policy, connector(os.environ))
        return self._router

    async def __aexit__(self, *_: object) -> None:
        await self._router.aclose()


def _policy(file: Path | None) -> Policy:
    chosen = file or settings_from().llm_policy
    return default_policy() if chosen is None else read_policy(chosen)


def _run(work: Any) -> Any:
    try:
        return asyncio.run(work)
    except PolicyError as error:
        raise _refusal(error) from None
    except RequestError as error:
        raise Failure(f"{error}.", "`kiwimesh route policy check` lists the tasks.", code=error.code) from None


def _refusal(error: PolicyError) -> Failure:
    return Failure("The policy is refused:\n  " + "\n  ".join(error.problems), code=error.code)


def _request(
    router: Router,
    task: str,
    text: str,
    public: bool,
    depth: str | None,
    deadline_ms: float | None,
    max_micro_usd: int | None,
    tenant: str,
) -> LLMRequest[str]:
    words = sys.stdin.read() if text == "-" else text
    part = PublicText(words, origin="command line") if public else CallText(words)
    instruction = PublicText("Answer in one or two short sentences.", origin="kiwimesh route")
    return LLMRequest(
        task=task,
        messages=(Message(Role.SYSTEM, (instruction,)), Message(Role.USER, (part,))),
        schema=str,
        floor=lambda: FLOOR,
        depth=Depth(depth) if depth is not None else None,
        deadline=router.deadline_in(deadline_ms / 1000) if deadline_ms is not None else None,
        max_micro_usd=max_micro_usd,
        tenant=tenant,
    )


def _cloud_models(policy: Policy, models: tuple[str, ...]) -> list[str]:
    return [name for name in models if policy.endpoints[policy.models[name].endpoint].trust is Trust.CLOUD]


def _show(decision: Decision) -> None:
    """The decision as a table: every candidate with its verdict, and the attempts when there were any."""
    reasons = ", ".join(decision.label_reasons)
    click.echo(
        f"{decision.task}: {decision.sensitivity.name.lower()} ({reasons}), depth {decision.depth.value}, "
        f"{decision.deadline_ms:.0f} ms, up to {decision.max_micro_usd} micro-USD, order {decision.order}"
        + (f", rule {decision.rule}" if decision.rule else "")
        + "\n"
    )
    rows = [
        (c.model, c.endpoint, c.verdict.value, _WORDS[c.verdict.value], _ms(c.expected_ms), c.reserve_micro_usd or "")
        for c in decision.candidates
    ]
    _table(("model", "endpoint", "verdict", "that is", "usual", "micro-USD"), rows)
    if decision.attempts:
        click.echo("")
        tried = [(a.model, a.end, _ms(a.elapsed_ms), a.output_tokens, a.micro_usd) for a in decision.attempts]
        _table(("asked", "end", "took", "tokens", "micro-USD"), tried)


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds else ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    cells = [head, *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
