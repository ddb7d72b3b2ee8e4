"""Requests that were carried out once.

Revision: 0003, after 0002
"""

from dispatch.storage.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(__file__)
