"""`kiwimesh bench NAME`: runs one bench of the folder bench/ and prints its figures as one JSON object.

In: a module `bench.<name>` with `arguments() -> list[click.Parameter]` and `run(**options) -> dict[str, object]`. Out:
that dictionary, with the machine it was measured on, as the last line.
"""

import ast
import importlib
import os
import pkgutil
import platform
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from typing_extensions import override

from . import Failure
from .options import print_json


def bench_files() -> dict[str, Path]:
    """Name and file of every bench."""
    spec = find_spec("bench")
    folders = list(spec.submodule_search_locations or []) if spec else []
    names = [module.name for module in pkgutil.iter_modules(folders) if not module.name.startswith("_")]
    return {name: Path(folder) / f"{name}.py" for folder in folders for name in names}


def summary(path: Path) -> str:
    """The first line of a bench's docstring, read without running it."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


class BenchGroup(click.Group):
    """The benches as commands; each is imported only when it is asked for."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for name, path in bench_files().items() if path.is_file())

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        path = bench_files().get(cmd_name)
        return bench_command(cmd_name, summary(path)) if path and path.is_file() else None

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, summary(bench_files()[name])) for name in self.list_commands(ctx)]
        with formatter.section("Benches"):
            formatter.write_dl(rows or [("(none)", "The folder bench/ holds no bench.")])


def bench_command(name: str, about: str) -> click.Command:
    """The command of one bench. Raises `Failure` when packages that it needs are missing."""
    try:
        module = importlib.import_module(f"bench.{name}")
    except ModuleNotFoundError as error:
        way_out = "Run `make setup`: it installs what benches need."
        raise Failure(
            f"This bench needs {error.name}, which is not installed.", way_out, code="not_installed"
        ) from error

    def measure(as_json: bool, **options: Any) -> None:  # noqa: ARG001 - benches always print JSON
        print_json({"bench": name, **module.run(**options), "machine": machine()})

    flag = click.Option(["--json", "as_json"], is_flag=True, help="The default; benches always print JSON.")
    parameters = [*module.arguments(), flag]
    return click.Command(name, params=parameters, callback=measure, help=module.__doc__, short_help=about)


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {"cpus": os.cpu_count(), "arch": platform.machine(), "python": platform.python_version()}


@click.command(cls=BenchGroup)
def bench() -> None:
    """Measure the product.

    Every bench prints one JSON object as its last line, so that figures can be compared and checked by machines.
    """
