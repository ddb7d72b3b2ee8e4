"""The HTTP API without HTTP: who may ask, in which role, once or twice, for which version. Public names come from here.

A feature offers typed handlers by route name; this package puts the guard, the transaction, the Idempotency-Key, the
cursor and the audit entry around each of them; `dispatch.transport.api` carries it over HTTP.
"""

from .asked import Answer, Asked, Download, Handler, Incoming
from .cursors import Cursors
from .desk import Api, HandlerMissing
from .limits import RequestBudget

__all__ = [
    "Answer",
    "Api",
    "Asked",
    "Cursors",
    "Download",
    "Handler",
    "HandlerMissing",
    "Incoming",
    "RequestBudget",
]
