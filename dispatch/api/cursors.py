"""Cursors of lists: where a page ended, readable by nobody but the one who asked for it.

In: the holder and the place. Out: a short text. Invariants: a cursor of another person, role or list, or one that was
changed, is refused; it reveals the place to its own holder alone.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Final

from dispatch.contract.problems import ProblemCode, Refused

MARK_BYTES: Final = 16


class Cursors:
    """Writes and reads cursors with a secret of the installation."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def write(self, holder: tuple[str, ...], place: tuple[str, ...]) -> str:
        """A cursor for `holder` that stands at `place`."""
        said = json.dumps(place, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mark(holder, said) + said).decode()

    def read(self, holder: tuple[str, ...], cursor: str) -> tuple[str, ...]:
        """The place of a cursor. Raises Refused for one that is not this holder's."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode())
        except (binascii.Error, ValueError):
            raise _not_yours() from None
        mark, said = raw[:MARK_BYTES], raw[MARK_BYTES:]
        if not hmac.compare_digest(mark, self._mark(holder, said)):
            raise _not_yours()
        return tuple(str(value) for value in json.loads(said))

    def _mark(self, holder: tuple[str, ...], said: bytes) -> bytes:
        whose = json.dumps(holder).encode()
        return hmac.new(self._secret, whose + b"\n" + said, hashlib.sha256).digest()[:MARK_BYTES]


def _not_yours() -> Refused:
    return Refused(ProblemCode.INVALID_MESSAGE, "This cursor does not belong to this list as you see it. Start again.")
