"""Cards of calls that are going on, drawn anew when a centre's medical directors sign or take back.

In: the live calls, the centres for which something changed. Out: new versions of their cards, where the mark changes.
Invariant: the event loop has a breath after every card.
"""

import asyncio
from collections.abc import Collection, Iterable

from .call import LiveCall


async def mark_anew(calls: Iterable[LiveCall], centres: Collection[str]) -> None:
    """Shows the present approvals on every open call of these centres."""
    for call in tuple(calls):
        if call.open and call.centre.centre_id in centres:
            call.path.show_card()
            await asyncio.sleep(0)
