"""Pushes that are only written down."""

from typing import Final

from dispatch.providers.errors import AddressGone
from dispatch.providers.outbox import Outbox, OutboxItem

from .port import PushMessage

PORT: Final = "push"
GONE: Final = "gone-"
"""Tokens that begin so are nobody's, so that pruning can be tried out."""


class MemoryPush:
    """Everything arrives, except at tokens that begin with `gone-`."""

    name = "memory"

    def __init__(self, outbox: Outbox, *, exercise: bool = False) -> None:
        self._outbox = outbox
        self._exercise = exercise

    async def send(self, message: PushMessage) -> str:
        if message.token.startswith(GONE):
            raise AddressGone("this token is nobody's")
        body = {"title": message.title, "text": message.text, "data": dict(message.data)}
        item = OutboxItem(PORT, "send", message.key, body, message.token, self._exercise)
        return (await self._outbox.put(item)).reference
