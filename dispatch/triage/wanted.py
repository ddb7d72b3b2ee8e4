"""What the caller's next words may answer, by the operator's questions, and whether a child was spoken of.

In: the codes of what was asked, and a chunk's text. Out: codes, with `NUMBER` among them where a number answers. A
number that answers something else is no age.
"""

import re
from collections.abc import Iterable
from typing import Final

NUMBER: Final = "number"
"""Stands among what is wanted for any question that a number answers."""
_WANT_NUMBERS: Final = frozenset(
    (
        *("location", "location_confirm", "callback_number", "how_many_hurt", "fit_minutes", "weeks_pregnant"),
        *("long_on_floor", "fall_height_q", "last_ate", "last_seen_well", "substance", "caller_age"),
    )
)
_WANTS_NUMBER: Final = re.compile(
    r" (?:how (?:many|much|long|far|fast|high|big|low)|when|what time|(?:what|which) day|weigh|out of 10|1 to 10"
    r"|(?:oxygen|sugar|blood|temperature|temp|sats|pressure|pulse|heart rate|number|level|levels|reading)) "
)
_CHILD: Final = re.compile(
    r" (?:child|kid|kiddie|son|daughter|boy|girl|baby|toddler|infant|pupil|grandson|granddaughter|nephew|niece|bairn"
    r"|wean|little 1|wee 1|children|pikin) "
)


def wanted_by(codes: Iterable[str], text: str) -> frozenset[str]:
    """What an operator's chunk with questions of these codes wants to know."""
    asked = frozenset(codes)
    number = asked & _WANT_NUMBERS or _WANTS_NUMBER.search(text)
    return asked | {NUMBER} if number else asked


def names_child(text: str) -> bool:
    """Whether a child is spoken of."""
    return _CHILD.search(text) is not None
