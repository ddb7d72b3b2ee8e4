"""Routes of training and quality review: runs of scenarios, scores, overrules, countersignatures, reviewed calls."""

from typing import Final

from dispatch.contract.roles import Role
from dispatch.contract.training_runs import (
    Countersign,
    NewRun,
    Overrule,
    Review,
    ReviewPage,
    ReviewQuery,
    RunDetail,
    RunPage,
    RunQuery,
)

from .spec import Method, guarded

TRAINER: Final = (Role.TRAINER,)
BOTH: Final = (Role.TRAINER, Role.OPERATOR)
SUPERVISOR: Final = (Role.SUPERVISOR,)

TRAINING: Final = (
    guarded(
        "score_training_run",
        Method.POST,
        "/v1/training/runs",
        "Scores a training call that is over, and keeps the sheet.",
        TRAINER,
        request=NewRun,
        answer=RunDetail,
        status=201,
        keyed=True,
    ),
    guarded(
        "list_training_runs",
        Method.GET,
        "/v1/training/runs",
        "Training calls, newest first: a trainer's whole centre, a trainee's own.",
        BOTH,
        query=RunQuery,
        answer=RunPage,
    ),
    guarded(
        "read_training_run",
        Method.GET,
        "/v1/training/runs/{run_id}",
        "One training call with its sheet, overrules and countersignature.",
        BOTH,
        answer=RunDetail,
    ),
    guarded(
        "print_training_run",
        Method.GET,
        "/v1/training/runs/{run_id}/report",
        "The after-action report as a PDF, with the call's log and the trainee's trend.",
        BOTH,
        status=200,
        audited=True,
        refusals=(409,),
    ),
    guarded(
        "overrule_training_run",
        Method.POST,
        "/v1/training/runs/{run_id}/overrules",
        "A trainer's own judgement with a comment; the sheet stays.",
        TRAINER,
        request=Overrule,
        answer=RunDetail,
        status=201,
        keyed=True,
    ),
    guarded(
        "countersign_training_run",
        Method.POST,
        "/v1/training/runs/{run_id}/countersignature",
        "The trainee has read the report.",
        (Role.OPERATOR,),
        request=Countersign,
        answer=RunDetail,
        status=201,
        keyed=True,
    ),
    guarded(
        "list_reviewed_calls",
        Method.GET,
        "/v1/quality/calls",
        "Closed real calls against their complaint's protocol: what was asked, when, what was missing.",
        SUPERVISOR,
        query=ReviewQuery,
        answer=ReviewPage,
        audited=True,
    ),
    guarded(
        "review_call",
        Method.GET,
        "/v1/quality/calls/{call_id}",
        "The review of one closed call, line by line.",
        SUPERVISOR,
        answer=Review,
        audited=True,
    ),
)
