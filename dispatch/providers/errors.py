"""What can go wrong with a provider.

ProviderError
├── ProviderAway            no answer in time, or an error of theirs: try again, not before `retry_after_s`
├── ProviderDenied          our key is not taken: somebody has to mend the settings, then trying again helps
├── ProviderBusy            asked too often: try again after `retry_after_s`
├── ProviderRefused         they will never do this as it is asked
├── AddressGone             the address (a push token) is nobody's any more
├── ExerciseKept            a real provider was asked within an exercise: a mistake in the program, and nothing was sent
└── WebhookForged           an event whose signature is wrong or too old
"""

# ruff: noqa: N818 - an error is named by what happened


class ProviderError(Exception):
    """Root of the provider errors. Messages hold codes and statuses, never an address or a text that was sent."""

    code = "provider_error"
    retryable = True
    retry_after_s = 0.0


class ProviderAway(ProviderError):
    """No answer in time, or a server error."""

    code = "provider_away"

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ProviderDenied(ProviderError):
    """Our credentials are wrong, expired or may not do this: no fault of what was asked."""

    code = "provider_denied"


class ProviderBusy(ProviderError):
    """Too many requests."""

    code = "provider_busy"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ProviderRefused(ProviderError):
    """Asked wrongly; the same request is never carried out."""

    code = "provider_refused"
    retryable = False


class AddressGone(ProviderError):
    """The address does not exist any more."""

    code = "address_gone"
    retryable = False


class ExerciseKept(ProviderError):
    """Nothing of an exercise reaches a real provider."""

    code = "exercise_kept"
    retryable = False


class WebhookForged(ProviderError):
    """Not from the provider, or replayed late."""

    code = "webhook_forged"
    retryable = False
