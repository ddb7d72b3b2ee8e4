"""The audit log in sealed batches; records.

Revision: 0005, after 0004
"""

from dispatch.storage.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(__file__)
