"""Routes about units, incidents and places."""

from typing import Final

from dispatch.contract.crew import (
    CrewNews,
    IncidentList,
    IncidentQuery,
    Mission,
    OfferAnswer,
    OfferList,
    PlaceList,
    PlaceQuery,
    UnitDuty,
    UnitList,
    UnitPosition,
    UnitQuery,
    UnitReport,
)
from dispatch.contract.dispatching import IncidentView, UnitView
from dispatch.contract.http import PageQuery
from dispatch.contract.roles import Role

from .spec import Method, guarded

DESK: Final = (Role.OPERATOR, Role.SUPERVISOR)
CREW: Final = (Role.PARAMEDIC, *DESK)

DISPATCHING: Final = (
    guarded(
        "list_units", Method.GET, "/v1/units", "Units of your centre or hospital.", (*CREW, Role.HOSPITAL_ADMIN),
        query=UnitQuery, answer=UnitList,
    ),
    guarded(
        "get_mission", Method.GET, "/v1/units/{unit_id}/mission", "Where a unit is to go, and how to get in.", CREW,
        answer=Mission, audited=True,
    ),
    guarded(
        "follow_unit", Method.GET, "/v1/units/{unit_id}/news", "What a crew's page asks for every few seconds.", CREW,
        answer=CrewNews,
    ),
    guarded(
        "report_unit", Method.POST, "/v1/units/{unit_id}/state", "The crew says where it stands.", CREW,
        request=UnitReport, answer=UnitView, keyed=True,
    ),
    guarded(
        "set_unit_duty", Method.POST, "/v1/units/{unit_id}/duty", "The crew goes on duty, or off.", CREW,
        request=UnitDuty, answer=UnitView, keyed=True,
    ),
    guarded(
        "place_unit", Method.PUT, "/v1/units/{unit_id}/position", "Where the unit is.", CREW,
        request=UnitPosition, answer=UnitView, telemetry=True,
    ),
    guarded(
        "list_offers", Method.GET, "/v1/units/{unit_id}/offers", "Incidents offered to a unit.", CREW,
        query=PageQuery, answer=OfferList,
    ),
    guarded(
        "answer_offer", Method.POST, "/v1/units/{unit_id}/offers/{offer_id}", "The crew takes an offer, or not.", CREW,
        request=OfferAnswer, answer=UnitView, keyed=True,
    ),
    guarded(
        "list_incidents", Method.GET, "/v1/incidents", "Incidents of your centre, the newest first.", DESK,
        query=IncidentQuery, answer=IncidentList,
    ),
    guarded(
        "get_incident", Method.GET, "/v1/incidents/{incident_id}", "One incident.", (*DESK, Role.PARAMEDIC),
        answer=IncidentView, audited=True,
    ),
    guarded(
        "find_places", Method.GET, "/v1/places", "Places that a caller's words may mean.", DESK,
        query=PlaceQuery, answer=PlaceList,
    ),
)  # fmt: skip
