"""The whole of bookings, put together once a process.

In: the catalogue, where jobs go, the clock. Out: handlers by route name, and the parts that others need:
whoever sends units uses `transitions`, so that there is one way to move a booking.
"""

from dispatch.api import Handler
from dispatch.jobs import JobKinds, in_one_transaction
from dispatch.observability.clock import Clock

from . import waiting_api
from .api import BookingDesk
from .appointments import Appointments
from .calendar_api import CalendarDesk
from .catalogue import Catalogue
from .clocks import SlaClocks
from .ports import Apply, EnqueueJob
from .promises import SLA_JOB
from .residence import Residences
from .slots import MATCH_JOB
from .transitions import Transitions


class Bookings:
    """Bookings, calendars and clocks of one process."""

    def __init__(self, catalogue: Catalogue, enqueue: EnqueueJob, clock: Clock, apply: Apply | None = None) -> None:
        """`apply`: through what commands of the API go; None: straight to the transitions."""
        self.catalogue = catalogue
        self.transitions = Transitions(catalogue, enqueue)
        self.appointments = Appointments(self.transitions, enqueue, clock)
        self.clocks = SlaClocks(self.transitions, clock)
        self.handlers: dict[str, Handler] = {
            **BookingDesk(Residences(clock), self.transitions, self.appointments, apply).handlers,
            **CalendarDesk(catalogue).handlers,
            **waiting_api.HANDLERS,
        }

    def register_jobs(self, kinds: JobKinds) -> None:
        """Says who carries out what bookings ask for later."""
        kinds.register(SLA_JOB, in_one_transaction(self.clocks.check))
        kinds.register(MATCH_JOB, in_one_transaction(self.appointments.match_waiting))
