"""How long somebody who waits for help is left without a call-back: pure.

The times are a judgement of this project: the more urgent, the sooner somebody asks again; what nobody has assessed
counts as the most urgent.
"""

from datetime import datetime, timedelta
from typing import Final

CALL_BACK_MIN: Final = {1: 2, 2: 10, 3: 20, 4: 30, 5: 60}
"""Minutes by category."""


def next_due_at(category: int | None, now: datetime) -> datetime:
    """When somebody calls back next."""
    return now + timedelta(minutes=CALL_BACK_MIN[category or 1])
