"""Texts that are only written down."""

from typing import Final

from dispatch.providers.outbox import Outbox, OutboxItem

from .port import TextMessage

PORT: Final = "messaging"


class MemoryMessaging:
    """Everything arrives."""

    name = "memory"

    def __init__(self, outbox: Outbox, *, exercise: bool = False) -> None:
        self._outbox = outbox
        self._exercise = exercise

    async def send(self, message: TextMessage) -> str:
        body = {"text": message.text, "channel": message.channel.value}
        item = OutboxItem(PORT, "send", message.key, body, message.to, self._exercise)
        return (await self._outbox.put(item)).reference
