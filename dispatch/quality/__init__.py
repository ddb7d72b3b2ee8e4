"""Pure scoring of a call's log: what was done, when, and how that compares with a scenario or with the protocol.

In: a call's timeline and a rubric. Out: a score sheet, explained line by line with the second of the call. The same log
and rubric always give the same sheet; no clock, no I/O. The same scoring serves exercises and the review of real calls.
"""

from .deeds import deeds_of
from .review import rubric_for
from .scoring import score
from .vocabulary import unknown_action

__all__ = ["deeds_of", "rubric_for", "score", "unknown_action"]
