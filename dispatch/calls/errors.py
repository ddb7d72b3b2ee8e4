"""Errors of the calls package; what is refused to a client is a `Refused` of the contract.

CallError                     code, retryable, safe message
└── JournalDamaged            a journal file that is not one of ours
"""

# ruff: noqa: N818 - an error is named by what happened


class CallError(Exception):
    """Root of this package's errors."""

    code = "call_error"
    retryable = False


class JournalDamaged(CallError):
    """A file in the journal folder that does not start as a journal does."""

    code = "journal_damaged"
