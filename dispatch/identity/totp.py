"""Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, 30 s.

In: a secret, a code, the time. Out: the step that the code belongs to. Pure. Invariants: a code counts in its own step
and in the one before and after it (clocks differ); a step that was used, and any older one, is never taken again.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
DRIFT_STEPS: Final = 1
SECRET_BYTES: Final = 20
"""RFC 4226, section 4: 160 bits are recommended."""


def new_secret() -> str:
    """A random secret in base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a 30-second step (RFC 4226, section 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(now: datetime) -> int:
    """The 30-second step that a moment lies in."""
    return int(now.timestamp()) // STEP_S


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step that `code` belongs to, if it is near now and later than `last_step`; None otherwise."""
    present = step_of(now)
    for step in range(max(present - DRIFT_STEPS, last_step + 1), present + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def enrolment_uri(secret: str, account: str, issuer: str = "Kiwimesh") -> str:
    """What an authenticator app reads from a QR code."""
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{urlencode({'secret': secret, 'issuer': issuer})}"
