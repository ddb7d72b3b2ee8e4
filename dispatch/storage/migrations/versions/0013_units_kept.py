"""Units can be withdrawn.

Revision: 0013, after 0012
"""

from dispatch.storage.migrations import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql(__file__)
