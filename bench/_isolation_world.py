"""Tenants for the isolation bench: a community, a hospital and a centre each, with everything that a tenant can have.

Every id of a world begins with its mark, so that any foreign record in an answer is seen in its text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic.fields import FieldInfo

from dispatch.contract.base import Message, PersonId
from dispatch.contract.booking import BookingRequest
from dispatch.contract.console import CallState
from dispatch.contract.people import NewGrant, NewInvitation
from dispatch.contract.protocols import NewMedicalDirector, SignProtocol
from dispatch.contract.training_exercises import PlayerHello
from dispatch.identity import Grant, Principal, Role, ScopeKind
from dispatch.storage import TenantKeys
from dispatch.storage.tables import (
    AuditEventRow,
    BookingEventRow,
    BookingRow,
    CalendarRow,
    CallRow,
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    EntryRow,
    ErasureRow,
    HospitalCommunityRow,
    HospitalRow,
    IncidentRow,
    InvitationRow,
    LegalHoldRow,
    MedicalDirectorRow,
    PersonRow,
    PlaceRow,
    ProtocolApprovalRow,
    RecordKeyRow,
    ResidentRow,
    RoleGrantRow,
    Row,
    SignInFamilyRow,
    StaffRow,
    TrainingExerciseRow,
    TrainingPlayerRow,
    UnitOfferRow,
    UnitRow,
    UnitSearchRow,
    WaitingRow,
)
from dispatch.triage import readable

NOW = datetime.now(UTC)
PROTOCOL = "stroke"
"""A protocol is no tenant's: only its approvals are."""
SCOPES = {
    Role.HOSPITAL_ADMIN: (ScopeKind.HOSPITAL, "hospital"),
    Role.NURSE: (ScopeKind.HOSPITAL, "hospital"),
    Role.PARAMEDIC: (ScopeKind.HOSPITAL, "hospital"),
    Role.COMMUNITY_MANAGER: (ScopeKind.COMMUNITY, "community"),
    Role.RESIDENT: (ScopeKind.COMMUNITY, "community"),
    Role.OPERATOR: (ScopeKind.CENTRE, "centre"),
    Role.SUPERVISOR: (ScopeKind.CENTRE, "centre"),
    Role.TRAINER: (ScopeKind.CENTRE, "centre"),
}
"""Every role but the super admin's, whose tenants are all of them."""
SERVICES = {"booking": "first_aid", "visit": "home_nursing"}
"""Bookings by name: what a centre or a community sends, and what a hospital does."""
SIGNERS = tuple(role for role in SCOPES if role not in (Role.COMMUNITY_MANAGER, Role.RESIDENT))
VISITORS = (Role.HOSPITAL_ADMIN, Role.NURSE)
USED_UP = ("hold_id", "invitation_id", "grant_id", "session_id")
"""Records that a request ends: a control takes a fresh one each time."""


@dataclass
class World:
    """One tenant."""

    mark: str
    used: int = 0

    def id(self, name: str) -> str:
        """The record that a parameter or field of this name means in this world."""
        kind = name.removesuffix("_id").removeprefix("other_")
        if name == "protocol_id":
            return PROTOCOL
        if name in USED_UP:
            return f"{self.mark}-{kind}-{self.used}"
        if name == "trainee_id":
            return f"{self.mark}-operator"
        if name in ("person_id", "owner_person_id"):
            return f"{self.mark}-nurse"
        if name in ("scope_id", "responder_id", "subject_id"):
            return f"{self.mark}-{ {'scope': 'hospital', 'responder': 'staff', 'subject': 'booking'}[kind] }"
        return f"{self.mark}-{kind}"

    def principal(self, role: Role) -> Principal:
        """Somebody with one role in this world."""
        kind, scope = SCOPES[role]
        grant = Grant(role, kind, f"{self.mark}-{scope}")
        return Principal(PersonId(f"{self.mark}-{role}"), "Somebody", (grant,), f"{self.mark}-now-{role}", NOW)

    def rows(self, copies: int, keys: TenantKeys) -> Iterator[list[Row]]:
        """Everything in it, in batches that the references allow."""
        yield self._organisations(copies)
        yield [*self._belonging(), *self._granted(copies)]
        yield [*self._work(), *self._signed(), *self._trained()]
        yield self._traces(copies, keys)

    @property
    def _scope(self) -> dict[str, str]:
        names = ("community_id", "hospital_id", "centre_id")
        return {name: self.id(name) for name in names} | {"person_id": f"{self.mark}-resident"}

    def _organisations(self, copies: int) -> list[Row]:
        """The organisations, and the people."""
        m = self.mark
        community, hospital, centre = self.id("community_id"), self.id("hospital_id"), self.id("centre_id")
        return [
            CommunityRow(community_id=community, name=community),
            HospitalRow(hospital_id=hospital, name=hospital),
            DispatchCentreRow(centre_id=centre, name=centre, public_number="111"),
            *(PersonRow(person_id=f"{m}-{role}", display_name=f"{m}-{role}") for role in SCOPES),
            *(PersonRow(person_id=f"{m}-extra-{n}", display_name=f"{m}-extra-{n}") for n in range(copies)),
        ]  # fmt: skip

    def _belonging(self) -> list[Row]:
        """How they belong together, and what they have."""
        m = self.mark
        community, hospital, centre = self.id("community_id"), self.id("hospital_id"), self.id("centre_id")
        return [
            HospitalCommunityRow(hospital_id=hospital, community_id=community),
            CentreCommunityRow(centre_id=centre, community_id=community),
            EntryRow(entry_id=f"{m}-entry", centre_id=centre),
            StaffRow(staff_id=f"{m}-staff", person_id=f"{m}-extra-0", hospital_id=hospital),
            ResidentRow(
                resident_id=f"{m}-resident", person_id=f"{m}-resident", community_id=community, name=f"{m}-resident"
            ),
            IncidentRow(incident_id=f"{m}-incident", centre_id=centre, opened_at=NOW, exercise=False),
            IncidentRow(incident_id=f"{m}-into", centre_id=centre, opened_at=NOW, exercise=False),
            PlaceRow(
                place_id=f"{m}-place", community_id=community, kind="block", name="Block C", label=f"{m}-place Block C"
            ),
            CalendarRow(
                calendar_id=f"{m}-calendar", hospital_id=hospital, label=f"{m}-calendar",
                service_types=["home_nursing"], zone="UTC", hours={"weekly": {}, "dates": {}},
            ),
            AuditEventRow(
                at=NOW, role="operator", action="tested", subject_kind="call", subject_id=f"{m}-call",
                tenant_kind="centre", tenant_id=centre,
            ),
        ]  # fmt: skip

    def _granted(self, copies: int) -> list[Row]:
        """Roles, invitations, sessions."""
        m = self.mark
        return [
            *(self._grant(f"{m}-by-{role}", f"{m}-{role}", role) for role in SCOPES),
            *(self._grant(f"{m}-grant-{n}", f"{m}-extra-{n}", Role.NURSE) for n in range(copies)),
            *(self._grant(f"{m}-seat-grant-{n}", f"{m}-extra-{n}", Role.OPERATOR) for n in range(copies)),
            *(self._family(n, role) for n in range(copies) for role in SCOPES),
            *(self._invitation("invitation", Role.NURSE, n) for n in range(copies)),
            *(self._invitation("seat-invitation", Role.OPERATOR, n) for n in range(copies)),
        ]  # fmt: skip

    def _work(self) -> list[Row]:
        """A call, bookings, a unit and a search."""
        m = self.mark
        hospital, centre = self.id("hospital_id"), self.id("centre_id")
        booking = {"status": "requested", "version": 1, "policy_version": 1}
        return [
            CallRow(
                call_id=f"{m}-call", incident_id=f"{m}-incident", centre_id=centre, entry="web", exercise=False,
                anonymous=False, phone=f"{m}-phone", started_at=NOW, last_seq=0, state=CallState.CLOSED, held=False,
                transcript="live", card={}, closed_at=NOW,
            ),
            *(
                BookingRow(
                    booking_id=f"{m}-{name}", service_type=service, responders=0, resident_id=f"{m}-resident",
                    requested_at=NOW, **booking, **self._scope,
                )
                for name, service in SERVICES.items()
            ),
            UnitRow(
                unit_id=f"{m}-unit", centre_id=centre, hospital_id=hospital, call_sign=f"{m}-unit", on_duty=True,
                incident_id=f"{m}-incident", state="assigned", crew=[f"{m}-paramedic"],
            ),
            UnitSearchRow(
                search_id=f"{m}-search", centre_id=centre, incident_id=f"{m}-incident", service_type="ambulance",
                capabilities=[], wanted=1, due_at=NOW + timedelta(days=1),
            ),
        ]  # fmt: skip

    def _signed(self) -> list[Row]:
        """Everybody signs protocols for the centre, and one has been signed."""
        m, centre = self.mark, self.id("centre_id")
        by = {"centre_id": centre, "appointed_by": f"{m}-hospital_admin"}
        signature = {"number": 1, "deed": "signed", "version": "1", "digest": "0" * 64, "second_factor": False}
        return [
            *(MedicalDirectorRow(director_id=f"{m}-by-{role}", person_id=f"{m}-{role}", **by) for role in SIGNERS),
            MedicalDirectorRow(director_id=f"{m}-director", person_id=f"{m}-resident", **by),
            ProtocolApprovalRow(
                approval_id=f"{m}-approval", centre_id=centre, protocol_id=PROTOCOL, person_id=f"{m}-nurse",
                name=f"{m}-nurse", **signature,
            ),
        ]  # fmt: skip

    def _trained(self) -> list[Row]:
        """An exercise, and the player that plays it."""
        m, centre = self.mark, self.id("centre_id")
        people = {"trainee_id": f"{m}-operator", "trainer_id": f"{m}-trainer"}
        return [
            TrainingPlayerRow(player_id=f"{m}-player", centre_id=centre, offers={"scenarios": [offer_of(self)]}),
            TrainingExerciseRow(
                exercise_id=f"{m}-exercise", centre_id=centre, scenario_id="chest-pain", title=f"{m}-exercise",
                state="playing", player_id=f"{m}-player", **people,
            ),
        ]  # fmt: skip

    def _traces(self, copies: int, keys: TenantKeys) -> list[Row]:
        """What hangs on them."""
        m = self.mark
        hospital, centre = self.id("hospital_id"), self.id("centre_id")
        return [
            RecordKeyRow(call_id=f"{m}-call", centre_id=centre, wrapped=keys.new(centre)[1]),
            ErasureRow(call_id=f"{m}-call", centre_id=centre, reason="asked", done_at=NOW),
            *(
                BookingEventRow(
                    booking_id=f"{m}-{name}", version=1, at=NOW, kind="requested", status="requested", entered=True,
                    actor_role="resident", **self._scope,
                )
                for name in SERVICES
            ),
            WaitingRow(
                booking_id=f"{m}-visit", calendar_id=f"{m}-calendar", earliest=NOW, latest=NOW + timedelta(days=1),
                **self._scope,
            ),
            UnitOfferRow(
                offer_id=f"{m}-offer", search_id=f"{m}-search", centre_id=centre, hospital_id=hospital,
                incident_id=f"{m}-incident", unit_id=f"{m}-unit", offered_at=NOW, expires_at=NOW + timedelta(days=1),
            ),
            *(
                LegalHoldRow(
                    hold_id=f"{m}-hold-{n}", call_id=f"{m}-call", centre_id=centre, reason="asked", version=1,
                    placed_by=f"{m}-supervisor",
                )
                for n in range(copies)
            ),
        ]  # fmt: skip

    def _grant(self, grant_id: str, person_id: str, role: Role) -> RoleGrantRow:
        kind, scope = SCOPES[role]
        return RoleGrantRow(
            grant_id=grant_id, person_id=person_id, role=role, scope_kind=kind, scope_id=f"{self.mark}-{scope}"
        )

    def _family(self, number: int, role: Role) -> SignInFamilyRow:
        return SignInFamilyRow(family_id=f"{self.mark}-session-{number}-{role}", person_id=f"{self.mark}-{role}")

    def _invitation(self, name: str, role: Role, number: int) -> InvitationRow:
        kind, scope = SCOPES[role]
        return InvitationRow(
            invitation_id=f"{self.mark}-{name}-{number}", email=f"{number}@{self.mark}.example", role=role,
            display_name="Somebody", scope_kind=kind, scope_id=f"{self.mark}-{scope}",
            invited_by=f"{self.mark}-hospital_admin", expires_at=NOW + timedelta(days=1),
        )  # fmt: skip


FIXED: dict[str, Any] = {
    "service_type": "home_nursing",
    "service_types": ["consultation"],
    "capabilities": ["ambulance"],
    "zone": "UTC",
    "phone": "+64 21 555 0100",
    "public_number": "111",
    "email": "somebody@example.org",
    "weekly": [],
    "reason": "asked",
    "retention_days": 30,
    "code": "000000",
    "role": "nurse",
    "scope": None,
    "starts_at": (NOW + timedelta(days=1)).isoformat(),
    "earliest": (NOW + timedelta(days=1)).isoformat(),
    "latest": (NOW + timedelta(days=2)).isoformat(),
    "language": "en",
    "script_id": "bleeding",
    "at": NOW.isoformat(),
}
"""Values of fields that are no ids."""

NO_RECORDS = frozenset({"command_id", "request_id", "calendar_id", "line_id"})
"""Ids that may be left out, of what is no tenant's or is named elsewhere."""


def offer_of(world: World) -> dict[str, Any]:
    """A script that a world's player has."""
    about = {"title": "Chest pain", "type": "chest_pain", "category": 2, "language": "en", "brief": "A man of 60."}
    return {"scenario_id": f"{world.mark}-scenario", "emotion": 1, "erratic": 1, "longest_s": 60, **about}


def service_of(role: Role) -> str:
    """The name of the booking that a role has to do with."""
    return "visit" if role in VISITORS else "booking"


def body_of(model: type[Message], world: World, role: Role = Role.OPERATOR) -> dict[str, Any]:
    """A body of a model, whose ids are the world's: what it wants, and every id that it may carry."""
    if model is BookingRequest:
        window = {"calendar_id": world.id("calendar_id"), "earliest": FIXED["earliest"], "latest": FIXED["latest"]}
        wait = {"wait": window} if role in VISITORS else {}
        return {"service_type": SERVICES[service_of(role)], "resident_id": world.id("resident_id"), **wait}
    if model is SignProtocol:
        now = readable()[PROTOCOL]
        return {"version": now.text.version, "digest": now.digest}
    if model is PlayerHello:
        return {"player_id": world.id("player_id"), "scenarios": [offer_of(world)]}
    if model in (NewGrant, NewInvitation) and role is Role.SUPERVISOR:
        own = {"role": "operator", "scope_id": f"{world.mark}-centre"}
        given = {name: value_of(name, field, world) for name, field in model.model_fields.items()}
        return {**given, **own, **({"person_id": f"{world.mark}-extra-0"} if model is NewGrant else {})}
    wanted = {
        name: field
        for name, field in model.model_fields.items()
        if field.is_required() or (name.endswith("_id") and name not in NO_RECORDS)
    }
    member = {"person_id": f"{world.mark}-extra-0"} if model in (NewGrant, NewMedicalDirector) else {}
    return {name: value_of(name, field, world) for name, field in wanted.items()} | member


def value_of(name: str, field: FieldInfo, world: World) -> Any:
    """A value that a field takes."""
    if name in FIXED:
        return FIXED[name]
    if name == "responders":
        return [{"kind": "staff", "responder_id": world.id("responder_id")}]
    if name == "responder_ids":
        return [world.id("responder_id")]
    if name.endswith("_id") or name == "into":
        return world.id(name)
    kinds = getattr(field.annotation, "__args__", (field.annotation,))
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return next(iter(kind)).value
        if kind in (bool, int, float):
            return kind(1)
        if isinstance(kind, str):
            return str(kind)
    return "words"
