"""A migration never stops the calls that are going on: planted offences are found, and the real ones have none."""

import pytest

from dispatch.storage.migrate import SCRIPTS
from dispatch.storage.migrations import OUTSIDE
from tests.migration_rules import BASELINE, offences

pytestmark = pytest.mark.unit

FILES = sorted((SCRIPTS / "versions").glob("*.sql"))

OFFENCES = {
    "an index of an existing table": "CREATE INDEX ix_call_x ON call (x);\n",
    "a unique index over two lines": "CREATE UNIQUE INDEX uq_call_x\n    ON call (x);\n",
    "a foreign key that scans": "ALTER TABLE call ADD CONSTRAINT fk_x FOREIGN KEY (x) REFERENCES seat (x);\n",
    "a check that scans": "ALTER TABLE call ADD CONSTRAINT ck_x CHECK (x > 0);\n",
    "a unique constraint": "ALTER TABLE call ADD CONSTRAINT uq_x UNIQUE (x);\n",
    "a column without a default": "ALTER TABLE call ADD COLUMN x text NOT NULL;\n",
    "a default that rewrites": "ALTER TABLE call ADD COLUMN x uuid NOT NULL DEFAULT gen_random_uuid();\n",
    "a reference in the column": "ALTER TABLE call ADD COLUMN x text REFERENCES seat (seat_id);\n",
    "not null on a filled table": "ALTER TABLE call ALTER COLUMN x SET NOT NULL;\n",
    "another type": "ALTER TABLE call ALTER COLUMN x TYPE bigint;\n",
    "a column taken away": "ALTER TABLE call DROP COLUMN x;\n",
    "a table taken away": "DROP TABLE seat;\n",
    "a column renamed": "ALTER TABLE call RENAME COLUMN x TO y;\n",
    "a note that names no migration": "-- contract: nobody uses it\nALTER TABLE call DROP COLUMN x;\n",
    "rows changed at once": "UPDATE call SET x = 1;\n",
    "a table locked": "LOCK TABLE call IN EXCLUSIVE MODE;\n",
    "a concurrent index inside": "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_call_x ON call (x);\n",
    "an index that cannot be made again": f"{OUTSIDE}\nCREATE INDEX CONCURRENTLY ix_call_x ON call (x);\n",
    "a table made outside": f"{OUTSIDE}\nCREATE TABLE thing (x int);\n",
    "validated under the same lock": (
        "ALTER TABLE call ADD CONSTRAINT ck_x CHECK (x > 0) NOT VALID;\nALTER TABLE call VALIDATE CONSTRAINT ck_x;\n"
    ),
}

HARMLESS = {
    "a new table with its index": "CREATE TABLE thing (x text NOT NULL);\nCREATE INDEX ix_thing_x ON thing (x);\n",
    "a constraint of a new table": "CREATE TABLE thing (x int);\nALTER TABLE thing ADD CONSTRAINT u UNIQUE (x);\n",
    "a concurrent index": f"{OUTSIDE}\nCREATE INDEX CONCURRENTLY IF NOT EXISTS ix_call_x ON call (x);\n",
    "an index given up": f"{OUTSIDE}\n-- twice\nDROP INDEX CONCURRENTLY IF EXISTS ix_call_x;\n",
    "a column that may be empty": "ALTER TABLE call ADD COLUMN x text;\n",
    "a column with a constant": "ALTER TABLE call ADD COLUMN x text NOT NULL DEFAULT '';\n",
    "a constraint for new rows": "ALTER TABLE call ADD CONSTRAINT ck_x CHECK (x > 0) NOT VALID;\n",
    "a validation later": "ALTER TABLE call VALIDATE CONSTRAINT ck_x;\n",
    "a column that nobody uses any more": "-- contract after 0010: y has it\nALTER TABLE call DROP COLUMN x;\n",
    "words in a comment": "-- UPDATE call, DROP COLUMN\nALTER TABLE call ADD COLUMN x text;\n",
}


@pytest.mark.parametrize("name", OFFENCES)
def test_what_would_hold_up_calls_is_found(name: str) -> None:
    assert len(offences(OFFENCES[name])) == 1


@pytest.mark.parametrize("name", HARMLESS)
def test_what_runs_beside_calls_is_let_through(name: str) -> None:
    assert offences(HARMLESS[name]) == []


def test_no_migration_since_the_baseline_holds_up_calls() -> None:
    found = {file.stem: offences(file.read_text()) for file in FILES if file.name[:4] > BASELINE}
    assert {stem: told for stem, told in found.items() if told} == {}


def test_the_baseline_is_a_migration_that_exists() -> None:
    assert BASELINE in {path.name[:4] for path in FILES}
