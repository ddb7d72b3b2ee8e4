"""The schema as SQLAlchemy models, a module a subject. Migrations make the database; a test proves that both agree."""

from .audit import AuditEventRow, AuditSealRow
from .calls import CallRow, IncidentRow, PatientRow, TimelineEntryRow
from .dispatching import DispatchEventRow, PlaceRow, StandingNoteRow, UnitOfferRow, UnitRow, UnitSearchRow
from .jobs import JobRow
from .organisations import (
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    EntryRow,
    HospitalCommunityRow,
    HospitalRow,
    SeatRow,
)
from .people import CredentialRow, PersonRow, ResidentRow, RoleGrantRow, StaffRow
from .requests import IdempotencyKeyRow
from .row import Row
from .sign_in import OneTimeCodeRow, RefreshTokenRow, SignInFamilyRow

__all__ = [
    "AuditEventRow",
    "AuditSealRow",
    "CallRow",
    "CentreCommunityRow",
    "CommunityRow",
    "CredentialRow",
    "DispatchCentreRow",
    "DispatchEventRow",
    "EntryRow",
    "HospitalCommunityRow",
    "HospitalRow",
    "IdempotencyKeyRow",
    "IncidentRow",
    "JobRow",
    "OneTimeCodeRow",
    "PatientRow",
    "PersonRow",
    "PlaceRow",
    "RefreshTokenRow",
    "ResidentRow",
    "RoleGrantRow",
    "Row",
    "SeatRow",
    "SignInFamilyRow",
    "StaffRow",
    "StandingNoteRow",
    "TimelineEntryRow",
    "UnitOfferRow",
    "UnitRow",
    "UnitSearchRow",
]
