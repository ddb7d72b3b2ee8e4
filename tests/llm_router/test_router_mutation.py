"""The gate is really guarded: with it gone, tests that know nothing of each other fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import llm_router

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
GUARDS = (
    "test_router_leaks.py::test_a_sensitive_request_cannot_even_reach_a_client_of_a_cloud",
    "test_router_leaks.py::test_text_of_a_call_falls_to_the_floor_rather_than_to_a_cloud",
    "test_router_leaks.py::test_one_word_of_a_call_makes_the_whole_request_sensitive",
    "test_router_leaks.py::test_no_sequence_of_requests_faults_and_reloads_lets_a_name_out",
    "test_router_eligibility.py::test_every_combination_of_the_four_dimensions_has_its_verdict",
)
MUTANTS = {
    "the gate lets everything through": ("sensitivity.py", "return label <= clearance", "return True"),
    "every endpoint counts as our own": (
        "policy.py",
        "if self.endpoints[endpoint].trust is Trust.SELF_HOSTED:",
        "if self.endpoints[endpoint].trust is not None:",
    ),
    "text of a call counts as public": (
        "sensitivity.py",
        "CallText: Sensitivity.SENSITIVE",
        "CallText: Sensitivity.PUBLIC",
    ),
}


INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
addopts = --import-mode=importlib -p no:schemathesis -p no:valkey
pythonpath = {folder} {root}
markers =
    unit: as in the project
    integration: as in the project
    property: as in the project
"""


@pytest.fixture(scope="module")
def failed_guards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """For each mutant, the guards that fail on it."""
    running = {mutant: started(mutated(tmp_path_factory.mktemp("mutant"), mutant)) for mutant in MUTANTS}
    return {mutant: verdict(process) for mutant, process in running.items()}


def started(folder: Path) -> subprocess.Popen[str]:
    (folder / "pytest.ini").write_text(INI.format(folder=folder, root=ROOT))
    options = ["-q", "--noconftest", "-p", "no:cacheprovider", "--tb=no", "-rfE", "-c", str(folder / "pytest.ini")]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *(str(ROOT / "tests" / "llm_router" / guard) for guard in GUARDS)],
        cwd=folder,
        env={**os.environ, "ROUTER_CASES": "200", "ROUTER_MUTANT": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def verdict(process: subprocess.Popen[str]) -> set[str]:
    told, _ = process.communicate(timeout=200)
    assert process.returncode in (0, 1), told
    failed = {
        line.split("::")[1].split(" ")[0].split("[")[0] for line in told.splitlines() if line.startswith("FAILED")
    }
    assert not any(line.startswith("ERROR") for line in told.splitlines()), told
    return failed


@pytest.mark.parametrize("mutant", MUTANTS)
def test_without_the_sensitivity_filter_at_least_two_independent_tests_fail(
    mutant: str, failed_guards: dict[str, set[str]]
) -> None:
    assert len(failed_guards[mutant]) >= 2


def mutated(folder: Path, mutant: str) -> Path:
    """A copy of the router with one line changed."""
    home = Path(llm_router.__file__).parent
    copied = Path(shutil.copytree(home, folder / "llm_router", ignore=shutil.ignore_patterns("__pycache__")))
    name, before, after = MUTANTS[mutant]
    text = (copied / name).read_text()
    assert text.count(before) == 1
    (copied / name).write_text(text.replace(before, after))
    return folder
