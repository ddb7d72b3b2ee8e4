"""Routes of what runs behind the scenes."""

from typing import Final

from dispatch.contract.jobs import JobPage, JobQuery, JobView
from dispatch.contract.roles import Role

from .spec import Method, guarded

JOBS: Final = (
    guarded(
        "list_jobs",
        Method.GET,
        "/v1/jobs",
        "Jobs in one state, the latest first; by default those that were given up.",
        (Role.SUPER_ADMIN,),
        query=JobQuery,
        answer=JobPage,
        audited=True,
    ),
    guarded(
        "requeue_job",
        Method.POST,
        "/v1/jobs/{job_id}/requeue",
        "Tries a job that was given up again, from its first attempt on.",
        (Role.SUPER_ADMIN,),
        answer=JobView,
    ),
)
