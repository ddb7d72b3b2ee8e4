"""`kiwimesh health`: asks a running server how it is.

Exit code 0: ready to take calls, or standing by and able to take over; 1: neither, or no answer.
"""

import ssl
import urllib.error
import urllib.request

import click
from pydantic import ValidationError

from dispatch.contract.console import Health
from dispatch.contract.http import HealthReport
from dispatch.observability.health import serves_its_purpose
from dispatch.settings import Settings

from . import Failure
from .options import json_option, print_json, server_url, settings_from, url_option

ANSWER_WITHIN_S = 5.0
MARKS = {Health.OK: "ok      ", Health.DEGRADED: "degraded", Health.OFF: "off     "}


@click.command()
@url_option
@json_option
def health(url: str | None, as_json: bool) -> int:
    """Ask a running server how it is.

    Ready means that it can take a call and keep its sound. Everything else that is missing only degrades the service.
    A server that stands by is well when it could take over.
    """
    settings = settings_from()
    report = ask(url or server_url(settings), settings)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        show(report)
    return 0 if serves_its_purpose(report) else 1


def ask(url: str, settings: Settings) -> HealthReport:
    """The server's own report. Raises `Failure` when nothing there answers like a Kiwimesh server."""
    try:
        answer = fetch(f"{url.rstrip('/')}/health/ready", settings)
        return HealthReport.model_validate_json(answer)
    except (OSError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise Failure(
                f"{url} answers, but not as a Kiwimesh server.", "Check --url.", code="not_kiwimesh"
            ) from None
        way_out = "Start it with `kiwimesh serve` or `kiwimesh demo`, or name another address with --url."
        raise Failure(f"No server answers at {url}.", way_out, code="unreachable") from error


def show(report: HealthReport) -> None:
    """The report for people."""
    click.echo(f"Kiwimesh {report.version}: {in_words(report)}")
    for part in report.parts:
        click.echo(f"  {MARKS[part.state]}  {part.name}" + (f": {part.message}" if part.message else ""))


def in_words(report: HealthReport) -> str:
    """Ready, not ready, or something else that is as it should be."""
    if report.ready:
        return "ready to take calls"
    return "stands by, ready to take over" if serves_its_purpose(report) else "NOT ready to take calls"


def fetch(url: str, settings: Settings) -> bytes:
    """A page of a server, whatever its status. Raises OSError when nothing answers, ValueError for another scheme."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("the address must start with http:// or https://")
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_WITHIN_S, context=_trust(settings)) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return error.read()


def _trust(settings: Settings) -> ssl.SSLContext:
    """Trusts the configured certificate itself: its name is rarely the loopback address that is asked here."""
    context = ssl.create_default_context()
    if settings.tls_certificate is not None:
        context.load_verify_locations(settings.tls_certificate)
        context.check_hostname = False
    return context
