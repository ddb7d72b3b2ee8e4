"""From text to a proven policy.

In: TOML text of a policy and of a price table. Out: a frozen `Policy` whose hash stands in every decision, or a
`PolicyError` with every problem that it has. Pure: reading and watching files is `policy_files.py`.
"""

import tomllib
from collections.abc import Collection

from .errors import PolicyError
from .policy import SCHEMA_VERSION, Policy
from .proofs import problems_of
from .reading import read


def parse_policy(text: str, prices: str, floors: Collection[str] | None = None) -> Policy:
    """The policy in `text` with the price table in `prices`, proven.

    `floors` are the floors that exist; None takes a task's word for its own. Raises PolicyError with every problem.
    """
    document = _toml(text, "policy")
    document["prices"] = _toml(prices, "prices").get("price", [])
    found: list[str] = []
    policy = read(Policy, document, "policy", found)
    if policy is None:
        raise PolicyError(tuple(problem.removeprefix("policy.") for problem in found))
    if problems := problems_of(policy, floors):
        raise PolicyError(problems)
    return policy


def _toml(text: str, what: str) -> dict[str, object]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError((f"{what}: {error}",)) from None
    if document.get("schema_version") != SCHEMA_VERSION:
        raise PolicyError((f"{what}: schema_version must be {SCHEMA_VERSION}",))
    return document
