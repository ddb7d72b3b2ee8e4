"""Sessions and codes: identity alone."""

from typing import Final

from .rules import ALL, EVERYTHING, R, Rule, TableAccess

SIGN_IN: Final = (
    TableAccess("sign_in_family", "person_id", (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess("refresh_token", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess("one_time_code", "person_id", (Rule(R.IDENTITY, ALL, EVERYTHING),)),
)
