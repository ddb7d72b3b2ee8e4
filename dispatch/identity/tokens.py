"""Access tokens: who somebody is for the next ten minutes, checked by a signature alone.

In: a principal, or a token with the time. Out: a signed token, or the principal. Invariants: verifying asks nobody and
works while the database is away; only our own keys and one algorithm (Ed25519, RFC 9864) are believed, whatever the
token's header says; a token lives 10 minutes; there is one `verify` for HTTP, Socket.IO and jobs. A signature that was
good is not looked at again while the token lives (by the hash of the whole token); whose session has ended although
their token is good is another question, asked every time (`revocations`).
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from dispatch.contract.base import PersonId
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage.data_root import secret_text

from .errors import TokenExpired, TokenRefused
from .principal import Grant, Principal

LIFETIME: Final = timedelta(minutes=10)
ALGORITHM: Final = "Ed25519"
ISSUER: Final = "kiwimesh"
LONGEST_TOKEN: Final = 4096
CHECKED_KEPT: Final = 4096
"""Tokens that were checked; the one checked longest ago is checked again when it comes."""


class AccessTokens:
    """Signs with the first key and believes all of them, so that a key can be changed without signing anybody out."""

    def __init__(self, keys: Sequence[OKPKey]) -> None:
        self._signing = keys[0]
        self._believed = KeySet(list(keys))
        self._checked: OrderedDict[bytes, Principal] = OrderedDict()

    def issue(self, principal: Principal, now: datetime) -> tuple[str, Principal]:
        """A token for `principal` from `now` on, and the principal with the end of its life."""
        issued = now.replace(microsecond=0)
        holder = replace(principal, expires_at=issued + LIFETIME)
        header = {"alg": ALGORITHM, "kid": self._signing.kid}
        return jwt.encode(header, claims_of(holder, issued), self._signing, algorithms=[ALGORITHM]), holder

    def verify(self, token: str, now: datetime) -> Principal:
        """Who the token speaks for. Raises TokenExpired or TokenRefused."""
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused("The access token is too long.")
        mark = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        holder = self._checked.get(mark) or self._check(token)
        if now >= holder.expires_at:
            self._checked.pop(mark, None)
            raise TokenExpired("The access token has run out.")
        self._checked[mark] = holder
        if len(self._checked) > CHECKED_KEPT:
            self._checked.popitem(last=False)
        return holder

    def _check(self, token: str) -> Principal:
        """Who a token of ours speaks for, or spoke for. Raises TokenRefused."""
        try:
            return principal_of(jwt.decode(token, self._believed, algorithms=[ALGORITHM]).claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise TokenRefused("This is not an access token of this installation.") from None


def claims_of(principal: Principal, issued: datetime) -> dict[str, Any]:
    """What a token says."""
    return {
        "iss": ISSUER,
        "sub": principal.person_id,
        "name": principal.display_name,
        "grants": [[grant.role, grant.kind, grant.scope_id] for grant in principal.grants],
        "sid": principal.session_id,
        "iat": int(issued.timestamp()),
        "exp": int(principal.expires_at.timestamp()),
    }


def principal_of(claims: dict[str, Any]) -> Principal:
    """Who a token's claims describe. Raises ValueError, KeyError or TypeError for claims that are not ours."""
    if claims["iss"] != ISSUER:
        raise ValueError("another issuer")
    return Principal(
        person_id=PersonId(str(claims["sub"])),
        display_name=str(claims["name"]),
        grants=tuple(Grant(Role(role), ScopeKind(kind), str(scope_id)) for role, kind, scope_id in claims["grants"]),
        session_id=str(claims["sid"]),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
    )


def signing_keys(file: Path) -> list[OKPKey]:
    """The keys of an installation from a file with mode 0600 (a JWK set, the signing key first), made at first use."""
    return [OKPKey.import_key(key) for key in json.loads(secret_text(file, new_key_file))["keys"]]


def new_key_file() -> str:
    """A JWK set with one new private key, named by its thumbprint."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    return json.dumps({"keys": [key.as_dict(private=True)]})
