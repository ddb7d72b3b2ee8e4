"""The end of a process that does not turn any more, so that another one can do its work.

A server that hangs holds its data as firmly as one that is well. In: the event loop's turns. Out: nothing, or the end
of the process without any clean-up, as if it had been killed, with every thread's place (files, lines and functions,
no values) on standard error. Invariant: it needs no turn of the loop and no thread of Python's to act.
"""

import faulthandler
from typing import Final

from .clock import Clock

HANGS_AFTER_S: Final = 15.0
"""Longer than anything that a loaded machine does to a loop that still works; shorter than callers' patience."""
TURN_S: Final = 1.0


async def stay_alive(clock: Clock, hangs_after_s: float = HANGS_AFTER_S, turn_s: float = TURN_S) -> None:
    """Puts the end off again and again, for ever; whoever cancels it calls it off."""
    try:
        while True:
            faulthandler.dump_traceback_later(hangs_after_s, exit=True)
            await clock.sleep(turn_s)
    finally:
        faulthandler.cancel_dump_traceback_later()
