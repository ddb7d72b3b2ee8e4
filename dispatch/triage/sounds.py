"""A sound key for words, so that a term that the recogniser spelled by ear is still found ("na locks own").

In: letters. Out: the consonant skeleton with voiced and unvoiced pairs merged; vowels, h, w and y dropped. Two
spellings with one key sound alike over a telephone; `hearing` also asks that their letters are similar.
"""

import re
from functools import lru_cache
from typing import Final

_RULES: Final = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"[^a-z]", ""),
        (r"tch|sch|ch|sh|[ct]i(?=[aou])|si(?=o)|tu(?=r)", "x"),
        (r"ph|gh(?=$)", "f"),
        (r"gh|(?<=^)[gk](?=n)|(?<=^)w(?=r)", ""),
        (r"th", "0"),
        (r"c(?=[eiy])|z|x(?=$)", "s"),
        (r"dg|g(?=[eiy])|j", "j"),
    )
]
_LETTERS: Final = str.maketrans("cqgbdv", "kkkptf", "aeiouhwy")
"""What each letter that is left sounds like, once those that depend on their neighbours are settled."""


_NOT_STEADY: Final = re.compile(r"[^lmnr]+")


def steady_sounds(letters: str) -> str:
    """The letters that no rule above touches; spellings with one sound key have these in common, at far less cost."""
    return _once(_NOT_STEADY.sub("", letters))


@lru_cache(maxsize=65536)
def sound_key(letters: str) -> str:
    """The consonant skeleton of some letters."""
    key = letters
    for pattern, sound in _RULES:
        key = pattern.sub(sound, key)
    return _once(key.translate(_LETTERS))


_REPEATED: Final = re.compile(r"(.)(?=\1)")


def _once(text: str) -> str:
    """Each letter once where it stands several times in a row."""
    return _REPEATED.sub("", text)
