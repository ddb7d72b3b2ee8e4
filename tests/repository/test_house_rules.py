"""The repository's own rules, read off its files: what may be named in them, and the shape of the code."""

import ast
import gc
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dispatch.observability.logs import is_safe_key

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
CODE = ("dispatch", "llm_router", "transcription", "scenarios", "bench")
LONGEST_FUNCTION = 60
LONGEST_MODULE = 450
SUPERVISION = "dispatch/observability/supervision.py"

# Put together from halves, so that this file does not name what no file may name.
REGISTRY_HOSTS = tuple(
    "".join(halves)
    for halves in [
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.np", "mjs.org"),
        ("registry.yarn", "pkg.com"),
        ("deb.deb", "ian.org"),
        ("archive.ub", "untu.com"),
        ("docker", ".io"),
        ("gh", "cr.io"),
        ("qu", "ay.io"),
        ("anaco", "nda.org"),
        ("crates", ".io"),
        ("proxy.go", "lang.org"),
        ("hugging", "face.co"),
    ]
)
MACHINE_PATH = re.compile(r"(?<![\w.\-])/" + r"(?:work|root)/|/opt/" + r"(?:pypi|wheels)|/\.lib" + r"rary/")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is in the repository, or would be with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content[:4096]:
            yield str(path.relative_to(ROOT)), content.decode("utf-8", "replace")


@cache
def every_module() -> tuple[tuple[str, str, ast.Module], ...]:
    """Name, text and syntax tree of every Python module; so many nodes are not counted again and again on the way."""
    gc.disable()
    try:
        return tuple(
            (str(path.relative_to(ROOT)), text, ast.parse(text))
            for path in files()
            if path.suffix == ".py"
            for text in [path.read_text()]
        )
    finally:
        gc.enable()


def modules(*folders: str) -> tuple[tuple[str, str, ast.Module], ...]:
    """Name, text and syntax tree of every Python module below these folders."""
    return tuple(module for module in every_module() if module[0].split("/")[0] in folders)


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False) or ""
    return (function.end_lineno or function.lineno) - function.lineno + 1 - len(docstring.splitlines())


def test_no_file_names_a_package_registry() -> None:
    found = [f"{name}: {host}" for name, text in texts() for host in REGISTRY_HOSTS if host in text.lower()]
    assert found == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [f"{name}: {match.group()}" for name, text in texts() if (match := MACHINE_PATH.search(text))]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    assert [name for name, text, tree in modules(*CODE, "tests") if text.strip() and not ast.get_docstring(tree)] == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{name}:{node.lineno} {node.name}: {length(node)} lines"
        for name, _, tree in modules(*CODE)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_is_too_long_to_read_at_one_go() -> None:
    sizes = {name: len(text.splitlines()) for name, text, _ in modules(*CODE)}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_every_queue_states_its_bound() -> None:
    unbounded = [
        f"{name}:{call.lineno} {called}()"
        for name, _, tree in modules(*CODE)
        for call, called in calls(tree)
        if called.split(".")[-1] in {"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"}
        and called.split(".")[0] in {"asyncio", "queue", "multiprocessing"}
        and not (call.args or call.keywords)
    ]
    assert unbounded == []


def test_tasks_are_started_by_a_task_group_or_the_supervisor() -> None:
    bare = [
        f"{name}:{call.lineno} {called}"
        for name, _, tree in modules(*CODE)
        for call, called in calls(tree)
        if called in {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task"} and name != SUPERVISION
    ]
    assert bare == []


def test_no_module_is_named_after_nothing_in_particular() -> None:
    vague = {"utils", "helpers", "common", "manager"}
    assert [name for name, _, _ in modules(*CODE) if Path(name).stem in vague] == []


def test_what_is_logged_is_on_the_allow_list_and_so_readable() -> None:
    masked = [
        f"{name}:{call.lineno} {keyword.arg}="
        for name, _, tree in modules("dispatch")
        for call, called in calls(tree)
        if called.rpartition(".")[0] in {"_log", "log", "structlog.get_logger()"}
        for keyword in call.keywords
        if keyword.arg and keyword.arg != "exc_info" and not is_safe_key(keyword.arg)
    ]
    assert masked == []
