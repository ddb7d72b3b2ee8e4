"""Calls and what hangs on them."""

from typing import Final

from .rules import APPEND, KEEP, TableAccess, call_rules

CALLS: Final = (
    TableAccess("incident", "centre_id", call_rules(KEEP)),
    TableAccess("call", "centre_id", call_rules(KEEP)),
    TableAccess("patient", "centre_id", call_rules(KEEP)),
    TableAccess("timeline_entry", "centre_id", call_rules(APPEND)),
)
