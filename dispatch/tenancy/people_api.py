"""What people ask about themselves over the API: who they are, where they are signed in, their authenticator app.

Invariants: a person sees and ends their own sessions alone; an ended session gets no new token at once, and its access
token is refused within 60 s.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import PersonId
from dispatch.contract.people import AppCode, Enrolment, SignedInPlace, SignedInPlaces
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.identity import SecondFactorRefused, SecondFactors, end_sessions, sessions_of

from .versions import absent


async def who_am_i(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """The person behind the token, with their roles."""
    del session
    return Answer(asked.principal.me())


async def list_my_sessions(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Where I am signed in."""
    places = tuple(
        SignedInPlace(
            session_id=live.session_id,
            client=live.client,
            created_at=live.created_at,
            last_used_at=live.last_used_at,
            this_one=live.session_id == asked.principal.session_id,
        )
        for live in await sessions_of(session, asked.principal.person_id, asked.at)
    )
    return Answer(SignedInPlaces(sessions=places))


async def end_my_session(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Signs me out of one place."""
    me, which = asked.principal.person_id, asked.path["session_id"]
    if not await end_sessions(session, me, asked.at, "ended by its owner", which):
        raise absent()
    return Answer()


async def sign_out_everywhere(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Signs me out of every place, this one too."""
    await end_sessions(session, asked.principal.person_id, asked.at, "signed out everywhere")
    return Answer(subject=asked.principal.person_id)


async def enrol(factors: SecondFactors, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """A secret for my authenticator app; it counts once it was confirmed."""
    try:
        made = await factors.enrol(session, asked.principal.person_id)
    except SecondFactorRefused as error:
        raise Refused(ProblemCode.CONFLICT, str(error)) from None
    return Answer(Enrolment(secret=made.secret, uri=made.uri), subject=asked.principal.person_id)


async def confirm(factors: SecondFactors, asked: Asked[AppCode, None], session: AsyncSession) -> Answer:
    """Turns my second factor on."""
    return await _with_code(factors.confirm, asked, session)


async def remove(factors: SecondFactors, asked: Asked[AppCode, None], session: AsyncSession) -> Answer:
    """Turns my second factor off."""
    return await _with_code(factors.remove, asked, session)


async def _with_code(
    work: Callable[[AsyncSession, PersonId, str, datetime], Awaitable[None]], asked: Asked[AppCode, None],
    session: AsyncSession,
) -> Answer:  # fmt: skip
    try:
        await work(session, asked.principal.person_id, asked.body.code, asked.at)
    except SecondFactorRefused as error:
        raise Refused(ProblemCode.INVALID_MESSAGE, str(error)) from None
    return Answer(subject=asked.principal.person_id)


def handlers(factors: SecondFactors) -> dict[str, Handler]:
    """The handlers, with the service that keeps second factors."""
    return {
        **HANDLERS,
        "enrol_second_factor": partial(enrol, factors),
        "confirm_second_factor": partial(confirm, factors),
        "remove_second_factor": partial(remove, factors),
    }


HANDLERS: Final[dict[str, Handler]] = {
    "who_am_i": who_am_i,
    "list_my_sessions": list_my_sessions,
    "end_my_session": end_my_session,
    "sign_out_everywhere": sign_out_everywhere,
}
