"""Routers over loopback servers, for the router's bench and tests: a small policy, a request, a floor."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from llm_router import CallText, LLMRequest, Message, PublicText, Role, Router, connector, parse_policy
from llm_router.policy import Policy
from llm_router.sensitivity import Part

PRICES = """
schema_version = 1
[[price]]
provider = "openai"
model = "loopback-1"
input_usd = 2.0
output_usd = 10.0
max_input_tokens = 100_000
as_of = 2026-10-10
source = "made up for the bench"
[[price]]
provider = "anthropic"
model = "loopback-1"
input_usd = 2.0
output_usd = 10.0
max_input_tokens = 100_000
as_of = 2026-10-10
source = "made up for the bench"
"""
SECRETS = {"BENCH_KEY": "key-of-the-bench"}


class Triage(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    complaint: str
    place: str | None = None
    age: int | None = None


FLOOR = Triage(complaint="unknown")


def house_policy(
    own: Sequence[tuple[str, str]] = (),
    cloud: Sequence[tuple[str, str]] = (),
    *,
    deadline_ms: float = 2000,
    cooldown_s: tuple[float, float] = (1, 30),
    daily_micro_usd: int = 10_000_000,
    max_output_tokens: int = 100,
    extra: Mapping[str, str] | None = None,
) -> Policy:
    """A policy over endpoints given as (kind, url): first all self-hosted ones, then all in the cloud.

    `extra` holds more lines for endpoints by name (`own0`, `cloud1`).
    """
    text = [
        "schema_version = 1",
        f"[breaker]\ncooldown_s = [{cooldown_s[0]}, {cooldown_s[1]}]",
        f"[tenants.default]\ndaily_micro_usd = {daily_micro_usd}\ncall_micro_usd = {daily_micro_usd}",
    ]
    names: dict[str, list[str]] = {"self_hosted": [], "cloud": []}
    for trust, prefix, endpoints in (("self_hosted", "own", own), ("cloud", "cloud", cloud)):
        for at, (kind, url) in enumerate(endpoints):
            name = f"{prefix}{at}"
            names[trust].append(name)
            lines = [f'[endpoints.{name}]\nkind = "{kind}"\ntrust = "{trust}"\nurl = "{url}"']
            lines += ['key_env = "BENCH_KEY"'] if trust == "cloud" else []
            lines += ["max_parallel = 256", (extra or {}).get(name, "")]
            lines.append(f'[models.{name}]\nendpoint = "{name}"\nname = "loopback-1"\nquality = 50\nmax_depth = "deep"')
            text += lines
    for task, label, models in (
        ("triage", "sensitive", names["self_hosted"]),
        ("public", "public", names["cloud"] + names["self_hosted"]),
    ):
        if models:
            text.append(
                f'[tasks.{task}]\nsensitivity = "{label}"\nmodels = {models}\ndepth = "reflex"\n'
                f"deadline_ms = {deadline_ms}\nmax_micro_usd = {daily_micro_usd}\n"
                f"max_output_tokens = {max_output_tokens}\n"
                'floor = "rules"'
            )
    return parse_policy("\n".join(text), PRICES)


def house_router(policy: Policy, **options: Any) -> Router:
    """A router that really connects."""
    return Router(policy, connector(SECRETS), rng=random.Random(1), **options)


def triage_request(task: str = "triage", *parts: Part, **fields: Any) -> LLMRequest[Triage]:
    """A request for a `Triage`."""
    messages = (
        Message(Role.SYSTEM, (PublicText("Extract the complaint as JSON.", origin="bench"),)),
        Message(Role.USER, parts or (CallText("my father has chest pain and he is sweating"),)),
    )
    return LLMRequest(task=task, messages=messages, schema=Triage, floor=lambda: FLOOR, **fields)
