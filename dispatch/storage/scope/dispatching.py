"""Which places and units a role reaches."""

from sqlalchemy import Select, select

from dispatch.storage.context import Context, DatabaseRole
from dispatch.storage.tables import (
    CentreCommunityRow,
    DispatchEventRow,
    PlaceRow,
    Row,
    StandingNoteRow,
    UnitOfferRow,
    UnitRow,
    UnitSearchRow,
)

from .rules import CENTRE_ROLES, BoundCentre, Everything, ScopeOfTable, Through, Within, each, served_communities

R = DatabaseRole


def communities_of_centre(context: Context) -> Select[str]:
    """The communities that the context's centres serve."""
    bound = {context.centre_id} if context.role is R.DISPATCH else context.covered("centre")
    link = CentreCommunityRow
    return select(link.community_id).where(link.centre_id.in_(sorted(centre for centre in bound if centre)))


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
