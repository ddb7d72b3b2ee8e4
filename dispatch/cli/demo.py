"""`kiwimesh demo`: everything on this machine, and one recorded call through the real audio path.

The recording's player stands above this package, so it is loaded by name, like every command of the table.
"""

import asyncio
import importlib
import time
from pathlib import Path
from typing import Any, Final

import click
import psutil

from dispatch.bootstrap import Node
from dispatch.client import CallerClient
from dispatch.contract.audio import Channel
from dispatch.contract.caller import StartCall
from dispatch.http_client import sign_in
from dispatch.identity import Role
from dispatch.observability.logs import configure_logging
from dispatch.settings import Settings
from dispatch.sound_files import paced, read_sound
from transcription import EngineState

from .crew import drive
from .options import data_option, json_option, print_json, settings_from
from .output import say_logins
from .serve import until_told_to_stop

SIGN_IN_WAIT_S: Final = 60.0
ENGINE_WAIT_S: Final = 120.0
YOURS: Final = frozenset({"Kiwi 2"})
"""The unit that nobody drives, so that somebody can try the crews' page."""


@click.command()
@data_option
@click.option("--port", type=int, help="Port to listen on; 0 takes any free one. Default: 8000, with --once any free.")
@click.option("--once", is_flag=True, help="Replay the call with an automatic operator, print the figures, and end.")
@json_option
def demo(data_dir: Path | None, port: int | None, once: bool, as_json: bool) -> None:
    """Start everything on this machine and replay one recorded emergency call.

    Brings its own PostgreSQL and Valkey, a demo community with one login per role, the operators' and the callers'
    page. The recorded call starts when you have signed in on the operators' page, or after a minute. Ctrl-C ends it.
    """
    settings = settings_from(data_dir=data_dir, port=0 if once and port is None else port)
    configure_logging("warning" if once else settings.log_level.value)
    if once:
        result = asyncio.run(replay_once(settings))
        print_json(result) if as_json else click.echo(_in_words(result))
    else:
        asyncio.run(show(settings))


async def replay_once(settings: Settings) -> dict[str, Any]:
    """Starts, replays one call with both its sides, and stops; the figures."""
    node = Node(settings, demo=True)
    await node.start()
    try:
        await _engine_up(node)
        ready_s = time.time() - psutil.Process().create_time()
        session = await _operator_session(node)
        player: Any = importlib.import_module("scenarios.replay")
        library: Any = importlib.import_module("scenarios.library")
        result = await player.replay(node.url, session, library.load(library.DEMO_CALL))
    finally:
        await node.stop()
    return {"ready_s": round(ready_s, 2), **player.figures(result)}


async def show(settings: Settings) -> None:
    """Serves until Ctrl-C, and replays the call for whoever signs in."""
    node = Node(settings, demo=True)
    await node.start()
    try:
        click.echo(f"\nKiwimesh is ready at {node.url}")
        assert node.demo_world is not None
        say_logins(node.url, node.demo_world)
        click.echo(f"Sign in as the operator; a recorded call comes in then (or in {SIGN_IN_WAIT_S:.0f} s).")
        node.tasks.start("demo call", _recorded_call(node))
        crews = node.demo_world.login(Role.PARAMEDIC)
        node.tasks.start("demo crews", drive(node.url, crews.email, crews.password, 1.0, _unsaid, YOURS))
        click.echo(
            f"Crews drive by themselves, but {', '.join(YOURS)}: that is you, at {node.url}/crew/ as the paramedic."
        )
        trainer = node.demo_world.login(Role.TRAINER)
        serving: Any = importlib.import_module("scenarios.serving")
        node.tasks.start("demo player", serving.serve(node.url, trainer.email, trainer.password))
        await until_told_to_stop()
        click.echo("Stopping.")
    finally:
        await node.stop()


def _unsaid(_: str) -> None:
    """What the crews do is seen on the operators' page."""


async def _recorded_call(node: Node) -> None:
    """The caller's side of the recording; the operator is whoever answers on the page."""
    await _engine_up(node)
    deadline = time.monotonic() + SIGN_IN_WAIT_S
    while not node.floor.consoles and time.monotonic() < deadline:  # noqa: ASYNC110 - a look now and then will do
        await asyncio.sleep(0.2)
    library: Any = importlib.import_module("scenarios.library")
    sound = read_sound(library.load(library.DEMO_CALL).sound(Channel.CALLER))
    caller = CallerClient(node.url)
    click.echo("The recorded call is ringing.")
    await caller.start(StartCall(format=sound.format, entry="replay"))
    async for offset, audio in paced(sound):
        await caller.send(audio, offset)
    await caller.hang_up()
    click.echo("The recorded call has ended. Ctrl-C stops the server; /call/ makes calls of your own.")
    await asyncio.sleep(ENGINE_WAIT_S)
    await caller.close()


async def _engine_up(node: Node) -> None:
    deadline = time.monotonic() + ENGINE_WAIT_S
    while node.transcription.status().engine is not EngineState.UP:
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(0.02)


async def _operator_session(node: Node) -> str:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.OPERATOR)
    return (await sign_in(node.url, login.email, login.password)).access_token


def _in_words(result: dict[str, Any]) -> str:
    return (
        f"ready after {result['ready_s']} s; category {result['category']}; red {result['red_flag_to_card_s']} s after "
        f"the words; words settled within {result['stable_p95_s']} s (95 %); {result['lost_samples']} samples lost"
    )
