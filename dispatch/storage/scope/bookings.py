"""Which bookings, calendars and slots a role reaches."""

from dispatch.storage.context import DatabaseRole
from dispatch.storage.tables import (
    AssignmentRow,
    BookingEventRow,
    BookingRow,
    CalendarRow,
    Row,
    SlotRow,
    WaitingRow,
)

from .rules import (
    CENTRE_ROLES,
    COMMUNITY_ROLES,
    HOSPITAL_ROLES,
    BoundCentre,
    Everything,
    Own,
    ScopeOfTable,
    Through,
    Within,
    each,
    serving_hospitals,
)

R = DatabaseRole

OF_A_SLOT: ScopeOfTable = {
    R.RESIDENT: Own(writes=True),
    R.COMMUNITY_MANAGER: Within("community", "community_id", writes=True),
    **each(HOSPITAL_ROLES, Within("hospital", "hospital_id", writes=True)),
}
OF_A_BOOKING: ScopeOfTable = {
    **OF_A_SLOT,
    R.SUPER_ADMIN: Everything(),
    R.DISPATCH: BoundCentre(writes=True),
    **each(CENTRE_ROLES, Within("centre", "centre_id", writes=True)),
}

BOOKINGS: dict[type[Row], ScopeOfTable] = {
    **dict.fromkeys((BookingRow, BookingEventRow, AssignmentRow), OF_A_BOOKING),
    **dict.fromkeys((SlotRow, WaitingRow), OF_A_SLOT),
    CalendarRow: {
        R.SUPER_ADMIN: Everything(),
        R.HOSPITAL_ADMIN: Within("hospital", "hospital_id", writes=True),
        **each((R.NURSE, R.PARAMEDIC), Within("hospital", "hospital_id")),
        **each(COMMUNITY_ROLES, Through("hospital_id", serving_hospitals)),
    },
}
