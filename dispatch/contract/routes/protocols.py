"""Routes of protocol approvals: who may sign for a centre, what there is to sign, signing, withdrawing."""

from typing import Final

from dispatch.contract.http import PageQuery
from dispatch.contract.protocols import (
    DirectorQuery,
    MedicalDirector,
    MedicalDirectors,
    NewMedicalDirector,
    ProtocolLine,
    ProtocolPage,
    ProtocolSheet,
    SignProtocol,
    WithdrawApproval,
)
from dispatch.contract.roles import Role

from .spec import Method, guarded

SIGNERS: Final = (
    Role.SUPERVISOR,
    Role.OPERATOR,
    Role.TRAINER,
    Role.HOSPITAL_ADMIN,
    Role.NURSE,
    Role.PARAMEDIC,
)
"""Whoever of these is a medical director of the centre signs; the people of the centre itself may read."""
APPOINT: Final = (Role.SUPER_ADMIN, Role.SUPERVISOR)
CENTRE: Final = "/v1/centres/{centre_id}/protocols"
ONE: Final = f"{CENTRE}/{{protocol_id}}"

PROTOCOLS: Final = (
    guarded(
        "appoint_medical_director",
        Method.POST,
        "/v1/medical-directors",
        "Lets somebody sign protocols for a centre. Nobody appoints themselves.",
        APPOINT,
        request=NewMedicalDirector,
        answer=MedicalDirector,
        status=201,
        keyed=True,
    ),
    guarded(
        "list_medical_directors",
        Method.GET,
        "/v1/medical-directors",
        "Who signs for the centres of the acting role; for everybody else, where they sign themselves.",
        (Role.SUPER_ADMIN, *SIGNERS),
        query=DirectorQuery,
        answer=MedicalDirectors,
    ),
    guarded(
        "dismiss_medical_director",
        Method.DELETE,
        "/v1/medical-directors/{director_id}",
        "They sign no longer; what they signed stays signed.",
        APPOINT,
    ),
    guarded(
        "list_protocols",
        Method.GET,
        CENTRE,
        "The protocols with version and digest, and where each stands in the centre.",
        SIGNERS,
        query=PageQuery,
        answer=ProtocolPage,
    ),
    guarded(
        "read_protocol",
        Method.GET,
        ONE,
        "One protocol in full, as a physician reads it, with the history of its approval.",
        SIGNERS,
        answer=ProtocolSheet,
    ),
    guarded(
        "sign_protocol",
        Method.POST,
        f"{ONE}/signatures",
        "Approves a protocol for the centre, in the version and words that were read.",
        SIGNERS,
        request=SignProtocol,
        answer=ProtocolLine,
        status=201,
        keyed=True,
    ),
    guarded(
        "withdraw_protocol_approval",
        Method.POST,
        f"{ONE}/withdrawals",
        "Takes the centre's approval back; consoles mark the protocol at once.",
        SIGNERS,
        request=WithdrawApproval,
        answer=ProtocolLine,
        status=201,
        keyed=True,
    ),
)
