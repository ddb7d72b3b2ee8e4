"""A job is given up by time, and its losses are counted apart from its tries.

Revision: 0014, after 0013
"""

from dispatch.storage.migrations import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql(__file__)
