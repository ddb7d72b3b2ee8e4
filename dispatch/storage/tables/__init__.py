"""The schema as SQLAlchemy models, a module a subject. Migrations make the database; a test proves that both agree."""

from .audit import AuditEventRow, AuditSealRow
from .bookings import AssignmentRow, BookingEventRow, BookingRow, CalendarRow, SlotRow, WaitingRow
from .calls import CallRow, IncidentRow, PatientRow, TimelineEntryRow
from .dispatching import DispatchEventRow, PlaceRow, StandingNoteRow, UnitOfferRow, UnitRow, UnitSearchRow
from .jobs import JobRow
from .money import LedgerPostingRow, PaymentRow, ReportRow
from .organisations import (
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    EntryRow,
    HospitalCommunityRow,
    HospitalRow,
    Organisation,
)
from .people import CredentialRow, InvitationRow, PersonMergeRow, PersonRow, ResidentRow, RoleGrantRow, StaffRow
from .protocols import MedicalDirectorRow, ProtocolApprovalRow
from .providers import (
    DeliveryRow,
    NotificationChoiceRow,
    OutboxItemRow,
    OutboxPlaceRow,
    PharmacyOrderRow,
    PushDeviceRow,
    WebhookEventRow,
)
from .records import ErasureRow, LegalHoldRow, RecordKeyRow, RecordPolicyRow
from .requests import IdempotencyKeyRow
from .row import Row
from .sign_in import OneTimeCodeRow, RefreshTokenRow, SignInFamilyRow
from .training import (
    TrainingCountersignRow,
    TrainingExerciseRow,
    TrainingInjectionRow,
    TrainingOverruleRow,
    TrainingPlayerRow,
    TrainingRunRow,
)

__all__ = [
    "AssignmentRow",
    "AuditEventRow",
    "AuditSealRow",
    "BookingEventRow",
    "BookingRow",
    "CalendarRow",
    "CallRow",
    "CentreCommunityRow",
    "CommunityRow",
    "CredentialRow",
    "DeliveryRow",
    "DispatchCentreRow",
    "DispatchEventRow",
    "EntryRow",
    "ErasureRow",
    "HospitalCommunityRow",
    "HospitalRow",
    "IdempotencyKeyRow",
    "IncidentRow",
    "InvitationRow",
    "JobRow",
    "LedgerPostingRow",
    "LegalHoldRow",
    "MedicalDirectorRow",
    "NotificationChoiceRow",
    "OneTimeCodeRow",
    "Organisation",
    "OutboxItemRow",
    "OutboxPlaceRow",
    "PatientRow",
    "PaymentRow",
    "PersonMergeRow",
    "PersonRow",
    "PharmacyOrderRow",
    "PlaceRow",
    "ProtocolApprovalRow",
    "PushDeviceRow",
    "RecordKeyRow",
    "RecordPolicyRow",
    "RefreshTokenRow",
    "ReportRow",
    "ResidentRow",
    "RoleGrantRow",
    "Row",
    "SignInFamilyRow",
    "SlotRow",
    "StaffRow",
    "StandingNoteRow",
    "TimelineEntryRow",
    "TrainingCountersignRow",
    "TrainingExerciseRow",
    "TrainingInjectionRow",
    "TrainingOverruleRow",
    "TrainingPlayerRow",
    "TrainingRunRow",
    "UnitOfferRow",
    "UnitRow",
    "UnitSearchRow",
    "WaitingRow",
    "WebhookEventRow",
]
