"""People: onboarding, invitations, merging.

Revision: 0004, after 0003
"""

from dispatch.storage.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(__file__)
