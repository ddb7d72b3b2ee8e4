"""`kiwimesh scenarios`: training calls listed, checked, played, and the reference operator's figures.

The scripts and their player stand above this package, so they are loaded by name, like every command of the table.
"""

import asyncio
import importlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from dispatch.bootstrap import Node
from dispatch.client import ClientError
from dispatch.http_client import HttpClient, sign_in
from dispatch.identity import Role
from dispatch.model_routing import ModelRouting, model_routing
from dispatch.observability.logs import configure_logging
from dispatch.settings import Settings
from transcription import EngineState

from . import Failure
from .options import data_option, json_option, print_json, server_url, settings_from, url_option

ENGINE_WAIT_S: Final = 120.0
PASSWORD: Final = "KIWIMESH_PASSWORD"  # noqa: S105 - the name of a variable, not its content


@click.group()
def scenarios() -> None:
    """Training calls: a caller from a script, scored against what a good call-taker does."""


@scenarios.command("list")
@json_option
def list_scripts(as_json: bool) -> None:
    """List the scripts of the library."""
    rows = [_row(script) for script in _scripts(())]
    if as_json:
        print_json({"scripts": rows})
        return
    for row in rows:
        click.echo(f"{row['id']:<30} {row['type']:<24} cat {row['category']}  {row['title']}")
    click.echo(f"{len(rows)} scripts of {len({row['type'] for row in rows})} call types")


@scenarios.command()
@click.argument("scripts", nargs=-1)
@json_option
def check(scripts: tuple[str, ...], as_json: bool) -> None:
    """Check scripts and their recordings.

    SCRIPTS are ids, or paths of YAML files; without any all of the library. Exit code 1: something is wrong.
    """
    form, sound = _form(), _module("scenarios.sound")
    problems = []
    for name in scripts or form.script_ids():
        try:
            sound.voice_of(form.load_script(name))
        except form.ScriptError as error:
            problems.append(str(error))
    checked = len(scripts or form.script_ids())
    if as_json:
        print_json({"ok": not problems, "checked": checked, "problems": problems})
    elif not problems:
        click.echo(f"{checked} scripts are fine.")
    if problems:
        if not as_json:
            click.echo("\n".join(problems), err=True)
        raise click.exceptions.Exit(1)


@scenarios.command()
@click.argument("script")
@url_option
@click.option("--operator", "email", required=True, help=f"Trainee whose console is followed; password in {PASSWORD}.")
@click.option("--speed", type=click.FloatRange(0.5, 100), default=1.0, help="Faster than life, for scripted engines.")
@click.option(
    "--report", "report_file", type=click.Path(path_type=Path), help="Write the report: .html, .pdf or .json."
)
@click.option(
    "--speaker",
    help="Let a language model find own words for small talk, within the script's facts, and speak them with this "
    "command: text on its standard input, a WAV on its output. Needs a model in the settings.",
)
@json_option
def play(
    script: str, url: str | None, email: str, speed: float, report_file: Path | None, speaker: str | None, as_json: bool
) -> None:  # fmt: skip
    """Play a script into a running server as a caller.

    The trainee answers on their own page; the sheet is printed when the call is over.
    """
    chosen = _load(script)
    settings = settings_from()
    if speaker and settings.ollama_url is None and settings.llm_policy is None:
        raise Failure("No language model is configured.", "Set KIWIMESH_OLLAMA_URL, or leave --speaker out.")
    password = os.environ.get(PASSWORD) or click.prompt(f"Password of {email}", hide_input=True, err=True)
    try:
        address = url or server_url(settings)
        played, trend = asyncio.run(_play(settings, address, (email, password), chosen, speed, speaker))
    except ClientError as error:
        raise Failure(error.problem.message, error.problem.way_out, code=error.problem.code) from error
    except OSError as error:
        raise Failure("No server answers there.", "Start one with `kiwimesh serve` or name it with --url.") from error
    if report_file is not None:
        asyncio.run(_write_report(settings, played, report_file, trend))
    if as_json:
        print_json({"call_id": played.call_id, **played.sheet.model_dump(mode="json")})
    else:
        _say_sheet(played.sheet)


@scenarios.command("serve")
@url_option
@click.option("--trainer", "email", required=True, help=f"Login of a trainer, for the player; password in {PASSWORD}.")
@click.option("--at-once", type=click.IntRange(1, 16), default=4, show_default=True, help="Exercises at a time.")
@click.option("--speed", type=click.FloatRange(0.5, 100), default=1.0, help="Faster than life, for scripted engines.")
def serve(url: str | None, email: str, at_once: int, speed: float) -> None:
    """Play what trainers ask for on their page, until Ctrl-C.

    It needs no seat and no microphone.
    """
    password = os.environ.get(PASSWORD) or click.prompt(f"Password of {email}", hide_input=True, err=True)
    serving = _module("scenarios.serving")
    try:
        asyncio.run(
            serving.serve(
                url or server_url(settings_from()), email, password, speed=speed, at_once=at_once, say=click.echo
            )
        )
    except KeyboardInterrupt:
        click.echo("The player goes home.")
    except ClientError as error:
        raise Failure(error.problem.message, error.problem.way_out, code=error.problem.code) from error


@scenarios.command("score")
@click.argument("scripts", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every script of the library.")
@click.option("--at-once", type=click.IntRange(1, 16), default=4, show_default=True, help="Calls at a time.")
@click.option("--reports", type=click.Path(path_type=Path, file_okay=False), help="Folder for a report of each call.")
@click.option(
    "--results", "results_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a JSON line a script."
)
@click.option("--resume", is_flag=True, help="Play only what --results does not have yet, and what failed there.")
@data_option
@json_option
def score(
    scripts: tuple[str, ...], every: bool, at_once: int, reports: Path | None, results_file: Path | None,
    resume: bool, data_dir: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Let the reference operator work scripts; print the figures.

    It plays in real time on a server of its own. The reference operator does what the card says and nothing else: it
    asks the next question, confirms the place, sends help, reads the script's steps. Words reach it through the whole
    path, from telephone sound to the console. A script that fails is reported as such, and the others go on.
    """
    if not (scripts or every):
        raise click.UsageError("Name scripts, or --all.")
    if resume and results_file is None:
        raise click.UsageError("--resume needs the --results of the run that it goes on with.")
    chosen, reckoning = _scripts(scripts), _module("scenarios.reckoning")
    rows: list[dict[str, Any]] = reckoning.kept_rows(results_file, chosen) if resume else []
    if results_file is not None and not resume:
        results_file.write_text("", encoding="utf-8")
    left = [script for script in chosen if script.id not in {row["id"] for row in rows}]

    def told(result: Any) -> None:
        rows.append(reckoning.row(result))
        _say_row(rows[-1], f"{len(rows)}/{len(chosen)}")
        if results_file is not None:
            with results_file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        settings = settings_from(data_dir=data_dir or Path(folder), port=0)
        configure_logging("error")
        results = asyncio.run(_score(settings, left, at_once, told)) if left else []
    _write_reports(settings, results, reports)
    found = reckoning.figures(sorted(rows, key=lambda row: str(row["id"])))
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(f"{name:<26} {value}" for name, value in found.items() if name != "rows"))


def _write_reports(settings: Settings, results: list[Any], folder: Path | None) -> None:
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for result in results:
        if result.played is not None:
            asyncio.run(_write_report(settings, result.played, folder / f"{result.script.id}.html"))


async def _play(
    settings: Settings, url: str, login: tuple[str, str], script: Any, speed: float, speaker: str | None
) -> tuple[Any, Any]:
    """The played call, and the trainee's earlier runs."""
    session = await sign_in(url, *login)
    routing = await model_routing(settings, os.environ) if speaker else ModelRouting()
    try:
        voice = _module("scenarios.speaker").CommandSpeaker(speaker) if routing.router else None
        words = _module("scenarios.adaptive").AdaptiveCaller(routing.router) if routing.router else None
        player = _module("scenarios.player").Player(
            url, session.access_token, script, speed=speed, improviser=words, speaker=voice
        )
        played = await player.play()
        async with HttpClient(url, *login) as asks:
            return played, await _module("scenarios.trend").trend_of(asks, played.entries)
    finally:
        await routing.aclose()


async def _write_report(settings: Settings, played: Any, path: Path, trend: Any = ()) -> None:
    """The report in words of a self-hosted model where the settings name one, else of a template."""
    report = _module("scenarios.report")
    routing = await model_routing(settings, os.environ)
    try:
        made = replace(report.report_of(played), trend=trend)
        report.write(await report.worded(made, routing.router), path)
    finally:
        await routing.aclose()


async def _score(settings: Any, scripts: list[Any], at_once: int, told: Callable[[Any], None]) -> list[Any]:
    node = Node(settings, demo=True)
    await node.start()
    try:
        await _engine_up(node)
        assert node.demo_world is not None
        login = node.demo_world.login(Role.OPERATOR)
        url = node.url

        async def signed_in() -> str:
            return (await sign_in(url, login.email, login.password)).access_token

        reckoning = _module("scenarios.reckoning")
        found: list[Any] = await reckoning.reckon(url, signed_in, scripts, at_once=at_once, told=told)
        return found
    finally:
        await node.stop()


async def _engine_up(node: Node) -> None:
    async with asyncio.timeout(ENGINE_WAIT_S):
        while node.transcription.status().engine is not EngineState.UP:  # noqa: ASYNC110 - a look now and then will do
            await asyncio.sleep(0.1)


def _say_row(row: dict[str, Any], place: str) -> None:
    click.echo("  ".join((place, *(f"{name}={value}" for name, value in row.items() if name != "call_id"))), err=True)


def _say_sheet(sheet: Any) -> None:
    for line in sheet.lines:
        click.echo(f"  {line.verdict.value:<8} {line.points:>4.0f}/{line.of:<3} {line.explanation}")
    click.echo(f"{'PASSED' if sheet.passed else 'NOT PASSED'} with {sheet.score} %")


def _scripts(names: tuple[str, ...]) -> list[Any]:
    return [_load(name) for name in names or _form().script_ids()]


def _load(name: str) -> Any:
    form = _form()
    try:
        return form.load_script(name)
    except form.ScriptError as error:
        raise Failure(str(error), "docs/scenarios.md explains the form.", code="bad_scenario") from error


def _form() -> Any:
    return _module("scenarios.script")


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _row(script: Any) -> dict[str, Any]:
    return {
        "id": script.id,
        "type": script.type.value,
        "title": script.title,
        "category": script.gold.category,
        "emotion": script.persona.emotion,
        "language": script.persona.lang,
        "brief": script.brief,
    }
