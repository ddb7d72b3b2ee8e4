"""What a person may be. One list: it guards routes, is named in OpenAPI, gates clients, and labels the audit log."""

from enum import StrEnum


class Role(StrEnum):
    """Roles; one person may have several at once."""

    SUPER_ADMIN = "super_admin"
    HOSPITAL_ADMIN = "hospital_admin"
    NURSE = "nurse"
    PARAMEDIC = "paramedic"
    COMMUNITY_MANAGER = "community_manager"
    RESIDENT = "resident"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"


class ScopeKind(StrEnum):
    """What a grant of a role covers."""

    EVERYTHING = "everything"
    CENTRE = "centre"
    HOSPITAL = "hospital"
    COMMUNITY = "community"
