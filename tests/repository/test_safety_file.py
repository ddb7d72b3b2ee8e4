"""The safety file promises nothing that no test holds."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
SAFETY = ROOT / "docs" / "safety"
ROWS = [line for line in (SAFETY / "hazard-log.md").read_text().splitlines() if re.match(r"\| \d", line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_hazard_has_a_control_and_tests_that_exist(row: str) -> None:
    _, _, hazard, severity, control, tests, _ = (cell.strip() for cell in row.split("|"))
    assert severity in {"A", "B", "C"}
    assert hazard
    assert control
    named = re.findall(r"`([^`:]+)::([^`]+)`", tests)
    assert named
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.MULTILINE), test


def test_hazards_are_numbered_without_holes() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, len(ROWS) + 1))


@pytest.mark.parametrize("page", sorted(SAFETY.glob("*.md")), ids=lambda page: page.name)
def test_links_of_the_safety_file_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
