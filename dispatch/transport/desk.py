"""Identity, as the transports see it: its answers as contract models, its refusals as coded problems.

HTTP and Socket.IO both come through here, so that a token means the same on either.
"""

from collections.abc import Awaitable
from typing import Final

from dispatch.consoles.console import SignedIn
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.identity import (
    Identity,
    IdentityBusy,
    IdentityError,
    IssuedSession,
    NotAllowed,
    Role,
    SecondFactorNeeded,
    SecondFactorRefused,
    SessionEnded,
    SignInRefused,
    SlowDown,
    TokenExpired,
    TokenRefused,
)
from dispatch.storage import StoreUnavailable

from .http import SignedInSession

CODES: Final[dict[type[Exception], ProblemCode]] = {
    SignInRefused: ProblemCode.SIGN_IN_FAILED,
    SlowDown: ProblemCode.TOO_MANY,
    IdentityBusy: ProblemCode.UNAVAILABLE,
    SessionEnded: ProblemCode.TOKEN_EXPIRED,
    TokenExpired: ProblemCode.TOKEN_EXPIRED,
    SecondFactorNeeded: ProblemCode.SECOND_FACTOR_NEEDED,
    SecondFactorRefused: ProblemCode.SIGN_IN_FAILED,
    TokenRefused: ProblemCode.SIGN_IN_FAILED,
    NotAllowed: ProblemCode.NOT_ALLOWED,
    StoreUnavailable: ProblemCode.UNAVAILABLE,
}
CONSOLE_ROLES: Final = (Role.OPERATOR, Role.SUPERVISOR)


class IdentityDesk:
    """Sign-in, refresh and sign-out for HTTP; reading a token for the consoles."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def sign_in(self, email: str, password: str, address: str) -> SignedInSession:
        return await _session(self._identity.sign_in(email, password, address))

    async def refresh(self, refresh_token: str) -> SignedInSession:
        return await _session(self._identity.refresh(refresh_token))

    async def sign_out(self, refresh_token: str) -> None:
        try:
            await self._identity.sign_out(refresh_token)
        except (IdentityError, StoreUnavailable) as error:
            raise refusal(error) from None

    def operator(self, token: str) -> SignedIn:
        """Who sits at a console. Raises Refused for a token that is not good, or not an operator's."""
        try:
            principal = self._identity.verify(token)
            principal.require(*CONSOLE_ROLES)
        except IdentityError as error:
            raise refusal(error) from None
        if principal.centre_id is None:
            raise Refused(ProblemCode.NOT_ALLOWED, "You do not work for a dispatch centre.")
        return SignedIn(
            person_id=principal.person_id,
            display_name=principal.display_name,
            centre_id=principal.centre_id,
            supervisor=Role.SUPERVISOR in principal.roles,
            expires_at=principal.expires_at,
        )


def refusal(error: Exception) -> Refused:
    """An error of identity or storage as a coded problem; its message is safe to show."""
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), ProblemCode.INTERNAL)
    return Refused(code, str(error))


async def _session(issued: Awaitable[IssuedSession]) -> SignedInSession:
    try:
        session = await issued
    except (IdentityError, StoreUnavailable) as error:
        raise refusal(error) from None
    return SignedInSession(session.body(), session.refresh_token, session.refresh_lives_s)
