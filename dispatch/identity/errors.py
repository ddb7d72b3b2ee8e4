"""Why somebody is not let in, with a stable code and words that are safe to show.

IdentityError
├── SignInRefused       e-mail and password do not belong together (the same answer for an unknown e-mail)
├── SecondFactorNeeded  the password is right, and the account wants a code from its authenticator app
├── SecondFactorRefused that code is wrong, old or used
├── SlowDown            too many wrong passwords from this address for this account; `retry_after_s` says how long
├── SessionEnded        the refresh token is unknown, expired, revoked or was used twice: sign in again
├── TokenRefused        the access token is not one of ours
├── TokenExpired        the access token was one of ours and has run out: refresh it
├── NotAllowed          the person does not have the role
└── IdentityBusy        too many sign-ins at once: try again
"""
# ruff: noqa: N818 - an error is named by what happened


class IdentityError(Exception):
    """Root of the identity errors. `code` is stable, `retryable` says whether the same call may work later."""

    code = "identity_error"
    retryable = False


class SignInRefused(IdentityError):
    """Wrong e-mail or password, or a suspended person."""

    code = "sign_in_refused"


class SecondFactorNeeded(IdentityError):
    """Ask for the code of the authenticator app and sign in again with it."""

    code = "second_factor_needed"


class SecondFactorRefused(IdentityError):
    """The code of the authenticator app does not count."""

    code = "second_factor_refused"


class SlowDown(IdentityError):
    """Wait before the next try at this account from this address."""

    code = "slow_down"
    retryable = True

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Too many wrong passwords. Try again in {retry_after_s:.0f} s.")
        self.retry_after_s = retry_after_s


class SessionEnded(IdentityError):
    """The session cannot go on."""

    code = "session_ended"


class TokenRefused(IdentityError):
    """Not an access token of this installation."""

    code = "token_refused"


class TokenExpired(TokenRefused):
    """An access token of this installation that has run out."""

    code = "token_expired"


class NotAllowed(IdentityError):
    """The role is missing."""

    code = "not_allowed"


class IdentityBusy(IdentityError):
    """All password checkers are busy, and enough people are waiting already."""

    code = "identity_busy"
    retryable = True
