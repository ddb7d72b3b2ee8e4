"""The adapters on real wires: every format, every fault, whole and streamed, from a server that speaks it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bench._router_servers import BODY_FAULTS, ModelServer
from llm_router import errors
from llm_router.policy import Endpoint, Trust
from llm_router.providers.connect import connector, import_sdks
from llm_router.providers.port import Finish, ModelCall, ModelPort, Turn

pytestmark = pytest.mark.contract

KINDS = ("ollama", "openai", "openai_compatible", "anthropic")
CALL = ModelCall("loopback-1", "be short", (Turn("user", "hello"),), "answer", {"type": "object"}, 64, effort="low",
                 context_tokens=4096, idempotency_key="once")  # fmt: skip
TEXT = "press hard and fast"
PATIENCE_S = 60.0
IMPATIENT_S = 0.3
"""For servers that say nothing any more; all others may take as long as the machine needs."""

STATUS = {
    400: errors.BadRequestError,
    401: errors.AuthRefusedError,
    403: errors.AuthRefusedError,
    404: errors.AuthRefusedError,
    429: errors.RateLimitedError,
    500: errors.ServerFaultError,
    503: errors.OverloadedError,
    529: errors.OverloadedError,
}
BODY = {
    "hang": errors.TimedOutError,
    "stall": errors.TimedOutError,
    "cut": errors.UnreachableError,
    "empty": errors.MalformedError,
    "junk": errors.MalformedError,
    "bare": errors.MalformedError,
    "redirect": errors.EgressRefusedError,
}


@pytest.fixture(params=KINDS)
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, ModelServer, ModelPort]]:
    timeout_s = IMPATIENT_S if request.node.callspec.params.get("fault") in ("hang", "stall") else PATIENCE_S
    async with ModelServer(TEXT) as server:
        kind: Any = request.param
        endpoint = Endpoint(kind=kind, trust=Trust.CLOUD, url=server.url(kind), key_env="THE_KEY", timeout_s=timeout_s)
        port = connector({"THE_KEY": "s3cret"})("x", endpoint)
        assert port is not None
        yield kind, server, port
        await port.aclose()


Wire = tuple[str, ModelServer, ModelPort]


async def streamed(port: ModelPort) -> list[Any]:
    return [chunk async for chunk in port.stream(CALL)]


async def test_a_whole_answer_comes_with_its_tokens_and_the_models_own_name(wire: Wire) -> None:
    _, _, port = wire
    answer = await port.complete(CALL)
    assert (answer.text, answer.finish, answer.model) == (TEXT, Finish.STOP, "loopback-1")
    assert (answer.input_tokens, answer.output_tokens) == (20, 9)


async def test_a_stream_comes_in_words_and_ends_with_the_whole(wire: Wire) -> None:
    _, _, port = wire
    chunks = await streamed(port)
    assert "".join(chunk.text for chunk in chunks) == TEXT
    assert [chunk.answer is None for chunk in chunks] == [True] * 4 + [False]
    assert (chunks[-1].answer.text, chunks[-1].answer.output_tokens) == (TEXT, 9)


async def test_what_goes_out_is_the_question_the_key_and_nothing_from_elsewhere(wire: Wire) -> None:
    kind, server, port = wire
    await port.complete(CALL)
    asked = server.asked[0]
    assert asked.body["model"] == "loopback-1"
    assert "be short" in str(asked.body)
    names = {line.split(b":")[0].lower() for line in asked.headers.split(b"\r\n")[1:] if line}
    key = b"x-api-key" if kind == "anthropic" else b"authorization"
    assert names <= {b"host", b"accept", b"accept-encoding", b"connection", b"content-type", b"content-length",
                     b"user-agent", b"anthropic-version", b"idempotency-key", key}  # fmt: skip
    assert b"s3cret" in asked.headers
    assert asked.headers.count(b"s3cret") == 1
    if kind != "ollama":
        assert b"once" in asked.headers


async def test_each_provider_is_asked_for_the_schema_and_the_effort_in_its_own_words(wire: Wire) -> None:
    kind, server, port = wire
    await port.complete(CALL)
    body = server.asked[0].body
    if kind == "ollama":
        assert (body["format"], body["think"], body["options"]["num_ctx"]) == ({"type": "object"}, "low", 4096)
        assert body["options"]["num_predict"] == 64
    elif kind == "anthropic":
        assert body["output_config"] == {
            "effort": "low",
            "format": {"type": "json_schema", "schema": {"type": "object"}},
        }
        assert (body["system"], body["max_tokens"]) == ("be short", 64)
    else:
        assert body["response_format"]["json_schema"]["strict"] is True
        assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    if kind == "openai":
        assert (body["reasoning_effort"], body["max_completion_tokens"], body["store"]) == ("low", 64, False)
    if kind == "openai_compatible":
        assert (body["max_tokens"], body["temperature"]) == (64, 0)
        assert "reasoning_effort" not in body


@pytest.mark.parametrize("status", STATUS)
async def test_every_status_is_its_own_error(wire: Wire, status: int) -> None:
    _, server, port = wire
    server.fault, server.retry_after_s = str(status), 7
    for ask in (port.complete(CALL), streamed(port)):
        with pytest.raises(STATUS[status]) as failed:
            await ask
        if status == 429 and not isinstance(port, type(None)) and wire[0] != "ollama":
            assert failed.value.retry_after_s == 7
        assert failed.value.__cause__ is None
    assert len(server.asked) == 2, "an adapter never retries"


@pytest.mark.parametrize("fault", BODY)
async def test_every_broken_body_is_an_error_of_ours(wire: Wire, fault: str) -> None:
    _, server, port = wire
    server.fault = fault
    with pytest.raises(BODY[fault]):
        await port.complete(CALL)


@pytest.mark.parametrize("fault", [fault for fault in BODY_FAULTS if fault not in ("refusal", "length", "nonsense")])
async def test_a_broken_stream_is_an_error_or_ends_without_its_last_piece(wire: Wire, fault: str) -> None:
    _, server, port = wire
    server.fault = fault
    if fault == "drip":
        return
    try:
        chunks = await streamed(port)
    except errors.ProviderError:
        return
    assert not any(chunk.answer for chunk in chunks)


@pytest.mark.parametrize(("fault", "finish"), [("length", Finish.LENGTH), ("refusal", Finish.REFUSAL)])
async def test_truncation_and_refusal_are_told_apart_from_an_answer(wire: Wire, fault: str, finish: Finish) -> None:
    kind, server, port = wire
    server.fault = fault
    if (kind, fault) == ("ollama", "refusal"):
        finish = Finish.STOP
    assert (await port.complete(CALL)).finish is finish
    assert (await streamed(port))[-1].answer.finish is finish


async def test_a_stream_that_is_left_early_closes_its_connection(wire: Wire) -> None:
    _, server, port = wire
    server.gap_s = 0.05
    pieces = port.stream(CALL)
    await anext(pieces)
    await pieces.aclose()
    server.gap_s = 0
    for _look in range(100):
        if server.in_flight == 0:
            break
        await port.complete(CALL)
    assert server.in_flight == 0


async def test_a_local_server_is_never_asked_for_a_model_that_it_forwards(wire: Wire) -> None:
    kind, server, port = wire
    if kind != "ollama":
        return
    from dataclasses import replace

    with pytest.raises(errors.EgressRefusedError):
        await port.complete(replace(CALL, model="gpt-oss:120b-cloud"))
    assert not server.asked


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    for kind in KINDS:
        endpoint = Endpoint(kind=kind, trust=Trust.SELF_HOSTED, url="http://127.0.0.1:9")  # type: ignore[arg-type]
        port = connector({})("x", endpoint)
        assert port is not None
        with pytest.raises(errors.UnreachableError):
            await port.complete(CALL)
        await port.aclose()


def test_a_cloud_without_its_key_is_not_connected_and_sdks_can_be_loaded_ahead() -> None:
    from llm_router import default_policy

    policy = default_policy()
    assert connector({})("openai", policy.endpoints["openai"]) is None
    assert connector({"OPENAI_API_KEY": "k"})("openai", policy.endpoints["openai"]) is not None
    import_sdks(policy, {"OPENAI_API_KEY": "k"})
