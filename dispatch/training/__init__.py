"""Training and quality review over the API: runs that were scored, what people add to them, reviews of real calls."""

from .reviews import Reviews
from .runs import Runs

__all__ = ["Reviews", "Runs"]
