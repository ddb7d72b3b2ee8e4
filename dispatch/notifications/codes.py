"""One-time codes by text message."""

import secrets

from dispatch.identity import RememberedCodes
from dispatch.providers.messaging import Messaging, TextMessage


class TextedCodes:
    """Sends codes by text. `remembered` keeps them too, where nothing leaves the machine."""

    def __init__(self, messaging: Messaging, remembered: RememberedCodes | None) -> None:
        self._messaging = messaging
        self._remembered = remembered

    async def send(self, phone: str, code: str) -> None:
        if self._remembered is not None:
            await self._remembered.send(phone, code)
        text = f"{code} is your Kiwimesh code. Nobody from Kiwimesh will ever ask you for it."
        await self._messaging.send(TextMessage(phone, text, secrets.token_hex(16)))
