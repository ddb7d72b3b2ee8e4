"""`kiwimesh top`: how live transcription does right now, in sum and call by call, read off a server's /metrics page.

In: two looks at the page. Out: percentiles of what happened between them (with `--once`: since the start), queues,
tier, losses.
Calls go by slot numbers: the page names nobody.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import click

from dispatch.observability.metrics import Sample, samples
from dispatch.observability.speech import percentile
from dispatch.settings import Settings

from . import Failure
from .health import fetch
from .options import json_option, print_json, server_url, settings_from, url_option

PREFIX: Final = "kiwimesh_speech"
PERCENTS: Final = (50, 95, 99)
IMPORTANCE: Final = ("critical", "urgent", "routine")
Row = dict[str, object]


@click.command()
@url_option
@json_option
@click.option("--once", is_flag=True, help="Show the figures since the server's start, and leave.")
@click.option("--every", type=click.FloatRange(0.2), default=2.0, show_default=True, help="Seconds between two looks.")
def top(url: str | None, as_json: bool, once: bool, every: float) -> None:
    """Watch live transcription: latencies, speed, queues, tier, losses."""
    settings = settings_from()
    address = url or server_url(settings)
    before = Page([])
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            now = look(address, settings)
            figures = figures_of(now, before)
            if as_json:
                print_json(figures)
            else:
                show(figures, clear=not once)
            if once:
                return
            before = now
            time.sleep(every)


@dataclass(frozen=True)
class Page:
    """One look at the metrics page."""

    lines: Sequence[Sample]

    def value(self, name: str, **labels: str) -> float:
        """One figure; 0 where the page has none."""
        return next((one.value for one in self.lines if one.name == name and one.labels == labels), 0.0)

    def by_label(self, name: str, label: str) -> dict[str, float]:
        """A figure by the values of its only label."""
        return {one.labels[label]: one.value for one in self.lines if one.name == name and set(one.labels) == {label}}

    def histogram(self, name: str, **labels: str) -> dict[float, float]:
        """Counts at most that late, by upper bound."""
        return {
            float(one.labels["le"]): one.value
            for one in self.lines
            if one.name == f"{name}_bucket" and one.labels.items() >= labels.items()
        }


def look(address: str, settings: Settings) -> Page:
    """The server's page now. Raises `Failure` when there is none, or nothing about speech on it."""
    try:
        page = Page(samples(fetch(f"{address.rstrip('/')}/metrics", settings).decode()))
    except (OSError, ValueError) as error:
        way_out = "Start it with `kiwimesh serve` or `kiwimesh demo`, or name another address with --url."
        raise Failure(f"No server shows its figures at {address}.", way_out, code="unreachable") from error
    if not page.by_label(f"{PREFIX}_tier", "tier"):
        raise Failure(f"{address} shows no figures of live transcription.", "Check --url.", code="not_kiwimesh")
    return page


def figures_of(now: Page, before: Page) -> Row:
    """What `--json` prints."""
    tiers = now.by_label(f"{PREFIX}_tier", "tier")
    slots = now.by_label(f"{PREFIX}_call_heard_seconds", "slot")
    return {
        "engine": "up" if now.value(f"{PREFIX}_engine_up") else "down",
        "tier": next((tier for tier, on in tiers.items() if on), None),
        "calls": len(slots),
        "streams": int(now.value(f"{PREFIX}_streams")),
        "rtf": now.value(f"{PREFIX}_rtf"),
        "busy": now.value(f"{PREFIX}_busy"),
        "queue": {kind: int(depth) for kind, depth in now.by_label(f"{PREFIX}_queue_depth", "kind").items()},
        "backlog_s": now.value(f"{PREFIX}_backlog_seconds"),
        "drops": int(now.value(f"{PREFIX}_drops_total")),
        "restarts": int(now.value(f"{PREFIX}_restarts_total")),
        "gap_s": now.value(f"{PREFIX}_gap_seconds_total"),
        **latencies(now, before, PREFIX, {}),
        "by_call": [call_of(now, before, slot) for slot in sorted(slots, key=int)],
    }


def call_of(now: Page, before: Page, slot: str) -> Row:
    """The line of one call."""
    name = f"{PREFIX}_call"
    heard = now.value(f"{name}_heard_seconds", slot=slot)
    engine = now.value(f"{name}_engine_seconds", slot=slot)
    return {
        "slot": int(slot),
        "importance": IMPORTANCE[int(now.value(f"{name}_importance", slot=slot))],
        "heard_s": round(heard, 1),
        "rtf": round(engine / heard, 3) if heard else 0.0,
        "queued": int(now.value(f"{name}_queued", slot=slot)),
        "waiting_s": round(now.value(f"{name}_waiting_seconds", slot=slot), 1),
        "gap_s": round(now.value(f"{name}_gap_seconds", slot=slot), 1),
        **latencies(now, before, name, {"slot": slot}),
    }


def latencies(now: Page, before: Page, prefix: str, labels: Mapping[str, str]) -> Row:
    """Percentiles and counts by bucket; of the time between the looks if anything was said in it, else of all."""
    row: Row = {}
    for what in ("stable", "final"):
        counts = recent(
            now.histogram(f"{prefix}_{what}_latency_seconds", **labels),
            before.histogram(f"{prefix}_{what}_latency_seconds", **labels),
        )
        bounds = sorted(counts)
        row |= {f"{what}_p{percent}_s": _percentile(counts, bounds, percent) for percent in PERCENTS}
        row[f"{what}_histogram"] = {("inf" if bound == float("inf") else str(bound)): counts[bound] for bound in bounds}
    return row


def recent(now: Mapping[float, float], before: Mapping[float, float]) -> dict[float, float]:
    """What came between two looks; all there is if that is nothing, or if another call has the slot now."""
    fresh = {bound: count - before.get(bound, 0.0) for bound, count in now.items()}
    restarted = any(count < 0 for count in fresh.values())
    return dict(now) if restarted or not any(fresh.values()) else fresh


def _percentile(counts: Mapping[float, float], bounds: Sequence[float], percent: float) -> float | None:
    if not bounds:
        return None
    found = percentile(bounds[:-1], [counts[bound] for bound in bounds], percent)
    return None if found is None else round(found, 2)


def show(figures: Row, *, clear: bool) -> None:
    """The figures for people."""
    if clear:
        click.clear()
    queue = figures["queue"]
    waits = ", ".join(f"{kind} {depth}" for kind, depth in queue.items()) if isinstance(queue, dict) else ""
    click.echo(
        f"engine {figures['engine']}   tier {figures['tier']}   calls {figures['calls']}   "
        f"rtf {figures['rtf']:.2f}   busy {figures['busy']:.2f}\n"
        f"queue: {waits}   backlog {figures['backlog_s']:.1f} s   drops {figures['drops']}   "
        f"gaps {figures['gap_s']:.1f} s   restarts {figures['restarts']}\n"
    )
    click.echo(
        f"{'call':>5} {'':<9}{'stable p50':>11}{'p95':>7}{'p99':>7}{'final p95':>11}{'rtf':>7}{'queue':>7}{'gaps s':>8}"
    )
    click.echo(line("all", "", figures))
    calls = figures["by_call"]
    for call in calls if isinstance(calls, list) else []:
        click.echo(line(str(call["slot"]), call["importance"], call))


def line(name: str, importance: str, row: Row) -> str:
    """One line of the table."""
    late = [row[key] for key in ("stable_p50_s", "stable_p95_s", "stable_p99_s", "final_p95_s")]
    shown = ["-" if value is None else f"{value:.2f}" for value in late]
    queue = row["queued"] if "queued" in row else sum(row["queue"].values())  # type: ignore[attr-defined]
    return (
        f"{name:>5} {importance:<9}{shown[0]:>11}{shown[1]:>7}{shown[2]:>7}{shown[3]:>11}"
        f"{row['rtf']:>7.2f}{queue:>7}{row['gap_s']:>8.1f}"
    )
