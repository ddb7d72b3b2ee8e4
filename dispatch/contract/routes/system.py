"""Routes of the server itself: health, figures, recorded samples."""

from typing import Final

from dispatch.contract.http import HealthReport, SampleList

from .spec import Method, RouteSpec

SYSTEM: Final = (
    RouteSpec(
        "list_samples", Method.GET, "/v1/samples", "Recorded example calls that a browser can play.", answer=SampleList
    ),
    RouteSpec("health_live", Method.GET, "/health/live", "The process runs.", answer=HealthReport),
    RouteSpec(
        "health_ready",
        Method.GET,
        "/health/ready",
        "The server can take and journal a call.",
        answer=HealthReport,
        also=(503,),
    ),
    RouteSpec("metrics", Method.GET, "/metrics", "Figures for Prometheus.", text=True),
)
