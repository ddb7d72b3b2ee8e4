"""The port of messages to phones: SMS and WhatsApp."""

from .memory import MemoryMessaging
from .port import Channel, Messaging, TextMessage
from .twilio import TwilioMessaging, TwilioWebhooks

__all__ = ["Channel", "MemoryMessaging", "Messaging", "TextMessage", "TwilioMessaging", "TwilioWebhooks"]
