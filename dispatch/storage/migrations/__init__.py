"""Schema migrations, run by `dispatch.storage.migrate`: each a revision file with its SQL beside it.

A file whose first line is `OUTSIDE` holds statements that PostgreSQL refuses inside a transaction, or that must not
hold locks until its end. The runner carries them out one by one before it notes the revision; when one fails, all of
them are run again later, so each must be harmless to repeat.
"""

from pathlib import Path
from typing import Final

from alembic import op

OUTSIDE: Final = "-- outside a transaction"


def run_sql(revision_file: str) -> None:
    """Runs the statements of the SQL file that lies beside a revision; none where the runner has run them already."""
    sql = Path(revision_file).with_suffix(".sql").read_text()
    for statement in () if sql.startswith(OUTSIDE) else statements(sql):
        op.execute(statement)


def statements(sql: str) -> list[str]:
    """The statements of a file; each ends with a semicolon at the end of a line."""
    return [statement for statement in sql.split(";\n") if statement.strip()]
