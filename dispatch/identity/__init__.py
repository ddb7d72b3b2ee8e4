"""Who people are: roles, passwords, sessions, and one `verify` for every transport. Public names come from here."""

from .errors import (
    IdentityBusy,
    IdentityError,
    NotAllowed,
    SessionEnded,
    SignInRefused,
    SlowDown,
    TokenExpired,
    TokenRefused,
)
from .passwords import Passwords
from .principal import Principal, Role
from .refresh import RefreshTokens
from .sign_in import Identity, IssuedSession
from .tokens import AccessTokens, signing_keys

__all__ = [
    "AccessTokens",
    "Identity",
    "IdentityBusy",
    "IdentityError",
    "IssuedSession",
    "NotAllowed",
    "Passwords",
    "Principal",
    "RefreshTokens",
    "Role",
    "SessionEnded",
    "SignInRefused",
    "SlowDown",
    "TokenExpired",
    "TokenRefused",
    "signing_keys",
]
