"""What can go wrong with jobs.

JobError
├── LeaseLost               another worker holds the job now: what was done in this transaction is undone
├── JobFailed               a handler gives up on its job for a reason of its own; says whether trying again helps
└── UnknownKind             nobody registered a handler for the kind
"""

# ruff: noqa: N818 - an error is named by what happened


class JobError(Exception):
    """Root of the job errors. `code` is stable, `retryable` says whether another try may work."""

    code = "job_error"
    retryable = True


class LeaseLost(JobError):
    """The lease ran out and somebody else claimed the job."""

    code = "lease_lost"


class JobFailed(JobError):
    """A handler says why it cannot do its job: a code, and whether another try may work."""

    def __init__(self, code: str, *, retryable: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable


class UnknownKind(JobError):
    """A kind without a handler."""

    code = "unknown_kind"
    retryable = False
