"""For whom a transaction runs: the database role, the person, the centre.

In: who acts. Out: the settings that a transaction starts with. Invariants: every role of the application is one role of
the database, so that its row-level policies are its own; a transaction without a context does not begin.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.contract.base import CentreId, PersonId

from .errors import NoContext


class DatabaseRole(StrEnum):
    """Database roles: one for each role of a person, and some for the server's own work."""

    SUPER_ADMIN = "kiwimesh_super_admin"
    HOSPITAL_ADMIN = "kiwimesh_hospital_admin"
    NURSE = "kiwimesh_nurse"
    PARAMEDIC = "kiwimesh_paramedic"
    COMMUNITY_MANAGER = "kiwimesh_community_manager"
    RESIDENT = "kiwimesh_resident"
    OPERATOR = "kiwimesh_operator"
    SUPERVISOR = "kiwimesh_supervisor"
    TRAINER = "kiwimesh_trainer"
    LEDGER = "kiwimesh_ledger"
    """Writes the timelines of all centres; reads nothing else."""
    CENTRE = "kiwimesh_centre"
    """Reads the calls of the one centre that the context names."""
    DISPATCH = "kiwimesh_dispatch"
    """Sends units of the one centre that the context names, and keeps its incidents."""
    IDENTITY = "kiwimesh_identity"
    """Checks passwords, keeps sessions."""
    AUDITOR = "kiwimesh_auditor"
    """Reads the audit log and seals it."""
    ARCHIVIST = "kiwimesh_archivist"
    """Ends the life of records: retention, erasure."""
    REGISTRY = "kiwimesh_registry"
    """Knows organisations and people: onboarding, seeding, the directory of centres."""
    WORKER = "kiwimesh_worker"
    """Carries jobs out: notifications, payments, reports."""


BOUND_ROLES: Final = frozenset({DatabaseRole.CENTRE, DatabaseRole.DISPATCH})
"""The server's own work for one centre: they need its id."""
SERVER_ROLES: Final = frozenset(
    {
        DatabaseRole.LEDGER,
        DatabaseRole.CENTRE,
        DatabaseRole.DISPATCH,
        DatabaseRole.IDENTITY,
        DatabaseRole.AUDITOR,
        DatabaseRole.ARCHIVIST,
        DatabaseRole.REGISTRY,
        DatabaseRole.WORKER,
    }
)
PERSON_SETTING: Final = "app.person"
CENTRE_SETTING: Final = "app.centre"


@dataclass(frozen=True)
class Context:
    """Who acts. A person's role needs the person, and a bound role the centre: NoContext otherwise."""

    role: DatabaseRole
    person_id: PersonId | None = None
    centre_id: CentreId | None = None
    covers: frozenset[tuple[str, str]] = frozenset()
    """What the person's grants of this role cover, as (kind, id): the application's own layer (see `scope`)."""

    def __post_init__(self) -> None:
        if self.role not in SERVER_ROLES and not self.person_id:
            raise NoContext(f"{self.role} acts for a person, and none was named")
        if self.role in BOUND_ROLES and not self.centre_id:
            raise NoContext(f"{self.role} acts for a centre, and none was named")

    def covered(self, kind: str) -> frozenset[str]:
        """The centres, hospitals or communities that the role covers."""
        return frozenset(scope_id for scope_kind, scope_id in self.covers if scope_kind == kind)

    @property
    def settings(self) -> dict[str, str]:
        """PostgreSQL settings for the length of one transaction."""
        return {"role": self.role, PERSON_SETTING: self.person_id or "", CENTRE_SETTING: self.centre_id or ""}


LEDGER: Final = Context(DatabaseRole.LEDGER)
IDENTITY: Final = Context(DatabaseRole.IDENTITY)
AUDITOR: Final = Context(DatabaseRole.AUDITOR)
ARCHIVIST: Final = Context(DatabaseRole.ARCHIVIST)
REGISTRY: Final = Context(DatabaseRole.REGISTRY)
WORKER: Final = Context(DatabaseRole.WORKER)


def of_centre(centre_id: CentreId) -> Context:
    """The server's own work for one centre."""
    return Context(DatabaseRole.CENTRE, centre_id=centre_id)


def sending(centre_id: CentreId) -> Context:
    """The sending of units for one centre."""
    return Context(DatabaseRole.DISPATCH, centre_id=centre_id)
