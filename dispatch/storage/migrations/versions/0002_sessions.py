"""Seeing and ending sessions, second factors, one-time codes.

Revision: 0002, after 0001
"""

from dispatch.storage.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(__file__)
