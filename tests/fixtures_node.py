"""A pytest plugin: a whole server in this process, on real PostgreSQL and Valkey, with a scripted recogniser.

The script says the same words on every caller's stream, so that a test knows what will be heard; the sound that a test
sends decides when. `tone` is a second of sound that the scripted detector takes for a voice.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ClientError, ConsoleClient
from dispatch.contract.audio import AudioFormat, Encoding
from dispatch.contract.http import Session
from dispatch.http_client import sign_in
from dispatch.identity import Role
from dispatch.settings import Settings
from dispatch.storage import ServerUrls
from transcription import ScriptedEngine, ScriptedVoice, ScriptedWord, TranscriptionService

MULAW = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)
FRAME = 160
"""Samples in 20 ms at 8 kHz."""
LOUD, SILENT = b"\x10" * FRAME, b"\xff" * FRAME
WORDS_A_SECOND = 2
TRIES = 10
SAID = "my husband collapsed he is not breathing"


class SameForEveryCaller(Mapping[str, Sequence[ScriptedWord]]):
    """A script that ignores which stream it is asked for, except that operators' streams are silent."""

    def __init__(self, text: str) -> None:
        step = 16000 // WORDS_A_SECOND
        self.words = [
            ScriptedWord(word, number * step, number * step + step // 2, 0.99)
            for number, word in enumerate(text.split())
        ]

    def __getitem__(self, key: str) -> Sequence[ScriptedWord]:
        return self.words if key.endswith(".caller") else ()

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def node_settings(servers: ServerUrls, data_dir: Path, **more: object) -> Settings:
    """Settings of a node on the session's servers."""
    urls = {
        "database_url": SecretStr(servers.database_url),
        "database_owner_url": SecretStr(servers.owner_url),
        "redis_url": SecretStr(servers.redis_url),
    }
    return Settings.model_validate({"data_dir": data_dir, "port": 0, **urls, **more})


def scripted_transcription(text: str = SAID) -> TranscriptionService:
    """A service whose every caller says `text`."""
    return TranscriptionService(ScriptedEngine(SameForEveryCaller(text)), voice=ScriptedVoice())


@pytest.fixture
async def node(servers: ServerUrls, tmp_path: Path) -> AsyncIterator[Node]:
    """A running server."""
    made = Node(node_settings(servers, tmp_path), demo=True, transcription=scripted_transcription())
    await made.start()
    yield made
    await made.stop()


async def signed_in(url: str, email: str, password: str) -> Session:
    """A session, asked for again where the server says that trying again helps: a database that is just starting."""
    for _ in range(TRIES):
        try:
            return await sign_in(url, email, password)
        except ClientError as error:
            if not error.problem.retryable:
                raise
            await asyncio.sleep(0.5)
    return await sign_in(url, email, password)


async def console_of(node: Node, role: Role = Role.OPERATOR, **more: object) -> ConsoleClient:
    """A connected console of a demo login."""
    assert node.demo_world is not None
    login = node.demo_world.login(role)
    session = await signed_in(node.url, login.email, login.password)
    console = ConsoleClient(node.url, session.access_token, **more)  # type: ignore[arg-type]
    await console.connect()
    return console


async def talk(caller: CallerClient, seconds: float, *, first: int = 0, loud: bool = True) -> int:
    """Sends sound in 20 ms frames as fast as it is taken; returns the number of the next frame."""
    count = round(seconds * 50)
    for number in range(first, first + count):
        await caller.send(LOUD if loud else SILENT, number * FRAME)
    return first + count


def new_id() -> str:
    """A command id."""
    return secrets.token_hex(8)
