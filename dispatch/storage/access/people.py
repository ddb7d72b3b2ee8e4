"""Who may see and keep people, their roles, and the offers of roles."""

from typing import Final

from .rules import (
    ALL,
    CENTRE_STAFF,
    COMMUNITIES_OF_CENTRE,
    EVERYTHING,
    HOSPITAL_STAFF,
    KEEP,
    OWN_ROW,
    PEOPLE_OF_MINE,
    READ,
    RESIDENTS_OF_MINE,
    SELF,
    STAFF_OF_MINE,
    R,
    Rule,
    TableAccess,
    by_grant,
    managed,
    registry,
    rules,
)

ALONE: Final = (R.NURSE, R.PARAMEDIC, R.RESIDENT, R.OPERATOR, R.TRAINER)
"""They see themselves, and manage nobody."""
CHANGE: Final = ("SELECT", "UPDATE")
MANAGE_HOSPITAL: Final = managed(R.HOSPITAL_ADMIN, "hospital", HOSPITAL_STAFF)
MANAGE_CENTRE: Final = managed(R.SUPERVISOR, "centre", CENTRE_STAFF)
MANAGE_COMMUNITY: Final = managed(R.COMMUNITY_MANAGER, "community", "resident")

PEOPLE: Final = (
    TableAccess(
        "person",
        "person_id",
        (
            registry(),
            registry(R.WORKER, READ),
            registry(R.IDENTITY, KEEP),
            registry(R.SUPER_ADMIN, KEEP),
            *rules(ALONE, READ, OWN_ROW),
            Rule(R.SUPERVISOR, READ, PEOPLE_OF_MINE),
            *rules((R.HOSPITAL_ADMIN,), READ, STAFF_OF_MINE),
            *rules((R.COMMUNITY_MANAGER,), READ, RESIDENTS_OF_MINE),
        ),
    ),
    TableAccess("credential", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess(
        "role_grant",
        "person_id",
        (
            registry(),
            registry(R.IDENTITY, KEEP),
            registry(R.SUPER_ADMIN, KEEP),
            *rules(ALONE, READ, OWN_ROW),
            Rule(R.HOSPITAL_ADMIN, KEEP, f"{OWN_ROW} OR ({managed(R.HOSPITAL_ADMIN, 'hospital')})", MANAGE_HOSPITAL),
            Rule(R.SUPERVISOR, KEEP, f"{OWN_ROW} OR ({managed(R.SUPERVISOR, 'centre')})", MANAGE_CENTRE),
            Rule(R.COMMUNITY_MANAGER, CHANGE, f"{OWN_ROW} OR ({MANAGE_COMMUNITY})", MANAGE_COMMUNITY),
        ),
    ),
    TableAccess(
        "staff",
        "hospital_id",
        (
            registry(),
            registry(R.WORKER, READ),
            registry(R.IDENTITY, KEEP),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant((R.HOSPITAL_ADMIN,), "hospital", "hospital_id", CHANGE),
            *by_grant((R.NURSE, R.PARAMEDIC), "hospital", "hospital_id"),
        ),
    ),
    TableAccess(
        "resident",
        "community_id",
        (
            registry(),
            registry(R.IDENTITY, CHANGE),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant((R.COMMUNITY_MANAGER,), "community", "community_id", KEEP),
            Rule(R.RESIDENT, READ, f"person_id = {SELF}"),
            Rule(R.DISPATCH, READ, COMMUNITIES_OF_CENTRE),
        ),
    ),
    TableAccess(
        "invitation",
        "scope_id",
        (
            registry(R.IDENTITY, CHANGE),
            registry(R.SUPER_ADMIN, KEEP),
            Rule(R.HOSPITAL_ADMIN, KEEP, MANAGE_HOSPITAL),
            Rule(R.SUPERVISOR, KEEP, MANAGE_CENTRE),
        ),
    ),
    TableAccess("person_merge", None, (registry(R.IDENTITY, READ), registry(R.SUPER_ADMIN, KEEP))),
)

OWN_GRANTS: Final = (
    "CREATE OR REPLACE FUNCTION covered_by_me(wanted_role text, wanted_kind text) RETURNS text[]"
    " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$"
    " SELECT ARRAY(SELECT g.scope_id FROM role_grant g WHERE g.person_id = app_context('app.person')"
    " AND g.role = wanted_role AND g.scope_kind = wanted_kind AND g.lost_at IS NULL) $$",
    "DROP POLICY IF EXISTS role_grant_definer ON role_grant",
    "CREATE POLICY role_grant_definer ON role_grant FOR SELECT TO CURRENT_USER"
    " USING (person_id = app_context('app.person'))",
)
"""What the acting person's grants cover, for policies of `role_grant` itself. It runs as the tables' owner, who is held
to the acting person's own grants by a policy like everybody else."""
