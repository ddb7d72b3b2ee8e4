"""Scenario runs and their scores.

Revision: 0009, after 0008
"""

from dispatch.storage.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(__file__)
