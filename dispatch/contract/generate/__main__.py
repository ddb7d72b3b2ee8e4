"""`python -m dispatch.contract.generate [--check]`: writes the documents, or says which of them have drifted."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from . import asyncapi, openapi, operations, routes_page, typescript
from .schemas import Schemas, collect

ROOT: Final = Path(__file__).resolve().parents[3]


def _pretty(make: Callable[[Schemas], dict[str, Any]]) -> Callable[[Schemas], str]:
    return lambda schemas: json.dumps(make(schemas), indent=2, ensure_ascii=False) + "\n"


PRODUCTS: Final[dict[str, Callable[[Schemas], str]]] = {
    "docs/protocol/asyncapi.json": _pretty(asyncapi.document),
    "docs/protocol/openapi.json": _pretty(openapi.document),
    "docs/protocol/routes.md": lambda _: routes_page.page(),
    "web/sdk/src/contract.ts": typescript.source,
    "web/sdk/src/operations.ts": operations.source,
}


def products() -> dict[str, str]:
    """Path below the repository -> text that belongs there."""
    schemas = collect()
    return {path: make(schemas) for path, make in PRODUCTS.items()}


def drifted(root: Path, wanted: dict[str, str]) -> list[str]:
    """The products that are missing below `root` or say something else."""
    return [
        path
        for path, text in wanted.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def write(root: Path, wanted: dict[str, str]) -> None:
    """Puts every product where it belongs."""
    for path, text in wanted.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Exit code 1 means drift, and only with `--check`."""
    parser = argparse.ArgumentParser(prog="python -m dispatch.contract.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args(arguments).check
    wanted = products()
    stale = drifted(ROOT, wanted)
    if not check:
        write(ROOT, wanted)
    for path in stale:
        sys.stdout.write(f"{path}: {'differs from the contract' if check else 'written'}\n")
    return int(check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
