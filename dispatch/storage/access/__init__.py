"""Who may touch which rows: the manifest of every table, and the row-level security that is made from it.

In: the manifest below. Out: grants and policies in the database. Invariants: a table is in the manifest or it is not
reachable; row-level security is enabled and forced; a policy belongs to one database role (OR-ed policies on a shared
role cost seconds); it compares the scope column with an array, which keeps the index; without a context it is an error,
not an empty list. Measurements: docs/adr/0102.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from dispatch.storage.context import DatabaseRole

from .audit import AUDIT
from .bookings import BOOKINGS
from .calls import CALLS
from .dispatching import DISPATCHING
from .jobs import JOBS
from .organisations import ORGANISATIONS
from .people import OWN_GRANTS, PEOPLE
from .protocols import PROTOCOLS
from .records import RECORDS
from .requests import REQUESTS
from .rules import TableAccess
from .sign_in import SIGN_IN
from .training import TRAINING

CONTEXT_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION app_context(setting text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    value text := nullif(current_setting(setting, true), '');
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION 'no context: % is not set', setting USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN value;
END $$
"""

MANIFEST: Final = (
    *ORGANISATIONS,
    *PEOPLE,
    *SIGN_IN,
    *AUDIT,
    *CALLS,
    *RECORDS,
    *BOOKINGS,
    *DISPATCHING,
    *REQUESTS,
    *JOBS,
    *TRAINING,
    *PROTOCOLS,
)

BOOKKEEPING: Final = frozenset({"alembic_version"})
"""Tables without tenants' data, which no role of the application can reach."""


def policy_name(table: str, role: DatabaseRole) -> str:
    return f"{table}_{role.removeprefix('kiwimesh_')}"


def role_statements(known_roles: frozenset[str], application: str) -> Iterator[str]:
    """Makes the missing roles; the application's login steps into them, or the owner's where there is only one."""
    if application not in known_roles:
        yield f"CREATE ROLE {application} NOLOGIN NOINHERIT"
        yield f"GRANT {application} TO CURRENT_USER"
    for role in DatabaseRole:
        if role not in known_roles:
            yield f"CREATE ROLE {role} NOLOGIN NOINHERIT"
    for role in DatabaseRole:
        yield f"GRANT {role} TO {application}"


def table_statements(access: TableAccess) -> Iterator[str]:
    """Grants and policies of one table, from nothing: what the manifest does not name is taken away."""
    yield f"ALTER TABLE {access.table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {access.table} FORCE ROW LEVEL SECURITY"
    for role in DatabaseRole:
        yield f"DROP POLICY IF EXISTS {policy_name(access.table, role)} ON {access.table}"
        yield f"REVOKE ALL ON {access.table} FROM {role}"
    for rule in access.rules:
        yield f"GRANT {', '.join(rule.privileges)} ON {access.table} TO {rule.role}"
        yield (
            f"CREATE POLICY {policy_name(access.table, rule.role)} ON {access.table} TO {rule.role}"
            f" USING ({rule.using}) WITH CHECK ({rule.check or rule.using})"
        )


def common_statements() -> list[str]:
    """What belongs to no table."""
    usage = [f"GRANT USAGE ON SCHEMA public TO {role}" for role in DatabaseRole]
    return [CONTEXT_FUNCTION, *OWN_GRANTS, *usage]


def manifest_statements() -> list[str]:
    """Everything that the manifest stands for, in order."""
    return [*common_statements(), *(statement for access in MANIFEST for statement in table_statements(access))]


def manifest_digest() -> str:
    """Changes when the manifest does."""
    return hashlib.sha256("\n".join((*manifest_statements(), *DatabaseRole)).encode()).hexdigest()[:16]
