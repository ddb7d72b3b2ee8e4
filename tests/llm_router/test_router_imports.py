"""Who imports what: one module for each SDK, pure modules that reach nothing outside, and nothing of ours."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import llm_router

pytestmark = pytest.mark.contract

HOME = Path(llm_router.__file__).parent
SDKS = {"ollama": "providers/ollama.py", "openai": "providers/openai.py", "anthropic": "providers/anthropic.py"}
PURE = ("policy.py", "sensitivity.py", "redaction.py", "cases.py", "proofs.py", "loader.py", "reading.py",
        "eligibility.py", "grounding.py", "structured.py", "validation.py", "schemas.py", "breaker.py", "latency.py",
        "costs.py", "decision.py")  # fmt: skip
REACHING = {"asyncio", "time", "os", "socket", "ssl", "pathlib", "logging", "threading", "httpx", "httpx2", "secrets"}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def modules() -> list[tuple[str, set[str]]]:
    return [(str(path.relative_to(HOME)), set(imports_of(path))) for path in HOME.rglob("*.py")]


@pytest.mark.parametrize("sdk", SDKS)
def test_an_sdk_is_imported_by_its_one_module(sdk: str) -> None:
    assert [name for name, imported in modules() if sdk in imported] == [SDKS[sdk]]


def test_http_clients_are_made_at_the_door_only() -> None:
    assert [name for name, imported in modules() if imported & {"httpx", "httpx2"}] == ["providers/door.py"]


def test_the_router_imports_nothing_of_ours() -> None:
    assert not [name for name, imported in modules() if imported & {"dispatch", "transcription", "scenarios", "bench"}]


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_reaches_nothing_outside(name: str) -> None:
    assert not set(imports_of(HOME / name)) & REACHING


def test_importing_the_router_and_reading_its_policy_loads_no_sdk() -> None:
    code = "import json, sys, llm_router; llm_router.default_policy(); print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
    assert not {"ollama", "openai", "anthropic", "httpx", "httpx2", "pydantic", "opentelemetry"} & set(loaded)
