"""A process with embedded servers, for the tests to kill: `embedded_child.py DATA`. Prints the addresses as JSON."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from dispatch.storage import EmbeddedServers, StorageError


async def main(data: Path) -> None:
    async with EmbeddedServers(data) as urls:
        print(json.dumps(asdict(urls)), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except StorageError as refusal:
        sys.exit(f"{refusal.code}: {refusal}")
