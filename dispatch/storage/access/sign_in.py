"""Sessions and codes: identity alone, except that people see and end their own sessions."""

from typing import Final

from .rules import ALL, EVERYTHING, OWN_ROW, PERSON_ROLES, R, Rule, TableAccess, rules

SIGN_IN: Final = (
    TableAccess(
        "sign_in_family",
        "person_id",
        (Rule(R.IDENTITY, ALL, EVERYTHING), *rules(PERSON_ROLES, ("SELECT", "UPDATE"), OWN_ROW)),
    ),
    TableAccess("refresh_token", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess("one_time_code", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
)
