"""The audit log: who did what to which record, under which role. Public names come from here."""

from .entries import AuditEntry, record

__all__ = ["AuditEntry", "record"]
