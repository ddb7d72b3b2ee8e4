"""Routes about people."""

from typing import Final

from dispatch.contract.http import Me
from dispatch.contract.roles import Role

from .spec import Method, guarded

PEOPLE: Final = (
    guarded("who_am_i", Method.GET, "/v1/me", "Who is signed in, and in which roles.", tuple(Role), answer=Me),
)
