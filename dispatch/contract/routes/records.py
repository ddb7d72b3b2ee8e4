"""Routes of records: who did what to them, how long they are kept, and their end."""

from typing import Final

from dispatch.contract.audit_log import AuditPage, AuditQuery
from dispatch.contract.records import (
    EraseCall,
    Erasure,
    Export,
    ExportQuery,
    Hold,
    HoldPage,
    HoldQuery,
    NewHold,
    RecordPolicy,
    RecordPolicyBody,
    SoundQuery,
)
from dispatch.contract.roles import Role

from .spec import Method, guarded

SUPERVISOR: Final = (Role.SUPERVISOR,)

RECORDS: Final = (
    guarded(
        "list_audit",
        Method.GET,
        "/v1/audit",
        "Who did what to which record, newest first.",
        (Role.SUPER_ADMIN, Role.SUPERVISOR, Role.HOSPITAL_ADMIN, Role.COMMUNITY_MANAGER),
        query=AuditQuery,
        answer=AuditPage,
        audited=True,
    ),
    guarded(
        "read_record_policy",
        Method.GET,
        "/v1/records/policy",
        "How long the centre keeps its records, and what callers are told.",
        SUPERVISOR,
        answer=RecordPolicy,
    ),
    guarded(
        "set_record_policy",
        Method.PUT,
        "/v1/records/policy",
        "Changes how long records are kept, and what callers are told.",
        SUPERVISOR,
        request=RecordPolicyBody,
        answer=RecordPolicy,
        versioned=True,
    ),
    guarded(
        "list_holds",
        Method.GET,
        "/v1/records/holds",
        "Calls that must not be erased.",
        SUPERVISOR,
        query=HoldQuery,
        answer=HoldPage,
    ),
    guarded(
        "place_hold",
        Method.POST,
        "/v1/records/holds",
        "Keeps a call from being erased.",
        SUPERVISOR,
        request=NewHold,
        answer=Hold,
        status=201,
        keyed=True,
    ),
    guarded(
        "release_hold",
        Method.DELETE,
        "/v1/records/holds/{hold_id}",
        "Lets a call be erased again when its time comes.",
        SUPERVISOR,
        versioned=True,
    ),
    guarded(
        "erase_call",
        Method.POST,
        "/v1/records/calls/{call_id}/erasure",
        "Erases what is kept of a closed call: sound, words, card.",
        SUPERVISOR,
        request=EraseCall,
        answer=Erasure,
        status=202,
        keyed=True,
    ),
    guarded(
        "read_erasure",
        Method.GET,
        "/v1/records/calls/{call_id}/erasure",
        "Whether a call's records are gone.",
        SUPERVISOR,
        answer=Erasure,
    ),
    guarded(
        "export_records",
        Method.GET,
        "/v1/records/export",
        "Everything that the centre keeps of a number's calls, for the person who asks for it.",
        SUPERVISOR,
        query=ExportQuery,
        answer=Export,
        audited=True,
    ),
    guarded(
        "hear_call",
        Method.GET,
        "/v1/calls/{call_id}/sound",
        "A stretch of a call's sound as a WAV file, while it runs or after it; at most 60 s.",
        (Role.OPERATOR, Role.SUPERVISOR, Role.TRAINER),
        query=SoundQuery,
        status=200,
        audited=True,
    ),
)
