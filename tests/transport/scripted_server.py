"""A server as a process of its own, as `kiwimesh serve` runs it, but for its recogniser, which is scripted.

Its standard input is a JSON object: the settings, with the addresses of the servers that it works on. An argument
`--demo` fills an empty database.
"""

import asyncio
import json
import sys

from dispatch import bootstrap
from dispatch.cli.serve import run_server
from dispatch.settings import Settings
from tests.fixtures_node import scripted_transcription

WORDS = (
    "kitchen ladder window garden river mountain bicycle lantern orchard blanket pepper violin harbour saddle meadow "
    "candle feather anchor walnut thunder"
)
"""What every caller says, two words a second; each of them once."""

if __name__ == "__main__":
    bootstrap.TranscriptionService = lambda engine: scripted_transcription(WORDS)  # type: ignore[misc,assignment]
    asyncio.run(run_server(Settings.model_validate(json.load(sys.stdin)), demo="--demo" in sys.argv))
