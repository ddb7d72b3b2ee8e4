"""The lock files: everything pinned, hashed, and free of addresses."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def pinned(lock: Path) -> dict[str, list[str]]:
    """The hashes of each pinned requirement of a lock file."""
    blocks = re.split(r"\n(?=\S)", lock.read_text().replace("\\\n", " "))
    lines = [block for block in blocks if block and not block.startswith("#")]
    return {line.split()[0]: re.findall(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_to_one_version_with_hashes(lock: Path) -> None:
    for requirement, hashes in pinned(lock).items():
        assert re.fullmatch(r"[a-z0-9-]+(\[[a-z,]+\])?==[\w.]+", requirement), requirement
        assert hashes, f"{requirement} has no hash"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_wanted_package_is_in_its_lock(lock: Path) -> None:
    wanted = {
        canonical(re.match(r"[A-Za-z0-9._-]+", line).group())  # type: ignore[union-attr]
        for line in lock.with_suffix(".in").read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }
    assert wanted <= {canonical(re.split(r"[\[=]", requirement)[0]) for requirement in pinned(lock)}


def test_no_lock_names_an_address() -> None:
    assert [lock.name for lock in LOCKS if "://" in lock.read_text()] == []


def test_the_same_package_has_the_same_version_in_every_lock() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version, marker in re.findall(
            r"^([a-z0-9-]+)==([^ ]+)( ; [^\\\n]*)?", lock.read_text(), re.MULTILINE
        ):
            versions.setdefault(name + marker.rstrip(), set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_web_lock_names_no_address_to_download_from() -> None:
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text())
    assert [path for path, package in locked["packages"].items() if "://" in package.get("resolved", "")] == []
