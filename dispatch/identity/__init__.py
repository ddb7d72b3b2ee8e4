"""Who people are: roles, passwords, sessions, and one `verify` for every transport. Public names come from here."""

from dispatch.contract.roles import Role, ScopeKind

from .errors import (
    IdentityBusy,
    IdentityError,
    NotAllowed,
    SecondFactorNeeded,
    SecondFactorRefused,
    SessionEnded,
    SignInRefused,
    SlowDown,
    TokenExpired,
    TokenRefused,
)
from .one_time_codes import LIFETIME as CODE_LIFETIME
from .one_time_codes import CodeSender, OneTimeCodes, RememberedCodes, normal_number
from .passwords import Passwords
from .principal import Grant, Principal, database_role
from .refresh import RefreshTokens
from .second_factor import SecondFactors
from .sessions import LiveSession, end_all_sessions, end_session, end_sessions, live_sessions, sessions_of
from .sign_in import Identity, IssuedSession
from .tokens import AccessTokens, signing_keys

__all__ = [
    "CODE_LIFETIME",
    "AccessTokens",
    "CodeSender",
    "Grant",
    "Identity",
    "IdentityBusy",
    "IdentityError",
    "IssuedSession",
    "LiveSession",
    "NotAllowed",
    "OneTimeCodes",
    "Passwords",
    "Principal",
    "RefreshTokens",
    "RememberedCodes",
    "Role",
    "ScopeKind",
    "SecondFactorNeeded",
    "SecondFactorRefused",
    "SecondFactors",
    "SessionEnded",
    "SignInRefused",
    "SlowDown",
    "TokenExpired",
    "TokenRefused",
    "database_role",
    "end_all_sessions",
    "end_session",
    "end_sessions",
    "live_sessions",
    "normal_number",
    "sessions_of",
    "signing_keys",
]
