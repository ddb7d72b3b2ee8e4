"""Which role is held where, and who may give it. Pure.

Invariants: every role has one kind of place; nobody gives a role that they could not hold to account: a hospital's
administrator gives the hospital's roles there, a supervisor the centre's, and only a super admin gives the roles that
give roles across places. Residents get their role by being registered, never by a grant or an invitation.
"""

from collections.abc import Mapping
from typing import Final

from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind

HELD_AT: Final[Mapping[Role, ScopeKind]] = {
    Role.SUPER_ADMIN: ScopeKind.EVERYTHING,
    Role.HOSPITAL_ADMIN: ScopeKind.HOSPITAL,
    Role.NURSE: ScopeKind.HOSPITAL,
    Role.PARAMEDIC: ScopeKind.HOSPITAL,
    Role.COMMUNITY_MANAGER: ScopeKind.COMMUNITY,
    Role.RESIDENT: ScopeKind.COMMUNITY,
    Role.OPERATOR: ScopeKind.CENTRE,
    Role.SUPERVISOR: ScopeKind.CENTRE,
    Role.TRAINER: ScopeKind.CENTRE,
}
GIVES: Final[Mapping[Role, frozenset[Role]]] = {
    Role.SUPER_ADMIN: frozenset(Role) - {Role.RESIDENT},
    Role.HOSPITAL_ADMIN: frozenset({Role.HOSPITAL_ADMIN, Role.NURSE, Role.PARAMEDIC}),
    Role.SUPERVISOR: frozenset({Role.OPERATOR, Role.TRAINER}),
}


def place_of(role: Role, scope_id: str | None) -> tuple[ScopeKind, str]:
    """Kind and id of the place that a role is for. Raises Refused where the place is missing, or there is none."""
    kind = HELD_AT[role]
    if (kind is ScopeKind.EVERYTHING) != (scope_id is None):
        wanted = "no place" if kind is ScopeKind.EVERYTHING else f"the id of a {kind}"
        raise Refused(ProblemCode.INVALID_MESSAGE, f"The role {role} takes {wanted} as scope_id.")
    return kind, scope_id or ""


def may_give(giver: Role, role: Role) -> None:
    """Raises Refused for a role that `giver` may not give or take."""
    if role not in GIVES.get(giver, frozenset()):
        raise Refused(ProblemCode.NOT_ALLOWED, f"As {giver} you do not give or take the role {role}.")
