"""How late the event loop is: sampled all the time, as a metric and for benches.

In: the clock. Out: seconds of lag into the histogram and to whoever listens. Invariant: the sampler itself does nothing
but sleep, so that a late wake-up is somebody else's blocking call.
"""

from collections.abc import Callable
from typing import Final

from .clock import Clock
from .metrics import LOOP_LAG

SAMPLE_EVERY_S: Final = 0.05


async def sample_loop_lag(clock: Clock, observe: Callable[[float], None] = LOOP_LAG.observe) -> None:
    """Observes, until cancelled, how many seconds later than asked the loop woke this task."""
    while True:
        asked = clock.monotonic() + SAMPLE_EVERY_S
        await clock.sleep(SAMPLE_EVERY_S)
        observe(max(clock.monotonic() - asked, 0.0))
