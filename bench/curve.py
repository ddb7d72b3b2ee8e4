"""The curve of live transcription: calls at once against latency and word errors, as a plot and a table.

Runs `bench transcription` on virtual time for each model and number of calls that FIGURES (a JSON object a line) does
not hold yet, adds them there, and draws all of them. So a run that is broken off goes on where it was, and a plot
can be drawn again without measuring.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from . import transcription
from .transcription import CACHE

Row = dict[str, Any]
COLUMNS = (
    "model", "calls", "seconds", "speech_share", "wer_revised", "wer_final", "wer_stable", "stable_p50_s",
    "stable_p95_s", "final_p95_s", "busy", "lost_samples", "tiers",
)  # fmt: skip
GOALS = ((4, 1.2), (8, 1.8), (12, 2.5))
"""Calls, and the stable_p95_s to reach with them."""


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    file = click.Path(path_type=Path, dir_okay=False)
    return [
        click.Option(["--audio"], type=folder, help="Recordings with reference.jsonl; without it, only draw."),
        click.Option(
            ["--calls", "counts"], type=int, multiple=True, default=(4, 8, 12, 16), show_default=True, help="At once."
        ),
        click.Option(
            ["--model", "models"], multiple=True, default=("base", "tiny.en"), show_default=True, help="Speech."
        ),
        click.Option(["--seconds"], type=float, default=60.0, show_default=True, help="At least, of each call."),
        click.Option(["--factor"], type=float, default=1.0, show_default=True, help="As --virtual of transcription."),
        click.Option(["--figures"], type=file, required=True, help="Where the figures are kept."),
        click.Option(["--plot"], type=file, help="Where the SVG goes."),
    ]


def run(
    audio: Path | None,
    counts: tuple[int, ...],
    models: tuple[str, ...],
    seconds: float,
    factor: float,
    figures: Path,
    plot: Path | None,
) -> dict[str, object]:
    """Measure what is missing, draw what there is."""
    rows = read(figures)
    wanted = [(model, count) for model in models for count in counts] if audio else []
    for model, count in wanted:
        if audio and not any((row["model"], row["calls"]) == (model, count) for row in rows):
            rows.append(measure(audio, model, count, seconds, factor))
            figures.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    if plot:
        draw(rows, plot)
    return {"rows": len(rows), "table": table(rows)}


def read(figures: Path) -> list[Row]:
    """The figures that were measured before."""
    if not figures.is_file():
        return []
    return [json.loads(line) for line in figures.read_text("utf-8").splitlines() if line]


def measure(audio: Path, model: str, count: int, seconds: float, factor: float) -> Row:
    """One point of the curve."""
    found = transcription.run(audio, count, seconds, "whisper", model, 2, CACHE, factor, ())
    return {"factor": factor} | {name: found[name] for name in COLUMNS}


def table(rows: Sequence[Row]) -> str:
    """The figures as Markdown."""
    lines = [" | ".join(COLUMNS), "|".join("---" for _ in COLUMNS)]
    lines += [" | ".join(_shown(row[name]) for name in COLUMNS) for row in sorted(rows, key=_place)]
    return "\n".join(f"| {line} |" for line in lines)


def draw(rows: Sequence[Row], plot: Path) -> None:
    """Two panels: how late stable words come, and how wrong they are."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams |= {"svg.hashsalt": "kiwimesh", "svg.fonttype": "none"}
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    late, wrong = figure.subplots(1, 2)
    for model in sorted({row["model"] for row in rows}):
        mine = sorted((row for row in rows if row["model"] == model), key=_place)
        calls = [row["calls"] for row in mine]
        late.plot(calls, [row["stable_p95_s"] for row in mine], marker="o", label=f"{model}, 95 %")
        late.plot(calls, [row["stable_p50_s"] for row in mine], marker=".", linestyle=":", label=f"{model}, half")
        for name, line in (("wer_revised", "-"), ("wer_final", "--"), ("wer_stable", ":")):
            label = f"{model}, {name.removeprefix('wer_')}"
            wrong.plot(calls, [row[name] for row in mine], marker=".", linestyle=line, label=label)
    late.plot(*zip(*GOALS, strict=True), "k_", markersize=14, label="goal, 95 %")
    late.set(xlabel="calls at once", ylabel="seconds until a word is stable", ylim=(0, None))
    wrong.set(xlabel="calls at once", ylabel="word error rate", ylim=(0, None))
    for panel in (late, wrong):
        panel.grid(visible=True, alpha=0.3)
        panel.legend(fontsize="x-small")
    figure.savefig(plot, format="svg", metadata={"Date": None})


def _place(row: Row) -> tuple[str, int]:
    return str(row["model"]), int(row["calls"])


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
