"""Identity, as the transports see it: its answers as contract models, its refusals as coded problems.

HTTP and Socket.IO both come through here, so that a token means the same on either. Invariants: asking for a code by
phone is answered alike for every number, and each address asks only so often; whoever sits at a console may stay as
long as they have a console's role.
"""

from collections.abc import Awaitable
from functools import partial
from typing import Final

from dispatch.api import RequestBudget
from dispatch.consoles.console import SignedIn, Standing
from dispatch.contract.http import SignIn
from dispatch.contract.people import AcceptInvitation, CodeRedemption, CodeTicket
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.identity import (
    CODE_LIFETIME,
    Identity,
    IdentityBusy,
    IdentityError,
    IssuedSession,
    NotAllowed,
    OneTimeCodes,
    Principal,
    Role,
    SecondFactorNeeded,
    SecondFactorRefused,
    SessionEnded,
    SignInRefused,
    SlowDown,
    TokenExpired,
    TokenRefused,
)
from dispatch.observability.clock import Clock
from dispatch.storage import StoreUnavailable
from dispatch.tenancy import Reception

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
CODES_PER_S: Final = 0.1
CODES_AT_ONCE: Final = 20
"""Requests for codes from one address: a block of flats behind one address gets through, a script does not."""


class IdentityDesk:
    """Ways in, refresh and sign-out for HTTP; reading a token for the consoles."""

    def __init__(self, identity: Identity, codes: OneTimeCodes, reception: Reception, clock: Clock) -> None:
        self._identity = identity
        self._codes = codes
        self._reception = reception
        self._clock = clock
        self._budget = RequestBudget(CODES_PER_S, CODES_AT_ONCE)

    async def sign_in(self, body: SignIn, address: str, client: str) -> SignedInSession:
        signed_in = self._identity.sign_in(body.email, body.password, address, code=body.code, client=client)
        return await _session(signed_in)

    def request_code(self, phone: str, address: str) -> CodeTicket:
        """Asks for a code by phone. Raises Refused for an address that asks too often, whoever's the number is."""
        if self._budget.take(address, self._clock.monotonic()) > 0:
            raise Refused(ProblemCode.TOO_MANY, "Too many codes were asked for from this address.")
        try:
            ticket = self._codes.request(phone, address)
        except IdentityError as error:
            raise refusal(error) from None
        return CodeTicket(ticket=ticket, lives_s=int(CODE_LIFETIME.total_seconds()))

    async def redeem_code(self, body: CodeRedemption, client: str) -> SignedInSession:
        return await _session(self._identity.sign_in_by_phone(self._codes, body.ticket, body.code, client=client))

    async def accept_invitation(self, body: AcceptInvitation, address: str, client: str) -> SignedInSession:
        return await _session(self._reception.accept(body, address, client))

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
            standing=partial(self._standing, principal),
        )

    def _standing(self, principal: Principal) -> Standing:
        if self._identity.barred(principal, *CONSOLE_ROLES):
            return Standing.BARRED
        return Standing.WELCOME if self._identity.welcome(principal) else Standing.SIGNED_OUT


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
