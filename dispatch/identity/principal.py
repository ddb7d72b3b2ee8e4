"""Who acts: the person behind a request, a connection or a job, with what their roles cover.

In: a verified token. Out: a `Principal`, and the database context for one of its roles. Invariants: immutable; a role
that the person does not have gives no context.
"""

from dataclasses import dataclass, field
from datetime import datetime

from dispatch.contract.base import CentreId, PersonId
from dispatch.contract.http import HeldRole, Me
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage import Context, DatabaseRole

from .errors import NotAllowed


@dataclass(frozen=True)
class Grant:
    """A role within what it covers; `scope_id` is empty for everything."""

    role: Role
    kind: ScopeKind
    scope_id: str = ""


@dataclass(frozen=True)
class Principal:
    """A signed-in person, as their access token says."""

    person_id: PersonId
    display_name: str = field(repr=False)
    grants: tuple[Grant, ...]
    """In the order in which they were given."""
    session_id: str
    """The sign-in that the token belongs to."""
    expires_at: datetime

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def centre_id(self) -> CentreId | None:
        """The dispatch centre that they work for, if any: the first one."""
        centres = (grant.scope_id for grant in self.grants if grant.kind is ScopeKind.CENTRE)
        return next(map(CentreId, centres), None)

    def context(self, role: Role) -> Context:
        """The database context for acting in `role`. Raises NotAllowed when the person does not have it."""
        self.require(role)
        covered = frozenset((grant.kind.value, grant.scope_id) for grant in self.grants if grant.role is role)
        return Context(database_role(role), self.person_id, self.centre_id, covered)

    def require(self, *roles: Role) -> None:
        """Raises NotAllowed unless the person has one of `roles`."""
        if not self.roles.intersection(roles):
            raise NotAllowed(f"This needs one of the roles: {', '.join(roles)}.")

    def me(self) -> Me:
        """The same for the person's own client."""
        return Me(
            person_id=self.person_id,
            display_name=self.display_name,
            roles=tuple(sorted(self.roles)),
            centre_id=self.centre_id,
            grants=tuple(
                HeldRole(role=grant.role, scope_kind=grant.kind, scope_id=grant.scope_id) for grant in self.grants
            ),
        )


def database_role(role: Role) -> DatabaseRole:
    """The database role whose row-level policies hold for a role."""
    return DatabaseRole(f"kiwimesh_{role}")
