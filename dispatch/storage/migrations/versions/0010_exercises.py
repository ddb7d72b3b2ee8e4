"""Exercises that trainers ask for, and the players that play them.

Revision: 0010, after 0009
"""

from dispatch.storage.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql(__file__)
