"""The correlation id of whatever was behind an event of a booking or an incident.

Revision: 0011, after 0010
"""

from dispatch.storage.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql(__file__)
