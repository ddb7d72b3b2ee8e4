"""A cassette plays back what was recorded, errors and cuts included, and never guesses."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench._router_kit import House, request
from llm_router import errors
from llm_router.providers.port import Finish, ModelCall, Turn
from llm_router.providers.recorded import RecordingModels, ReplayedModels, question_hash
from llm_router.providers.scripted import Line, ScriptedModels

pytestmark = pytest.mark.unit

CALL = ModelCall("m", "be short", (Turn("user", "hello"),), "answer", None, 10)


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "cassette.jsonl"


async def test_the_same_question_plays_its_answers_in_order(cassette: Path) -> None:
    real = RecordingModels(ScriptedModels([Line("one"), Line("two", finish=Finish.LENGTH)]), cassette)
    said = [await real.complete(CALL), await real.complete(replace(CALL, idempotency_key="another"))]
    replayed = ReplayedModels(cassette)
    assert [await replayed.complete(CALL), await replayed.complete(CALL), await replayed.complete(CALL)] == [
        *said,
        said[1],
    ]


async def test_errors_and_cut_streams_are_played_back_too(cassette: Path) -> None:
    script = [Line(error=errors.RateLimitedError(retry_after_s=7)), Line("a b c", cut_after=2)]
    real = RecordingModels(ScriptedModels(script), cassette)
    with pytest.raises(errors.RateLimitedError):
        await real.complete(CALL)
    assert [chunk.text async for chunk in real.stream(CALL)] == ["a ", "b "]
    replayed = ReplayedModels(cassette)
    with pytest.raises(errors.RateLimitedError) as limited:
        await replayed.complete(CALL)
    assert limited.value.retry_after_s == 7
    chunks = [chunk async for chunk in replayed.stream(CALL)]
    assert [chunk.text for chunk in chunks] == ["a ", "b "]
    assert not any(chunk.answer for chunk in chunks)


async def test_a_question_that_was_never_recorded_is_unreachable(cassette: Path) -> None:
    await RecordingModels(ScriptedModels([Line("one")]), cassette).complete(CALL)
    with pytest.raises(errors.UnreachableError):
        await ReplayedModels(cassette).complete(replace(CALL, system="something else"))


async def test_a_router_answers_from_a_cassette_as_it_did_from_the_model(cassette: Path) -> None:
    good = '{"complaint": "fall"}'
    house = House({"own": [Line(good)], "own_two": [Line("junk")]})
    link = house.router._lanes.targets["local"].link
    link.port = RecordingModels(link.port, cassette)
    first = await house.router.complete(request())
    link.port = ReplayedModels(cassette)
    again = await house.router.complete(request())
    assert first.result == again.result
    assert again.source == "model"


def test_a_question_is_named_by_everything_in_it_but_its_key() -> None:
    assert question_hash(CALL) == question_hash(replace(CALL, idempotency_key="k"))
    for change in ({"model": "n"}, {"system": "x"}, {"turns": ()}, {"schema": {}}, {"effort": "low"}):
        assert question_hash(replace(CALL, **change)) != question_hash(CALL)  # type: ignore[arg-type]
