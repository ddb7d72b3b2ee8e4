"""Incidents, units, places.

Revision: 0007, after 0006
"""

from dispatch.storage.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(__file__)
