"""`kiwimesh cards print`: every protocol and script as one page for printing, from this version's own data."""

from pathlib import Path

import click


@click.group()
def cards() -> None:
    """Paper cards for the hours without a server."""


@cards.command("print")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("kiwimesh-cards.html"), show_default=True,
    help="The file to write; open it in a browser and print it.",
)  # fmt: skip
def print_cards(out: Path) -> None:
    """Write the cards as one HTML file.

    It needs nothing beside it; open it in a browser and print it.
    """
    from dispatch.triage import paper_cards

    out.write_text(paper_cards())
    click.echo(f"{out}: {out.stat().st_size // 1024} kB. Open it in a browser and print it.")
