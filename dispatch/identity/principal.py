"""Who acts: the person behind a request, a connection or a job, with their roles.

In: a verified token. Out: a `Principal`, and the database context for one of its roles. Invariants: immutable; a role
that the person does not have gives no context.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dispatch.contract.base import CentreId, PersonId
from dispatch.contract.http import Me
from dispatch.storage import Context, DatabaseRole

from .errors import NotAllowed


class Role(StrEnum):
    """What a person may be; several at once."""

    SUPER_ADMIN = "super_admin"
    HOSPITAL_ADMIN = "hospital_admin"
    NURSE = "nurse"
    PARAMEDIC = "paramedic"
    COMMUNITY_MANAGER = "community_manager"
    RESIDENT = "resident"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"

    @property
    def database_role(self) -> DatabaseRole:
        """The database role whose row-level policies hold for it."""
        return DatabaseRole(f"kiwimesh_{self}")


@dataclass(frozen=True)
class Principal:
    """A signed-in person, as their access token says."""

    person_id: PersonId
    display_name: str = field(repr=False)
    roles: frozenset[Role]
    centre_id: CentreId | None
    """The dispatch centre that they work for, if any."""
    session_id: str
    """The sign-in that the token belongs to."""
    expires_at: datetime

    def context(self, role: Role) -> Context:
        """The database context for acting in `role`. Raises NotAllowed when the person does not have it."""
        self.require(role)
        return Context(role.database_role, self.person_id, self.centre_id)

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
        )
