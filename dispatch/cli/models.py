"""`kiwimesh models`: which speech models there are, getting one ready, and checking it byte by byte."""

from collections.abc import Callable
from pathlib import Path

import click

from dispatch.settings import MODEL_CACHE
from transcription import Model, ModelError, ModelStore, known

from . import Failure
from .options import json_option, print_json, settings_from


@click.group()
def models() -> None:
    """Show and check the speech models.

    KIWIMESH_MODEL names the one that the server uses: a name of `models list`, a folder with a CTranslate2 model, or
    a model of the hub as `owner/model`.
    """


@models.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """Show the models that have a name, and which are here already."""
    settings = settings_from()
    store = ModelStore(MODEL_CACHE)
    rows = [described(model, store, settings.model) for model in known().values()]
    if as_json:
        print_json({"models": rows})
        return
    for row in rows:
        mark = "*" if row["in_use"] else " "
        where = "here" if row["here"] else "from the hub"
        click.echo(f"{mark} {row['name']:<16} {where:<13} {row['description']}")
    click.echo("\n* the server's model. Bigger ones hear better and need more time for every word.")


def described(model: Model, store: ModelStore, in_use: str) -> dict[str, object]:
    """A model's line for machines."""
    return {
        "name": model.name,
        "description": model.description,
        "multilingual": model.multilingual,
        "here": store.present(model),
        "checked_by_hash": model.pinned,
        "in_use": model.name == in_use,
    }


@models.command()
@click.argument("name", required=False)
@json_option
def get(name: str | None, as_json: bool) -> None:
    """Get a model ready, so that the server starts at once. NAME defaults to the server's model."""
    settings = settings_from()
    chosen = name or settings.model
    _report(chosen, "ready", _or_failure(lambda store: store.get(chosen)), as_json)


@models.command()
@click.argument("name", required=False)
@json_option
def verify(name: str | None, as_json: bool) -> None:
    """Compare every byte of a model with its SHA-256. NAME defaults to the server's model."""
    settings = settings_from()
    chosen = name or settings.model
    checked = chosen in known() and known()[chosen].pinned
    result = "every file is the pinned one" if checked else "complete; there is no hash to compare it with"
    _report(chosen, result, _or_failure(lambda store: store.verify(chosen)), as_json)


def _or_failure(ask: Callable[[ModelStore], Path]) -> Path:
    try:
        return ask(ModelStore(MODEL_CACHE))
    except ModelError as error:
        raise Failure(f"{error}.", "`kiwimesh models list` shows what there is.", code=error.code) from error


def _report(name: str, result: str, place: Path, as_json: bool) -> None:
    if as_json:
        print_json({"ok": True, "model": name, "result": result, "path": str(place)})
    else:
        click.echo(f"{name}: {result} ({place})")
