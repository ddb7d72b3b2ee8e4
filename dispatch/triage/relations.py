"""Words for people, and what each says of somebody: kin, sex, what those are who call themselves so.

In: `people.yaml`. Out: `Relations`, and patterns of such words. Data only; who is meant is for `apart` and `people`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .resources import document


@dataclass(frozen=True)
class Relations:
    """What words for kin and company say."""

    caller: dict[str, str]
    """What the caller is to somebody whom they call so."""
    sex: dict[str, str]
    role: dict[str, str]
    """What somebody is to the patient who calls themselves so."""


@lru_cache(maxsize=1)
def relations() -> Relations:
    """Every word for kin and company."""
    raw = document("people.yaml")
    caller, sex = dict[str, str](), dict[str, str]()
    role = {word: code for code, words in raw["roles"].items() for word in words}
    for entry in raw["relations"]:
        for name in ("male", "female", "either"):
            for word in entry[name]:
                caller[word] = entry["caller"]
                role.setdefault(word, entry.get("inverse", entry["caller"]))
                if name != "either":
                    sex[word] = name
    return Relations(caller, sex, role)


def options(words: Iterable[str]) -> str:
    """The words as choices of a pattern, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
