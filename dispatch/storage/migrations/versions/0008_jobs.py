"""Jobs, providers, what was sent.

Revision: 0008, after 0007
"""

from dispatch.storage.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(__file__)
