"""What the pages name is there: links, files, settings, commands with their options, keys."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from dispatch.cli import cli
from dispatch.settings import Settings, environment_name

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = tuple(sorted({ROOT / "README.md", ROOT / "web" / "README.md", *DOCS.glob("*.md"), *DOCS.glob("safety/*.md")}))
"""Pages that say what is; decisions (docs/adr) and the changelog say what was."""
LINKED = (*PAGES, *sorted(DOCS.glob("adr/*.md")))
OTHER_VARIABLES = {"KIWIMESH_PASSWORD", "KIWIMESH_ADMIN_EMAIL", "KIWIMESH_ADMIN_PASSWORD", "KIWIMESH_CENTRE"}
"""Read by a command alone."""
MADE_ELSEWHERE = re.compile(r".*NAME\b|(secrets|service_types|calls|files|sampledata)/|src/contract\.ts$|.*/dist/")
"""Still to be named, below a data folder, in somebody else's repository, or built."""

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)\s]+)\)", page.read_text())
    assert [link for link in links if not leads_somewhere(page, link)] == []


def test_every_page_is_reached_from_the_readme() -> None:
    seen, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        links = re.findall(r"\]\((?!http)([^)#\s]+\.md)", page.read_text())
        ahead += [target for link in links if (target := (page.parent / link).resolve()) not in seen]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in seen] == []


@by_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"(?<!`)`((?:[\w.\-*]+/)+[\w.\-*]*)`(?!`)", page.read_text()))
    places = (ROOT, page.parent, ROOT / "dispatch", ROOT / "llm_router")
    missing = [
        name
        for name in sorted(named)
        if not MADE_ELSEWHERE.match(name) and not any(list(place.glob(name.rstrip("/"))) for place in places)
    ]
    assert [name for name in missing if "." in name or name.endswith("/")] == []


@by_page
def test_every_variable_that_a_page_names_is_a_setting(page: Path) -> None:
    known = {environment_name(name) for name in Settings.model_fields} | OTHER_VARIABLES
    named = set(re.findall(r"\bKIWIMESH_[A-Z0-9_]+", page.read_text()))
    families = {name for name in named if name.endswith("_") and any(one.startswith(name) for one in known)}
    assert named - known - families == set()


@cache
def command(words: tuple[str, ...]) -> tuple[click.Command | None, tuple[str, ...]]:
    """The command that these words call, and the words left over; None for one that is not there."""
    found: click.Command = cli
    for at, word in enumerate(words):
        if not isinstance(found, click.Group):
            return found, words[at:]
        inner = found.get_command(click.Context(found), word)
        if inner is None:
            return (None if re.match(r"[a-z]", word) else found), words[at:]
        found = inner
    return found, ()


def commands_of(page: Path) -> Iterator[str]:
    """Every command line of ours that stands in code."""
    text = page.read_text()
    pieces = [
        *re.findall(r"(?<!`)`([^`]+)`(?!`)", text),
        *re.findall(r"^(?: {4}|\.venv/|kiwimesh ).*$", text, re.MULTILINE),
    ]
    for piece in pieces:
        if said := re.search(r"(?:^|[\s/])kiwimesh ([a-z-][^#\n]*)", piece):
            yield said[1].strip()


def wrong_with(line: str) -> Iterator[str]:
    words = line.split()
    choices = next((word.split("|") for word in words if "|" in word and word[0].islower()), None)
    for choice in choices or [""]:
        chosen = tuple(choice if choices and word.split("|") == choices else word for word in words)
        found, left = command(chosen)
        if found is None:
            yield f"{line}: no such command"
            continue
        known = {name for option in found.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
        yield from (f"{line}: no {name}" for name in re.findall(r"--[a-z][a-z-]*", " ".join(left)) if name not in known)


@by_page
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    assert [problem for line in commands_of(page) for problem in wrong_with(line)] == []


def test_a_command_or_an_option_that_does_not_exist_is_found() -> None:
    assert list(wrong_with("db backupp FILE")) == ["db backupp FILE: no such command"]
    assert list(wrong_with("serve --port 0 --prot 1")) == ["serve --port 0 --prot 1: no --prot"]
    assert list(wrong_with("bench auth|nothing")) == ["bench auth|nothing: no such command"]


def test_the_operators_page_of_the_manual_has_the_keys_of_the_page() -> None:
    strings = (ROOT / "web" / "operator" / "src" / "strings.ts").read_text()
    listed = re.findall(r'\["([^"]+)", "([^"]+)"\]', strings.partition("  keys: {")[2].partition("\n  },")[0])
    told = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|$", (DOCS / "operator.md").read_text(), re.MULTILINE)
    assert told == listed
