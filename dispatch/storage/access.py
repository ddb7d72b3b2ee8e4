"""Who may touch which rows: the manifest of every table, and the row-level security that is made from it.

In: the manifest below. Out: grants and policies in the database. Invariants: a table is in the manifest or it is not
reachable; row-level security is enabled and forced; a policy belongs to one database role (OR-ed policies on a shared
role cost seconds); it compares the scope column with an array, which keeps the index; without a context it is an error,
not an empty list. Measurements: docs/adr/0102.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .context import CENTRE_SETTING, PERSON_SETTING, DatabaseRole

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

READ: Final = ("SELECT",)
APPEND: Final = ("SELECT", "INSERT")
KEEP: Final = ("SELECT", "INSERT", "UPDATE")
ALL: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")

EVERYTHING: Final = "true"
SELF: Final = f"(SELECT app_context('{PERSON_SETTING}'))"
BOUND_CENTRE: Final = f"centre_id = ANY(ARRAY(SELECT app_context('{CENTRE_SETTING}')))"

R = DatabaseRole
CENTRE_ROLES: Final = (R.OPERATOR, R.SUPERVISOR)
HOSPITAL_ROLES: Final = (R.HOSPITAL_ADMIN, R.NURSE, R.PARAMEDIC)
COMMUNITY_ROLES: Final = (R.COMMUNITY_MANAGER, R.RESIDENT)
PERSON_ROLES: Final = (R.SUPER_ADMIN, *HOSPITAL_ROLES, *COMMUNITY_ROLES, *CENTRE_ROLES, R.TRAINER)


@dataclass(frozen=True)
class Rule:
    """What one role may do with the rows that `using` holds for."""

    role: DatabaseRole
    privileges: tuple[str, ...]
    using: str


@dataclass(frozen=True)
class TableAccess:
    """A table, the column that scopes it (None: it belongs to no tenant), and who may touch it."""

    table: str
    scope: str | None
    rules: tuple[Rule, ...]


def granted(role: DatabaseRole, kind: str, column: str) -> str:
    """Rows of the centres, hospitals or communities in which the acting person has this role, by their grants."""
    return (
        f"{column} = ANY(ARRAY(SELECT g.scope_id FROM role_grant g WHERE g.person_id = {SELF}"  # noqa: S608 - constants
        f" AND g.role = '{role.removeprefix('kiwimesh_')}' AND g.scope_kind = '{kind}' AND g.revoked_at IS NULL))"
    )


def rules(roles: tuple[DatabaseRole, ...], privileges: tuple[str, ...], using: str) -> tuple[Rule, ...]:
    """The same rule for several roles."""
    return tuple(Rule(role, privileges, using) for role in roles)


def by_grant(
    roles: tuple[DatabaseRole, ...], kind: str, column: str, privileges: tuple[str, ...] = READ
) -> tuple[Rule, ...]:
    """Each role sees what its own grants cover."""
    return tuple(Rule(role, privileges, granted(role, kind, column)) for role in roles)


def call_rules(ledger: tuple[str, ...]) -> tuple[Rule, ...]:
    """Calls and all that hangs on them: written by the ledger, read within a centre; trainers see exercises alone."""
    return (
        Rule(R.LEDGER, ledger, EVERYTHING),
        Rule(R.CENTRE, READ, BOUND_CENTRE),
        *by_grant(CENTRE_ROLES, "centre", "centre_id"),
        Rule(R.TRAINER, READ, f"exercise AND {granted(R.TRAINER, 'centre', 'centre_id')}"),
    )


def registry(reader: DatabaseRole = R.REGISTRY, privileges: tuple[str, ...] = ALL) -> Rule:
    return Rule(reader, privileges, EVERYTHING)


STAFF_OF_MINE: Final = "person_id = ANY(ARRAY(SELECT s.person_id FROM staff s))"
RESIDENTS_OF_MINE: Final = "person_id = ANY(ARRAY(SELECT r.person_id FROM resident r))"
SERVING_HOSPITALS: Final = "hospital_id = ANY(ARRAY(SELECT hc.hospital_id FROM hospital_community hc))"
SERVED_COMMUNITIES: Final = "community_id = ANY(ARRAY(SELECT hc.community_id FROM hospital_community hc))"

MANIFEST: Final = (
    TableAccess(
        "community",
        "community_id",
        (
            registry(),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant(COMMUNITY_ROLES, "community", "community_id"),
            *rules(HOSPITAL_ROLES, READ, SERVED_COMMUNITIES),
        ),
    ),
    TableAccess(
        "hospital",
        "hospital_id",
        (
            registry(),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id"),
            *rules(COMMUNITY_ROLES, READ, SERVING_HOSPITALS),
        ),
    ),
    TableAccess(
        "hospital_community",
        "hospital_id",
        (
            registry(),
            registry(R.SUPER_ADMIN),
            *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id"),
            *by_grant(COMMUNITY_ROLES, "community", "community_id"),
        ),
    ),
    TableAccess(
        "dispatch_centre",
        "centre_id",
        (
            registry(),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant((*CENTRE_ROLES, R.TRAINER), "centre", "centre_id"),
        ),
    ),
    TableAccess("centre_community", "centre_id", (registry(), registry(R.SUPER_ADMIN))),
    TableAccess("entry", "centre_id", (registry(), registry(R.SUPER_ADMIN))),
    TableAccess(
        "person",
        "person_id",
        (
            registry(),
            registry(R.IDENTITY, READ),
            registry(R.SUPER_ADMIN, KEEP),
            *rules((R.NURSE, R.PARAMEDIC, R.RESIDENT, *CENTRE_ROLES, R.TRAINER), READ, f"person_id = {SELF}"),
            *rules((R.HOSPITAL_ADMIN,), READ, STAFF_OF_MINE),
            *rules((R.COMMUNITY_MANAGER,), READ, RESIDENTS_OF_MINE),
        ),
    ),
    TableAccess("credential", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess(
        "role_grant",
        "person_id",
        (registry(), registry(R.IDENTITY, READ), *rules(PERSON_ROLES, READ, f"person_id = {SELF}")),
    ),
    TableAccess(
        "staff",
        "hospital_id",
        (registry(), registry(R.SUPER_ADMIN, KEEP), *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id")),
    ),
    TableAccess(
        "resident",
        "community_id",
        (
            registry(),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant((R.COMMUNITY_MANAGER,), "community", "community_id", KEEP),
            Rule(R.RESIDENT, READ, f"person_id = {SELF}"),
        ),
    ),
    TableAccess(
        "seat",
        "centre_id",
        (registry(), Rule(R.CENTRE, READ, BOUND_CENTRE), *by_grant((*CENTRE_ROLES, R.TRAINER), "centre", "centre_id")),
    ),
    TableAccess("sign_in_family", "person_id", (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess("refresh_token", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess("one_time_code", "person_id", (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess(
        "audit_event",
        "centre_id",
        (
            *rules((R.REGISTRY, R.IDENTITY, R.LEDGER), ("INSERT",), EVERYTHING),
            Rule(R.SUPER_ADMIN, READ, EVERYTHING),
            *by_grant((R.SUPERVISOR,), "centre", "centre_id"),
        ),
    ),
    TableAccess("incident", "centre_id", call_rules(KEEP)),
    TableAccess("call", "centre_id", call_rules(KEEP)),
    TableAccess("patient", "centre_id", call_rules(KEEP)),
    TableAccess("timeline_entry", "centre_id", call_rules(APPEND)),
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
            f" USING ({rule.using}) WITH CHECK ({rule.using})"
        )


def manifest_statements() -> list[str]:
    """Everything that the manifest stands for, in order."""
    usage = [f"GRANT USAGE ON SCHEMA public TO {role}" for role in DatabaseRole]
    return [CONTEXT_FUNCTION, *usage, *(statement for access in MANIFEST for statement in table_statements(access))]


def manifest_digest() -> str:
    """Changes when the manifest does."""
    return hashlib.sha256("\n".join((*manifest_statements(), *DatabaseRole)).encode()).hexdigest()[:16]
