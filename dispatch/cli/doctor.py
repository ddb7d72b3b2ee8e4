"""`kiwimesh doctor`: checks this machine and says what to do. Exit code 1 when calls cannot be served from here."""

from pathlib import Path

import click

from . import checks
from .checks import Finding, State
from .options import data_option, json_option, print_json, settings_from

MARKS = {State.OK: "ok    ", State.WARNING: "look  ", State.FAILED: "FAILED"}


@click.command()
@data_option
@json_option
def doctor(data_dir: Path | None, as_json: bool) -> int:
    """Check this machine and say what to do.

    Looks at Python, the data folder, disk, port, speech model, database, broker, pages, Node and Chromium.
    """
    settings = settings_from(data_dir=data_dir)
    findings = [check(settings) for check in checks.CHECKS]
    healthy = all(finding.state is not State.FAILED for finding in findings)
    if as_json:
        print_json({"ok": healthy, "findings": [vars(finding) for finding in findings]})
    else:
        show(findings)
    return 0 if healthy else 1


def show(findings: list[Finding]) -> None:
    """The findings for people, each with its way out."""
    for finding in findings:
        click.echo(f"{MARKS[finding.state]}  {finding.name:<12}  {finding.message}")
        if finding.way_out:
            click.echo(f"{'':<22}-> {finding.way_out}")
