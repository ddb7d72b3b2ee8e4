"""Who may sign protocols for a centre, and what they signed.

Revision: 0012, after 0011
"""

from dispatch.storage.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql(__file__)
