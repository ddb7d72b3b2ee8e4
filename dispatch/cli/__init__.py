"""The `kiwimesh` command: a table of commands, each loaded only when it is used, and errors in plain words.

In: the command line. Out: the exit code 0 (done), 1 (failed, or a check said no), 2 (used wrongly). Invariants: a
failure names what went wrong and the way out, with `--json` as one JSON object; `kiwimesh --help` loads no command and
nothing else of ours, so that it answers at once.
"""

import importlib
import json
import sys
from dataclasses import dataclass
from typing import Any, Final

import click
from typing_extensions import override


@dataclass(frozen=True)
class Entry:
    """Where a command lives, and its line in the help."""

    module: str
    attribute: str
    summary: str


COMMANDS: Final[dict[str, Entry]] = {
    "demo": Entry("dispatch.cli.demo", "demo", "Start everything on this machine and replay one recorded call."),
    "serve": Entry("dispatch.cli.serve", "serve", "Run the server."),
    "worker": Entry("dispatch.cli.worker", "worker", "Carry out jobs in a process of its own."),
    "call": Entry("dispatch.cli.call", "call", "Play a sound file into the server as a caller."),
    "route": Entry("dispatch.cli.route", "route", "Check and explain the language-model router's policy."),
    "top": Entry("dispatch.cli.top", "top", "Watch live transcription in a running server."),
    "models": Entry("dispatch.cli.models", "models", "Show and check the speech models."),
    "cards": Entry("dispatch.cli.cards", "cards", "Print the protocols as paper cards."),
    "scenarios": Entry("dispatch.cli.scenarios", "scenarios", "Training calls: list, check, play, serve, score."),
    "bench": Entry("dispatch.cli.bench", "bench", "Measure the product; prints figures as JSON."),
    "crew": Entry("dispatch.cli.crew", "crew", "Drive units without people, for demonstrations and tests."),
    "protocols": Entry("dispatch.cli.protocols", "protocols", "Read and sign a dispatch centre's protocols."),
    "units": Entry("dispatch.cli.units", "units", "Enter and list a dispatch centre's units."),
    "places": Entry("dispatch.cli.places", "places", "Import the addresses of a community."),
    "people": Entry("dispatch.cli.people", "people", "Make the first super admin; show somebody out."),
    "tenants": Entry("dispatch.cli.people", "tenants", "Onboard communities, hospitals and dispatch centres."),
    "backup": Entry("dispatch.cli.backup", "backup", "Back up and restore everything but the keys."),
    "db": Entry("dispatch.cli.db", "db", "Upgrade the database; back up and restore it alone."),
    "audit": Entry("dispatch.cli.audit", "audit", "Check that nobody has changed the audit log."),
    "jobs": Entry("dispatch.cli.jobs", "jobs", "Show jobs, and try again those that were given up."),
    "env": Entry("dispatch.cli.env", "env", "Check that an environment's settings are fit for use."),
    "doctor": Entry("dispatch.cli.doctor", "doctor", "Check this machine and say what to do."),
    "health": Entry("dispatch.cli.health", "health", "Ask a running server how it is."),
}

HELP: Final = """Kiwimesh: a spoken emergency call becomes a live triage card.

\b
First steps
  kiwimesh demo             everything on this machine, and one recorded call
  kiwimesh call FILE.wav    another call into the running server
  kiwimesh health           how the server is
  kiwimesh doctor           what this machine lacks, and what to do about it

Every command explains itself with --help. Settings are environment variables; docs/settings.md lists them.
"""


class Failure(click.ClickException):
    """A command failed. `message` says why, `way_out` what to do; both are shown to the user."""

    def __init__(self, message: str, way_out: str = "", *, code: str = "failed") -> None:
        super().__init__(message)
        self.way_out = way_out
        self.code = code

    def format_message(self) -> str:
        return f"{self.message}\n{self.way_out}" if self.way_out else self.message

    def as_json(self) -> str:
        """The failure for machines."""
        return json.dumps({"ok": False, "code": self.code, "message": self.message, "way_out": self.way_out})


def failure_of(error: Exception) -> Failure:
    """Plain words for an error: our own errors carry them, any other is named by its type and place."""
    from dispatch.contract.problems import Problem
    from dispatch.observability.supervision import error_place

    if isinstance(told := getattr(error, "problem", None), Problem):
        return Failure(told.message, told.way_out, code=told.code.value)
    if isinstance(code := getattr(error, "code", None), str):
        return Failure(str(error), code=code)
    return Failure(
        f"Unexpected {type(error).__name__} at {error_place(error)}.",
        "Run the same command as `kiwimesh --traceback ...` for the details. It may show what callers said.",
        code="internal",
    )


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(entry.module), entry.attribute)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if ctx.params["traceback"]:
                raise
            raise failure_of(error) from error


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        result = cli.main(arguments, prog_name="kiwimesh", standalone_mode=False)
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        if "--json" in arguments and isinstance(error, Failure):
            click.echo(error.as_json())
        else:
            error.show()
        return error.exit_code
    return result if isinstance(result, int) else 0


@click.group(cls=LazyGroup, help=HELP)
@click.option("--traceback", is_flag=True, help="Show where an unexpected error comes from.")
@click.version_option(package_name="kiwimesh", prog_name="kiwimesh")
def cli(traceback: bool) -> None:
    """The root group; `LazyGroup.invoke` reads its option."""
