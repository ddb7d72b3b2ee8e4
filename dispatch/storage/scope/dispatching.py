"""Which places and units a role reaches."""

from dispatch.storage.context import DatabaseRole
from dispatch.storage.tables import (
    DispatchEventRow,
    PlaceRow,
    Row,
    StandingNoteRow,
    UnitOfferRow,
    UnitRow,
    UnitSearchRow,
)

from .rules import (
    CENTRE_ROLES,
    BoundCentre,
    Everything,
    ScopeOfTable,
    Through,
    Within,
    communities_of_centre,
    each,
    served_communities,
)

R = DatabaseRole


THROUGH_CENTRE = Through("community_id", communities_of_centre)
OF_THE_CENTRE: ScopeOfTable = {
    R.DISPATCH: BoundCentre(writes=True),
    **each(CENTRE_ROLES, Within("centre", "centre_id")),
}

DISPATCHING: dict[type[Row], ScopeOfTable] = {
    PlaceRow: {
        R.SUPER_ADMIN: Everything(),
        **each((R.DISPATCH, *CENTRE_ROLES), THROUGH_CENTRE),
        R.PARAMEDIC: Through("community_id", served_communities),
        R.COMMUNITY_MANAGER: Within("community", "community_id"),
    },
    StandingNoteRow: {R.DISPATCH: THROUGH_CENTRE},
    UnitRow: {**OF_THE_CENTRE, **each((R.HOSPITAL_ADMIN, R.PARAMEDIC), Within("hospital", "hospital_id"))},
    UnitSearchRow: OF_THE_CENTRE,
    UnitOfferRow: {**OF_THE_CENTRE, R.PARAMEDIC: Within("hospital", "hospital_id")},
    DispatchEventRow: OF_THE_CENTRE,
}
