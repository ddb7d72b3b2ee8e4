"""A real model behind all three SDKs, end to end: questions, schema, streams, deadline, and a recording of it."""

from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from bench._router_house import house_policy, house_router
from llm_router import CallText, Delta, Finished, LLMRequest, Message, PublicText, Role, Router
from llm_router.providers.connect import connector
from llm_router.providers.port import ModelCall, Turn
from llm_router.providers.recorded import RecordingModels, ReplayedModels
from tests.llm_router.local_model import ollama_shim, start_model

pytestmark = pytest.mark.acceptance

KINDS = ("ollama", "openai_compatible", "anthropic")


class Complaint(StrEnum):
    CHEST_PAIN = "chest_pain"
    FALL = "fall"


class Found(BaseModel):
    """Small enough for a very small model."""

    model_config = ConfigDict(extra="forbid")

    complaint: Complaint


FLOOR = Found(complaint=Complaint.FALL)


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    server = start_model()
    yield server.listening_address
    del server


@pytest.fixture(params=KINDS)
async def house(request: pytest.FixtureRequest, model: str) -> AsyncIterator[tuple[str, Router]]:
    kind = request.param
    async with ollama_shim(model) as shim:
        url = shim if kind == "ollama" else f"{model}/v1" if kind.startswith("openai") else model
        router = house_router(house_policy([(kind, url)], deadline_ms=90_000, max_output_tokens=64))
        yield kind, router
        await router.aclose()


def asked(schema: Any, floor: Any, **fields: Any) -> LLMRequest[Any]:
    messages = (
        Message(Role.SYSTEM, (PublicText("What is the complaint?", origin="test"),)),
        Message(Role.USER, (CallText("he has chest pain"),)),
    )
    return LLMRequest(task="triage", messages=messages, schema=schema, floor=lambda: floor, **fields)


async def test_a_real_model_answers_in_the_schema_that_was_asked_for(house: tuple[str, Router]) -> None:
    kind, router = house
    if kind == "anthropic":
        outcome = await router.complete(asked(str, "floor"))
        # So small a model sometimes says a number that nobody said, which is refused as it should be.
        assert outcome.decision.attempts[0].end in {"answered", "truncated", "ungrounded_number"}
        assert outcome.decision.attempts[0].output_tokens > 0
        return
    outcome = await router.complete(asked(Found, FLOOR))
    assert outcome.source == "model"
    assert isinstance(outcome.result.complaint, Complaint)
    assert outcome.decision.attempts[0].input_tokens > 0
    assert outcome.decision.attempts[0].output_tokens > 0


async def test_a_real_model_streams_word_by_word(house: tuple[str, Router]) -> None:
    kind, router = house
    schema, floor = (str, "floor") if kind == "anthropic" else (Found, FLOOR)
    events = [event async for event in router.stream(asked(schema, floor))]
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Delta) for event in events) > 1
    record = events[-1].outcome.decision.attempts[0]
    assert record.first_token_ms is not None
    assert record.first_token_ms < record.elapsed_ms


async def test_a_real_model_that_is_too_slow_is_cut_off_in_time(house: tuple[str, Router]) -> None:
    _, router = house
    outcome = await router.complete(asked(str, "floor", deadline=router.deadline_in(0.1)))
    assert outcome.source == "floor"
    assert outcome.decision.attempts[0].end == "out_of_time"
    assert router.health().models[0].in_flight == 0


async def test_what_a_real_model_said_can_be_replayed_without_it(model: str, tmp_path: Path) -> None:
    endpoint = house_policy([("openai_compatible", f"{model}/v1")]).endpoints["own0"]
    real = connector({})("own0", endpoint)
    assert real is not None
    cassette = tmp_path / "said.jsonl"
    recording = RecordingModels(real, cassette)
    call = ModelCall("smollm2", "Answer with one word.", (Turn("user", "hello"),), "answer", None, 8)
    whole = await recording.complete(call)
    pieces = [chunk.text async for chunk in recording.stream(call)]
    await recording.aclose()
    replayed = ReplayedModels(cassette)
    assert await replayed.complete(call) == whole
    assert [chunk.text async for chunk in replayed.stream(call)] == pieces
