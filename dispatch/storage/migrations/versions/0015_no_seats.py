"""A seat is wherever somebody signs in: the table of seats was never read.

Revision: 0015, after 0014
"""

from dispatch.storage.migrations import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql(__file__)
