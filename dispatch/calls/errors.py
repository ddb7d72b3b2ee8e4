"""Errors of the calls package.

CallError                     code, retryable, safe message
├── Refused                   the user's mistake or a lost race; carries the `Problem` to answer with
└── JournalDamaged            a journal file that is not one of ours
"""

# ruff: noqa: N818 - an error is named by what happened

from dispatch.contract.problems import Problem, ProblemCode, problem


class CallError(Exception):
    """Root of this package's errors."""

    code = "call_error"
    retryable = False


class Refused(CallError):
    """A command or frame that is not carried out, with the answer for whoever sent it."""

    def __init__(self, code: ProblemCode, message: str, *, expected_seq: int | None = None) -> None:
        super().__init__(message)
        self.problem: Problem = problem(code, message, expected_seq=expected_seq)
        self.code = code.value
        self.retryable = self.problem.retryable


class JournalDamaged(CallError):
    """A file in the journal folder that does not start as a journal does."""

    code = "journal_damaged"
