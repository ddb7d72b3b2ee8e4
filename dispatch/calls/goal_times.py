"""When calls met their goals, for the centre's figures: answered, address verified, arrest recognised, and so on.

In: a call's card before and after an entry. Out: one observation in a histogram for each goal newly met. A goal is
counted once, at the second of the call at which it was met.
"""

from dispatch.contract.card import Card
from dispatch.observability import metrics


def observe_goals(before: Card, after: Card) -> None:
    """Counts the goals that are met on `after` and were not on `before`."""
    if before is after:
        return
    met = {timer.code for timer in before.timers if timer.reached_s is not None}
    for timer in after.timers:
        if timer.reached_s is not None and timer.code not in met:
            metrics.GOAL_SECONDS.labels(timer.code).observe(timer.reached_s)
