"""Text of a call never reaches a cloud, whatever fails, whoever answers, and whatever the environment says."""

import asyncio
import logging
import os
import random
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import llm_router
from bench._router_faults import CANARY, KINDS, encodings, heard, hostile_environment, leaks
from bench._router_house import house_policy, house_router, triage_request
from bench._router_kit import (
    CASE_PART,
    GOOD,
    POLICY,
    PRICES,
    House,
    VirtualTimeLoop,
    on_virtual_time,
    plain_request,
    request,
)
from bench._router_servers import Catcher, ModelServer
from llm_router import CallText, PublicText, Sensitivity, errors, parse_policy, redact
from llm_router.lanes import build_lanes
from llm_router.policy import Trust
from llm_router.providers.scripted import Line

pytestmark = pytest.mark.integration

if "ROUTER_MUTANT" in os.environ:
    assert os.environ["ROUTER_MUTANT"] in (llm_router.__file__ or ""), "the mutant must be what is tested"

STEPS = int(os.environ.get("ROUTER_CASES", "2000"))
CLOUDS = ("cloud", "cloud_two")
NAMES = ("own", "own_two", *CLOUDS)
SECRET = "Zebedee Quillfeather"
PUBLIC = PublicText("Kneel beside the chest.", origin="scripts/cpr")


def asked_of(house: House, names: tuple[str, ...]) -> str:
    """Everything that these endpoints were asked, as text."""
    return "".join(
        f"{call.system}{turn.text}" for name in names for call in house.ports[name].asked for turn in call.turns
    )


def test_a_sensitive_request_cannot_even_reach_a_client_of_a_cloud() -> None:
    policy = parse_policy(POLICY, PRICES)
    lanes = build_lanes(policy, lambda name, endpoint: object(), random.Random(1))  # type: ignore[arg-type, return-value]
    for tenant in policy.tenants:
        lane = lanes.lane(Sensitivity.SENSITIVE, tenant)
        assert {target.link.endpoint.trust for target in lane.values()} == {Trust.SELF_HOSTED}
    assert set(lanes.lane(Sensitivity.PUBLIC, "default")) == {"local", "local_two", "big", "cheap"}


@pytest.mark.parametrize("task", ["extract", "escalate", "chat"])
def test_text_of_a_call_falls_to_the_floor_rather_than_to_a_cloud(task: str) -> None:
    async def scenario() -> None:
        house = House({name: [Line(error=errors.UnreachableError())] for name in NAMES})
        outcome = await house.router.complete(request(task, CallText(SECRET)))
        assert outcome.source == "floor"
        assert house.asked("cloud") == house.asked("cloud_two") == 0

    on_virtual_time(scenario)


def test_public_text_does_reach_the_cloud() -> None:
    async def scenario() -> None:
        house = House({name: [Line(GOOD)] for name in CLOUDS} | {"own": [Line(error=errors.UnreachableError())]})
        outcome = await house.router.complete(request("escalate", PublicText("Quillfeather study", origin="x")))
        assert outcome.decision.answered_by == "big"
        assert "Quillfeather" in asked_of(house, CLOUDS)

    on_virtual_time(scenario)


@pytest.mark.parametrize(("tenant", "reached"), [("default", False), ("contract", True)])
def test_redacted_text_reaches_only_the_cloud_of_a_tenant_with_a_contract(tenant: str, reached: bool) -> None:
    async def scenario() -> None:
        redacted = redact(f"{SECRET} fell", {"PERSON": [SECRET]})
        house = House({"cloud": [Line(GOOD)], "cloud_two": [Line(GOOD)]})
        outcome = await house.router.complete(request("chat", redacted, tenant=tenant))
        assert (outcome.source == "model") is reached
        assert house.asked("cloud_two") == 0
        assert SECRET not in asked_of(house, CLOUDS)

    on_virtual_time(scenario)


def test_one_word_of_a_call_makes_the_whole_request_sensitive() -> None:
    async def scenario() -> None:
        house = House({name: [Line(GOOD)] for name in CLOUDS})
        outcome = await house.router.complete(request("chat", PUBLIC, CASE_PART, CallText("x")))
        assert outcome.decision.sensitivity is Sensitivity.SENSITIVE
        assert outcome.source == "floor"

    on_virtual_time(scenario)


class Calls(RuleBasedStateMachine):
    """Requests of every kind, faults and reloads in any order, with a name in each text of a call."""

    @initialize(seed=st.integers())
    def start(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.answers: list[Any] = []
        self.runner.run(self._open())

    async def _open(self) -> None:
        self.house = House({name: [self._line() for _ in range(40)] for name in NAMES})

    def _line(self) -> Line:
        error = self.rng.choice([None, None, errors.ServerFaultError(), errors.RateLimitedError(retry_after_s=3)])
        return Line(self.rng.choice([GOOD, GOOD, SECRET, "{"]), error, delay_s=self.rng.choice([0, 0.01, 0.5, 9999]))

    @rule(
        task=st.sampled_from(["extract", "escalate", "chat"]),
        tenant=st.sampled_from(["default", "contract", "nobody"]),
        canary=st.sampled_from([form.decode("latin-1") for form in encodings(SECRET)]),
        wrap=st.sampled_from(["call", "mixed", "redacted", "answer", "tripwire"]),
        stream=st.booleans(),
    )
    def ask_with_words_of_a_call(self, task: str, tenant: str, canary: str, wrap: str, stream: bool) -> None:
        self.runner.run(self._ask(plain_request(task, *self._parts(wrap, canary), tenant=tenant), stream))

    @rule(task=st.sampled_from(["escalate", "chat"]), stream=st.booleans())
    def ask_with_public_text(self, task: str, stream: bool) -> None:
        self.runner.run(self._ask(plain_request(task, PUBLIC), stream))

    @rule(change=st.sampled_from(['order = "cheapest"', 'order = "quality"']))
    def reload(self, change: str) -> None:
        self.runner.run(self._reload(parse_policy(POLICY.replace('order = "cheapest"', change), PRICES)))

    async def _reload(self, policy: Any) -> None:
        self.house.router.reload(policy)

    def _parts(self, wrap: str, canary: str) -> list[Any]:
        if wrap == "redacted":
            return [redact(f"{SECRET} fell", {"PERSON": [SECRET]})]
        if wrap == "answer":
            return [answer.as_part() for answer in self.answers[-2:]] or [CallText(canary)]
        if wrap == "tripwire":
            return [PublicText(f"my name is {canary}", origin="pasted")]
        return [CallText(canary)] if wrap == "call" else [PUBLIC, CallText(canary), CASE_PART]

    async def _ask(self, asked: Any, stream: bool) -> None:
        if stream:
            async for event in self.house.router.stream(asked):
                last = event
            outcome = last.outcome  # type: ignore[union-attr]
        else:
            outcome = await self.house.router.complete(asked)
        if outcome.decision.sensitivity is Sensitivity.SENSITIVE:
            self.answers.append(outcome)

    @invariant()
    def no_cloud_has_heard_the_name(self) -> None:
        if hasattr(self, "house"):
            heard_text = asked_of(self.house, CLOUDS).encode("latin-1", "replace")
            assert not any(form in heard_text for form in encodings(SECRET))

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.close()


def test_no_sequence_of_requests_faults_and_reloads_lets_a_name_out() -> None:
    phases = [Phase.generate] if "ROUTER_MUTANT" in os.environ else list(Phase)
    run_state_machine_as_test(
        Calls,
        settings=settings(
            max_examples=max(STEPS // 40, 5),
            stateful_step_count=40,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


async def test_no_host_but_the_pinned_one_hears_a_byte_and_the_control_does_reach_the_cloud(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        leaked, control = await leaks(("ok", "redirect", "500", "cut", "hang"))
    assert leaked == 0
    assert control
    assert not any(word in caplog.text for word in CANARY.split()[:2])


@pytest.mark.parametrize("kind", KINDS)
async def test_the_default_client_of_an_sdk_would_have_leaked_on_this_bench(kind: str) -> None:
    """The negative control of the hostile hosts: what the router closes is really open in the SDKs."""
    async with Catcher() as hostile, ModelServer() as own:
        own.fault, own.redirect_to = "redirect", f"{hostile.url}/stolen"
        with hostile_environment(hostile.url):
            await _ask_with_sdk_defaults(kind, own.url(kind))
        assert heard(hostile.seen, CANARY) > 0


async def _ask_with_sdk_defaults(kind: str, url: str) -> None:
    turns: Any = [{"role": "user", "content": CANARY}]
    try:
        if kind == "ollama":
            import ollama

            await ollama.AsyncClient(host=url).chat(model="m", messages=turns)
        elif kind == "anthropic":
            import anthropic

            async with anthropic.AsyncAnthropic(api_key="k", base_url=url, max_retries=0) as client:
                await client.messages.create(model="m", max_tokens=5, messages=turns)
        else:
            import openai

            async with openai.AsyncOpenAI(api_key="k", base_url=url, max_retries=0) as client:
                await client.chat.completions.create(model="m", messages=turns)
    except Exception:  # noqa: BLE001 - the catcher answers nonsense on purpose
        return


@pytest.mark.parametrize("kind", KINDS)
async def test_a_name_server_that_lies_cannot_move_a_pinned_endpoint(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Catcher() as hostile, ModelServer() as own:
        real, port = socket.getaddrinfo, int(hostile.url.rsplit(":", 1)[1])

        def lying(host: Any, *rest: Any, **options: Any) -> Any:
            if host in ("127.0.0.1", b"127.0.0.1"):
                return real(host, *rest, **options)
            return real("127.0.0.1", port, *rest[1:], **options)

        monkeypatch.setattr(socket, "getaddrinfo", lying)
        url = own.url(kind, host="models.house.example")
        router = house_router(house_policy([(kind, url)], extra={"own0": 'pin = "127.0.0.1"'}))
        outcome = await router.complete(triage_request("triage", CallText(CANARY)))
        await router.aclose()
        assert outcome.source == "model"
        assert hostile.connections == 0
        assert b"Host: models.house.example" in own.asked[0].headers
