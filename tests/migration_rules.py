"""What a migration may do to tables that calls are being written to: rules over the text of its SQL, no database.

In: a migration's SQL. Out: one sentence an offence. Tables that the same file makes are empty and seen by nobody, so
that everything may be done to them. A file that runs outside a transaction holds only what may be repeated. Files up
to `BASELINE` were written before anybody had data, and are exempt.
"""

import re
from collections.abc import Iterator
from typing import Final

from dispatch.storage.migrations import OUTSIDE

REPEATABLE: Final = re.compile(
    r"^(?:CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS|DROP INDEX CONCURRENTLY IF EXISTS|"
    r"ALTER TABLE \w+ VALIDATE CONSTRAINT)\b", re.IGNORECASE,
)  # fmt: skip
CONCURRENT: Final = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)
BASELINE: Final = "0009"
"""The last migration of the time before the first release."""
CONTRACT: Final = re.compile(r"^-- contract after \d{4}: \S", re.MULTILINE)
"""Says which earlier migration left a column or table unused; the line stands in the statement that takes it away."""
COMMENT: Final = re.compile(r"--[^\n]*")
MADE: Final = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.IGNORECASE)
INDEX: Final = re.compile(r"^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?.*?\bON (?:ONLY )?(\w+)", re.IGNORECASE)
ALTER: Final = re.compile(r"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?(\w+) (.*)", re.IGNORECASE)
ROWS: Final = re.compile(r"^(?:UPDATE|DELETE FROM) (?:ONLY )?(\w+)", re.IGNORECASE)
HEAVY: Final = re.compile(r"^(LOCK|CLUSTER|VACUUM|TRUNCATE|REINDEX(?! \w+ CONCURRENTLY))\b", re.IGNORECASE)
CHANGES: Final = (
    (r"ADD CONSTRAINT .*\b(?:FOREIGN KEY|CHECK)\b(?!.*\bNOT VALID\b)", "add the constraint NOT VALID"),
    (r"ADD CONSTRAINT .*\b(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b(?!.*\bUSING INDEX\b)", "make its index CONCURRENTLY first"),
    (r"ADD COLUMN .*\bNOT NULL\b(?!.*\bDEFAULT\b)", "give the new column a default"),
    (r"ADD COLUMN .*\b(?:random|gen_random_uuid|clock_timestamp|nextval)\b", "the default rewrites every row"),
    (r"ADD COLUMN .*\b(?:REFERENCES|UNIQUE|CHECK)\b", "add what limits the new column as a constraint, NOT VALID"),
    (r"ALTER (?:COLUMN )?\w+ SET NOT NULL", "check it NOT VALID and validate it in a later migration"),
    (r"ALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b", "add a column beside it"),
)
"""Parts of ALTER TABLE that scan or rewrite a table while nobody may write to it, and what to do instead."""
TAKES_AWAY: Final = re.compile(r"\b(?:DROP COLUMN|DROP TABLE|RENAME)\b", re.IGNORECASE)
NOT_VALID: Final = re.compile(r"ADD CONSTRAINT (\w+) .*\bNOT VALID\b", re.IGNORECASE)
VALIDATE: Final = re.compile(r"VALIDATE CONSTRAINT (\w+)", re.IGNORECASE)


def offences(sql: str) -> list[str]:
    """What would hold up or lose writes on a table in use; empty for a migration that may run beside live calls."""
    outside = sql.startswith(OUTSIDE)
    statements = [statement for statement in sql.split(";\n") if plain(statement)]
    bare = [plain(statement) for statement in statements]
    made = {found[1] for text in bare if (found := MADE.match(text))}
    unvalidated = {found[1] for text in bare if (found := NOT_VALID.search(text))}
    return [
        f"{text[:60]}: {why}"
        for statement, text in zip(statements, bare, strict=True)
        for why in (
            *_held_up(text, made),
            *_taken_away(statement, text),
            *_validated_at_once(text, unvalidated),
            *_in_its_place(text, outside),
        )
    ]


def plain(statement: str) -> str:
    """A statement on one line, without comments."""
    return " ".join(COMMENT.sub("", statement).split()).rstrip(";")


def _held_up(text: str, made: set[str]) -> Iterator[str]:
    if HEAVY.match(text):
        yield "nobody can write meanwhile"
    if (found := INDEX.match(text)) and not found[1] and found[2] not in made:
        yield "make an index of an existing table CONCURRENTLY"
    if (found := ROWS.match(text)) and found[1] not in made:
        yield "change rows in portions, in a job"
    if (found := ALTER.match(text)) and found[1] not in made:
        yield from (why for pattern, why in CHANGES if re.search(pattern, found[2], re.IGNORECASE))


def _taken_away(statement: str, text: str) -> Iterator[str]:
    if TAKES_AWAY.search(text) and not CONTRACT.search(statement):
        yield "the version before still uses it: expand first, and say `-- contract after NNNN: why` here"


def _validated_at_once(text: str, unvalidated: set[str]) -> Iterator[str]:
    if (found := VALIDATE.search(text)) and found[1] in unvalidated:
        yield "validate in a later migration: this one still holds the lock of NOT VALID"


def _in_its_place(text: str, outside: bool) -> Iterator[str]:
    if outside and not REPEATABLE.match(text):
        yield "outside a transaction only what may be repeated: IF NOT EXISTS, IF EXISTS, VALIDATE"
    if not outside and CONCURRENT.search(text):
        yield f"begin the file with `{OUTSIDE}`"
