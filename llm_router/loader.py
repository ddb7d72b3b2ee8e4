"""From text to a proven policy.

In: TOML text of a policy and of a price table. Out: a frozen `Policy` whose hash stands in every decision, or a
`PolicyError` with every problem that it has. Pure: reading and watching files is `policy_files.py`.
"""

import tomllib
from collections.abc import Collection

from pydantic import ValidationError

from .errors import PolicyError
from .policy import SCHEMA_VERSION, Policy
from .proofs import problems_of


def parse_policy(text: str, prices: str, floors: Collection[str] | None = None) -> Policy:
    """The policy in `text` with the price table in `prices`, proven.

    `floors` are the floors that exist; None takes a task's word for its own. Raises PolicyError with every problem.
    """
    document = _toml(text, "policy")
    document["prices"] = _toml(prices, "prices").get("price", [])
    try:
        policy = Policy.model_validate(document)
    except ValidationError as error:
        raise PolicyError(_places(error)) from None
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


def _places(error: ValidationError) -> tuple[str, ...]:
    return tuple(f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}" for problem in error.errors())
