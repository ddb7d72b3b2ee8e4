"""The files of a policy: the one that ships, and one that is watched.

In: paths. Out: proven policies, and hot reloads into a router. A file that fails a proof is reported and the policy in
force stays. This is the shell around `loader.parse_policy`; files are read in a thread.
"""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from .errors import PolicyError
from .loader import parse_policy
from .policy import Policy
from .providers.connect import import_sdks
from .router import Router

_log: Final = logging.getLogger("llm_router")
_OLLAMA_URL: Final = '"http://127.0.0.1:11434"'
"""The address in the policy that ships."""
_SHIPPED: Final = Path(__file__).parent / "policies"


def default_prices() -> str:
    """The price table that ships, as TOML."""
    return (_SHIPPED / "prices.toml").read_text(encoding="utf-8")


def default_policy(floors: Collection[str] | None = None, *, ollama_url: str | None = None) -> Policy:
    """The policy that ships, with Ollama at another address if need be. Raises PolicyError for one it may not have."""
    text = (_SHIPPED / "default.toml").read_text(encoding="utf-8")
    if ollama_url is not None:
        text = text.replace(_OLLAMA_URL, json.dumps(ollama_url))
    return parse_policy(text, default_prices(), floors)


def read_policy(path: Path, prices: Path | None = None, floors: Collection[str] | None = None) -> Policy:
    """The policy in a file, with the shipped prices or those of another file. Raises PolicyError and OSError."""
    table = default_prices() if prices is None else prices.read_text(encoding="utf-8")
    return parse_policy(path.read_text(encoding="utf-8"), table, floors)


async def follow(
    router: Router,
    path: Path,
    secrets: Mapping[str, str],
    prices: Path | None = None,
    floors: Collection[str] | None = None,
    every_s: float = 2.0,
) -> None:
    """Puts the policy of a file in force whenever the file changes, until cancelled; looks every `every_s` seconds.

    `secrets` are those of the router's connector: they say which SDKs will be needed.
    """
    seen = router.policy.hash
    while True:
        try:
            policy = await asyncio.to_thread(read_policy, path, prices, floors)
            await asyncio.to_thread(import_sdks, policy, secrets)
        except (PolicyError, OSError) as error:
            if str(error) != seen:
                seen = str(error)
                _log.error("the policy file is refused, the old policy stays: %s", seen)
        else:
            if policy.hash not in (seen, router.policy.hash):
                router.reload(policy)
                _log.info("policy %s is in force", policy.hash)
            seen = policy.hash
        await asyncio.sleep(every_s)
