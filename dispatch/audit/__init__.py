"""The audit log: who did what to which record, under which role. Public names come from here."""

from .entries import AuditEntry, record
from .sealing import keep_sealed, seal_once, verify
from .seals import Report, Verification

__all__ = ["AuditEntry", "Report", "Verification", "keep_sealed", "record", "seal_once", "verify"]
