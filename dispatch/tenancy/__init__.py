"""Who belongs where: dispatch centres and their entries, communities, hospitals, and the demonstration world.

Public names come from here.
"""

from .demo import DemoLogin, DemoWorld, seed_demo
from .directory import DEFAULT_NOTICE, Centre, Directory, StaticDirectory, StoredDirectory
from .people import reinstate, suspend

__all__ = [
    "DEFAULT_NOTICE",
    "Centre",
    "DemoLogin",
    "DemoWorld",
    "Directory",
    "StaticDirectory",
    "StoredDirectory",
    "reinstate",
    "seed_demo",
    "suspend",
]
