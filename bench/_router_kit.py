"""What the router's tests share: time that jumps, a small policy over scripted endpoints, and a request."""

import asyncio
import random
import selectors
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from llm_router import CallText, CaseVocabulary, Codes, LLMRequest, Message, PublicText, Role, Router, parse_policy
from llm_router.grounding import Grounded
from llm_router.policy import Policy
from llm_router.providers.connect import connector
from llm_router.providers.scripted import Line, ScriptedModels
from llm_router.sensitivity import Part

PRICES = """
schema_version = 1
[[price]]
provider = "scripted"
model = "big"
input_usd = 3.0
output_usd = 15.0
max_input_tokens = 100_000
as_of = 2026-10-10
source = "made up for tests"
[[price]]
provider = "scripted"
model = "cheap"
input_usd = 0.1
output_usd = 0.5
max_input_tokens = 100_000
as_of = 2026-10-10
source = "made up for tests"
"""

POLICY = """
schema_version = 1
[endpoints.own]
kind = "scripted"
trust = "self_hosted"
url = "http://127.0.0.1:1"
[endpoints.own_two]
kind = "scripted"
trust = "self_hosted"
url = "http://127.0.0.1:2"
[endpoints.cloud]
kind = "scripted"
trust = "cloud"
url = "https://cloud.example"
[endpoints.cloud_two]
kind = "scripted"
trust = "cloud"
url = "https://cloud-two.example"
[models.local]
endpoint = "own"
name = "local"
quality = 50
max_depth = "shallow"
[models.local_two]
endpoint = "own_two"
name = "local-two"
quality = 40
max_depth = "reflex"
[models.big]
endpoint = "cloud"
name = "big"
quality = 90
max_depth = "deep"
[models.cheap]
endpoint = "cloud_two"
name = "cheap"
quality = 60
max_depth = "shallow"
[tasks.extract]
sensitivity = "sensitive"
models = ["local", "local_two"]
depth = "reflex"
deadline_ms = 2000
max_micro_usd = 0
max_output_tokens = 100
floor = "rules"
[tasks.escalate]
sensitivity = "deidentified"
models = ["big", "cheap", "local"]
order = "quality"
depth = "shallow"
deadline_ms = 4000
max_micro_usd = 50_000
max_output_tokens = 100
floor = "rules"
[tasks.chat]
sensitivity = "public"
models = ["big", "cheap", "local"]
order = "cheapest"
depth = "reflex"
deadline_ms = 4000
max_micro_usd = 50_000
max_output_tokens = 100
floor = "rules"
[tenants.default]
daily_micro_usd = 10_000_000
call_micro_usd = 1_000_000
[tenants.contract]
daily_micro_usd = 10_000_000
call_micro_usd = 1_000_000
redacted_to = ["cloud"]
"""

GOOD = '{"complaint": "chest_pain", "place": null, "age": null}'


class Extraction(BaseModel):
    """What the tests ask for."""

    model_config = ConfigDict(extra="forbid")

    complaint: str
    place: Annotated[str | None, Grounded()] = None
    age: Annotated[int | None, Grounded(), Field(ge=0)] = None


FLOOR = Extraction(complaint="unknown")
CASE_PART = CaseVocabulary({"complaint": Codes(frozenset({"chest_pain", "fall"}))}).describe({"complaint": "fall"})


def on_virtual_time(scenario: Callable[[], Awaitable[Any]]) -> Any:
    """Runs a scenario on a loop whose time jumps to the next timer instead of waiting for it."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_awaited(scenario))


async def _awaited(scenario: Callable[[], Awaitable[Any]]) -> Any:
    return await scenario()


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("the scenario waits for something that never comes")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class House:
    """A router over scripted endpoints, with everything that it decided and everything that was asked of each."""

    def __init__(
        self,
        scripts: Mapping[str, Sequence[Line]],
        policy: Policy | None = None,
        **options: Any,
    ) -> None:
        self.ports: dict[str, ScriptedModels] = {}
        self.decisions: list[Any] = []
        real = connector({}, scripts)

        def connect(name: str, endpoint: Any) -> Any:
            port = real(name, endpoint)
            if port is not None:
                self.ports[name] = port  # type: ignore[assignment]
            return port

        self.clock = asyncio.get_running_loop().time
        self.router = Router(
            policy or parse_policy(POLICY, PRICES),
            connect,
            observers=[self.decisions.append],
            hash_key=b"test",
            clock=self.clock,
            today=options.pop("today", lambda: date(2026, 10, 10)),
            rng=random.Random(1),
            **options,
        )

    def asked(self, endpoint: str) -> int:
        return len(self.ports[endpoint].asked)


def request(task: str = "extract", *parts: Part, **fields: Any) -> LLMRequest[Extraction]:
    """A request with an instruction and the given parts, by default a word of a call."""
    messages = (
        Message(Role.SYSTEM, (PublicText("Extract the complaint.", origin="prompts/extract"),)),
        Message(Role.USER, parts or (CallText("my father has chest pain"),)),
    )
    return LLMRequest(task=task, messages=messages, schema=Extraction, floor=lambda: FLOOR, **fields)


def plain_request(task: str, *parts: Part, **fields: Any) -> LLMRequest[str]:
    """A request for plain text."""
    messages = (
        Message(Role.SYSTEM, (PublicText("Answer shortly.", origin="prompts/chat"),)),
        Message(Role.USER, parts or (PublicText("Is scene safety first?", origin="scenario/one"),)),
    )
    return LLMRequest(task=task, messages=messages, schema=str, floor=lambda: "floor says this", **fields)
