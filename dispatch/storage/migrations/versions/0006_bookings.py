"""Bookings and their events.

Revision: 0006, after 0005
"""

from dispatch.storage.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql(__file__)
