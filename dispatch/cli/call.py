"""`kiwimesh call FILE`: a caller from the command line."""

import asyncio
from pathlib import Path
from typing import Final

import click

from dispatch.client import CallerClient, ClientError
from dispatch.contract.caller import CallerCallState, StartCall
from dispatch.sound_files import SoundFile, paced, read_sound

from . import Failure
from .options import json_option, print_json, server_url, settings_from, url_option

AS_FAST_AS_POSSIBLE: Final = 1000.0


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@url_option
@click.option("--realtime/--fast", default=True, help="At the pace of speech (default), or as fast as it is taken.")
@click.option("--speed", type=click.FloatRange(min=0.1, max=AS_FAST_AS_POSSIBLE), help="So many times real time.")
@click.option("--entry", default="web", show_default=True, help="The way in; decides the dispatch centre.")
@click.option("--phone", help="Call-back number to send along.")
@click.option("--language", help="Language of the caller, as en; unset: detected.")
@json_option
def call(
    file: Path, url: str | None, realtime: bool, speed: float | None, entry: str, phone: str | None,
    language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Play a sound file into a running server as a caller.

    Any format that FFmpeg reads will do; mono mu-law, A-law and 16-bit files are sent bit by bit as they are. Ends with
    how many samples the server has safely on disk.
    """
    sound = read_sound(file)
    pace = speed or (1.0 if realtime else AS_FAST_AS_POSSIBLE)
    request = StartCall(format=sound.format, entry=entry, phone=phone, language=language)
    try:
        result = asyncio.run(play_call(url or server_url(settings_from()), request, sound, pace, quiet=as_json))
    except ClientError as error:
        raise Failure(error.problem.message, error.problem.way_out, code=error.problem.code) from error
    except (ConnectionError, OSError) as error:
        raise Failure("No server answers there.", "Start one with `kiwimesh serve` or name it with --url.") from error
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result['call_id']}: {result['safe_samples']} of {result['samples']} samples are safe on disk.")


async def play_call(
    url: str, request: StartCall, sound: SoundFile, speed: float, *, quiet: bool = False
) -> dict[str, object]:
    """One call from start to hang-up."""

    def say(state: CallerCallState) -> None:
        if not quiet:
            click.echo(f"  {state.phase.value}: {state.message}", err=True)

    caller = CallerClient(url, on_state=say)
    try:
        opened = await caller.start(request)
        async for offset, audio in paced(sound, speed):
            await caller.send(audio, offset)
        await caller.hang_up()
    finally:
        await caller.close()
    return {
        "call_id": opened.call_id,
        "samples": sound.samples,
        "safe_samples": caller.acked.next_offset,
        "problems": [problem.code.value for problem in caller.problems],
    }
