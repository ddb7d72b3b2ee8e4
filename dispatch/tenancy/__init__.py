"""Who belongs where: dispatch centres and their entries, communities, hospitals, and the demonstration world.

Public names come from here.
"""

from .demo import DemoLogin, DemoWorld, seed_demo
from .directory import DEFAULT_NOTICE, Centre, Directory, StaticDirectory, StoredDirectory, read_directory
from .handlers import people_handlers
from .invitations import TOKEN_SECRET, InvitationTokens, Reception
from .people import reinstate, suspend

__all__ = [
    "DEFAULT_NOTICE",
    "TOKEN_SECRET",
    "Centre",
    "DemoLogin",
    "DemoWorld",
    "Directory",
    "InvitationTokens",
    "Reception",
    "StaticDirectory",
    "StoredDirectory",
    "people_handlers",
    "read_directory",
    "reinstate",
    "seed_demo",
    "suspend",
]
