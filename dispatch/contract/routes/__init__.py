"""Every HTTP route of the product, a module a subject.

The transport binds its handlers from this table and OpenAPI is generated from it, so that a route that is not here does
not exist. Pages and their assets are not routes: they are files.
"""

from typing import Final

from .booking import BOOKINGS
from .dispatching import DISPATCHING
from .exercises import EXERCISES
from .fleet import FLEET
from .jobs import JOBS
from .organisations import ORGANISATIONS
from .people import PEOPLE
from .protocols import PROTOCOLS
from .providers import PROVIDERS
from .records import RECORDS
from .sessions import SESSIONS
from .spec import Credential, Method, RouteSpec
from .system import SYSTEM
from .training import TRAINING

ROUTES: Final[tuple[RouteSpec, ...]] = (
    *SESSIONS,
    *ORGANISATIONS,
    *PEOPLE,
    *RECORDS,
    *JOBS,
    *PROVIDERS,
    *BOOKINGS,
    *DISPATCHING,
    *FLEET,
    *TRAINING,
    *EXERCISES,
    *PROTOCOLS,
    *SYSTEM,
)

__all__ = ["ROUTES", "Credential", "Method", "RouteSpec"]
