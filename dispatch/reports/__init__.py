"""Reports: figures of the service, its promises and its money, made in the background. Public names come from here."""

from .api import ReportApi
from .flow import ReportFlow

__all__ = ["ReportApi", "ReportFlow"]
