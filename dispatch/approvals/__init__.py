"""Protocol approvals: who may sign for a centre, signing and withdrawing over the API, and what calls know of it."""

from .api import ApprovalsApi
from .known import KnownApprovals

__all__ = ["ApprovalsApi", "KnownApprovals"]
