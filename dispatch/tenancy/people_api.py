"""What people ask about themselves over the API."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler


async def who_am_i(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """The person behind the token, with their roles."""
    del session
    return Answer(asked.principal.me())


HANDLERS: Final[dict[str, Handler]] = {"who_am_i": who_am_i}
