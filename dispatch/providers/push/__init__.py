"""The port of pushes to the phones of crews and residents."""

from .fcm import FcmPush, ServiceAccount
from .memory import MemoryPush
from .port import Push, PushMessage

__all__ = ["FcmPush", "MemoryPush", "Push", "PushMessage", "ServiceAccount"]
