"""Training and quality review over the API: exercises, runs that were scored, what people add to them, reviews."""

from .exercises import Exercises
from .reviews import Reviews
from .runs import Runs

__all__ = ["Exercises", "Reviews", "Runs"]
