"""Schema migrations, run by `dispatch.storage.migrate`: each a revision file with its SQL beside it."""

from pathlib import Path

from alembic import op


def run_sql(revision_file: str) -> None:
    """Runs the statements of the SQL file that lies beside a revision."""
    for statement in Path(revision_file).with_suffix(".sql").read_text().split(";\n"):
        if statement.strip():
            op.execute(statement)
