"""Routes about which units there are: a centre's supervisor keeps them, a hospital names their crews.

A unit stands on the board of a centre, so the centre says what it is. Its crew are people of a hospital, whom nobody at
the centre knows, so the hospital says who they are.
"""

from typing import Final

from dispatch.contract.fleet import NewUnit, UnitDetails, UnitRecord
from dispatch.contract.roles import Role

from .spec import Method, guarded

KEEPER: Final = (Role.SUPERVISOR,)
EMPLOYER: Final = (Role.HOSPITAL_ADMIN,)
ONE: Final = "/v1/units/{unit_id}"
MEMBER: Final = f"{ONE}/crew/{{person_id}}"

FLEET: Final = (
    guarded(
        "create_unit", Method.POST, "/v1/centres/{centre_id}/units", "A centre has a new unit.", KEEPER,
        request=NewUnit, answer=UnitRecord, status=201, keyed=True,
    ),
    guarded(
        "read_unit", Method.GET, ONE, "One unit, with its hospital and its crew.", (*KEEPER, *EMPLOYER),
        answer=UnitRecord,
    ),
    guarded(
        "change_unit", Method.PUT, ONE, "Call sign, capabilities and hospital; another hospital begins with no crew.",
        KEEPER, request=UnitDetails, answer=UnitRecord, versioned=True,
    ),
    guarded(
        "withdraw_unit", Method.POST, f"{ONE}/withdraw", "Takes a unit out of service; not in the middle of a mission.",
        KEEPER, answer=UnitRecord, versioned=True,
    ),
    guarded(
        "reinstate_unit", Method.POST, f"{ONE}/reinstate", "Brings it back, off duty.", KEEPER, answer=UnitRecord,
        versioned=True,
    ),
    guarded("join_crew", Method.PUT, MEMBER, "A paramedic of the unit's hospital is of its crew.", EMPLOYER,
            answer=UnitRecord),
    guarded("leave_crew", Method.DELETE, MEMBER, "They are of its crew no longer.", EMPLOYER, answer=UnitRecord),
)  # fmt: skip
