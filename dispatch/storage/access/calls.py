"""Calls and what hangs on them."""

from typing import Final

from .rules import ALL, APPEND, BOUND_CENTRE, EVERYTHING, KEEP, READ, R, Rule, TableAccess, call_rules

SENT_TO: Final = "incident_id = ANY(ARRAY(SELECT u.incident_id FROM unit u))"
"""Incidents that the units of the reading role's hospitals go to."""
ARCHIVIST: Final = Rule(R.ARCHIVIST, KEEP, EVERYTHING)
REGROUPED: Final = Rule(R.DISPATCH, ("SELECT", "UPDATE"), BOUND_CENTRE)

CALLS: Final = (
    TableAccess(
        "incident",
        "centre_id",
        (*call_rules(KEEP), Rule(R.DISPATCH, KEEP, BOUND_CENTRE), Rule(R.PARAMEDIC, READ, SENT_TO), ARCHIVIST),
    ),
    TableAccess("call", "centre_id", (*call_rules(KEEP), REGROUPED, ARCHIVIST)),
    TableAccess("patient", "centre_id", (*call_rules(KEEP), REGROUPED, Rule(R.ARCHIVIST, ALL, EVERYTHING))),
    TableAccess("timeline_entry", "centre_id", call_rules(APPEND)),
)
