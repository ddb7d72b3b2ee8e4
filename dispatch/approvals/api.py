"""Protocols over the API: the list, one in full, signing it, taking the signature back.

Invariants: a protocol is signed in the version and words that were read, by a medical director of the centre, with a
code of the authenticator app where they have one; a withdrawal needs a reason and nothing else, because it only makes
people more careful; for everybody else a centre's protocols are as if they did not exist.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CentreId, PersonId
from dispatch.contract.http import PageQuery
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.protocols import (
    ApprovalDeed,
    ApprovalState,
    ProtocolPage,
    ProtocolSheet,
    SignProtocol,
    WithdrawApproval,
)
from dispatch.contract.roles import ScopeKind
from dispatch.identity import SecondFactorRefused, SecondFactors
from dispatch.storage.tables import ProtocolApprovalRow
from dispatch.triage import Readable, readable

from . import directors
from .directors import absent
from .ledger import add, directs, entry_of, history, last_deeds, line_of, state_of


class ApprovalsApi:
    """Handlers of the routes of protocols and medical directors."""

    def __init__(self, factors: SecondFactors) -> None:
        self._factors = factors

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            **directors.HANDLERS,
            "list_protocols": list_protocols,
            "read_protocol": self.read_protocol,
            "sign_protocol": self.sign,
            "withdraw_protocol_approval": withdraw,
        }

    async def read_protocol(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """One protocol in full."""
        centre_id = asked.path["centre_id"]
        may_sign, now = await _reached(asked, session), _protocol(asked)
        deeds = await history(session, centre_id, now.text.protocol_id)
        sheet = ProtocolSheet(
            centre_id=CentreId(centre_id),
            may_sign=may_sign,
            second_factor=may_sign and await self._factors.enrolled(session, asked.principal.person_id),
            digest=now.digest,
            state=state_of(deeds[0] if deeds else None, now),
            text=now.text,
            history=tuple(map(entry_of, deeds)),
        )
        return Answer(sheet)

    async def sign(self, asked: Asked[SignProtocol, None], session: AsyncSession) -> Answer:
        """Approves a protocol for the centre."""
        now, last = await _to_sign(asked, session)
        if (asked.body.version, asked.body.digest) != (now.text.version, now.digest):
            raise Refused(ProblemCode.CONFLICT, "The protocol is no longer the one that was read.")
        if state_of(last, now) is ApprovalState.SIGNED:
            raise Refused(ProblemCode.WRONG_STATE, "The protocol is signed already.")
        proved = await self._proved(asked, session)
        made = await add(session, last, **_deed(asked, now, ApprovalDeed.SIGNED), second_factor=proved)
        return _shown(now, made)

    async def _proved(self, asked: Asked[SignProtocol, None], session: AsyncSession) -> bool:
        """Whether a code of the authenticator app was taken. Raises Refused where it is missing or wrong."""
        me: PersonId = asked.principal.person_id
        if not await self._factors.enrolled(session, me):
            return False
        if asked.body.code is None:
            raise Refused(ProblemCode.SECOND_FACTOR_NEEDED, "A signature wants a code of your authenticator app.")
        try:
            await self._factors.prove(session, me, asked.body.code, asked.at)
        except SecondFactorRefused as error:
            raise Refused(ProblemCode.INVALID_MESSAGE, str(error)) from None
        return True


async def list_protocols(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """One page of a centre's protocols, by id."""
    centre_id = asked.path["centre_id"]
    may_sign, last = await _reached(asked, session), await last_deeds(session, centre_id)
    after = asked.after[0] if asked.after else ""
    found = [one for code, one in readable().items() if code > after][: asked.query.limit + 1]
    shown, cursor = asked.page(found, lambda one: (one.text.protocol_id,))
    lines = tuple(line_of(one, last.get(one.text.protocol_id)) for one in shown)
    page = ProtocolPage(centre_id=CentreId(centre_id), may_sign=may_sign, protocols=lines, next_cursor=cursor)
    return Answer(page)


async def withdraw(asked: Asked[WithdrawApproval, None], session: AsyncSession) -> Answer:
    """Takes the last signature back, whatever version it was for."""
    now, last = await _to_sign(asked, session)
    if last is None or last.deed == ApprovalDeed.WITHDRAWN:
        raise Refused(ProblemCode.WRONG_STATE, "There is no signature to take back.")
    taken = {**_deed(asked, now, ApprovalDeed.WITHDRAWN), "version": last.version, "digest": last.digest}
    made = await add(session, last, **taken, second_factor=False, reason=asked.body.reason)
    return _shown(now, made)


async def _reached(asked: Asked[None, PageQuery] | Asked[None, None], session: AsyncSession) -> bool:
    """Whether the acting person signs for the centre. Raises Refused where they may not even read."""
    centre_id = asked.path["centre_id"]
    if await directs(session, centre_id, asked.principal.person_id):
        return True
    here = (grant for grant in asked.principal.grants if grant.role is asked.role)
    if not any((grant.kind, grant.scope_id) == (ScopeKind.CENTRE, centre_id) for grant in here):
        raise absent()
    return False


async def _to_sign(
    asked: Asked[SignProtocol, None] | Asked[WithdrawApproval, None], session: AsyncSession
) -> tuple[Readable, ProtocolApprovalRow | None]:
    """The protocol, and the last deed under it. Raises Refused for who is no medical director of the centre."""
    centre_id = asked.path["centre_id"]
    if not await directs(session, centre_id, asked.principal.person_id):
        raise absent()
    now = _protocol(asked)
    deeds = await history(session, centre_id, now.text.protocol_id)
    return now, deeds[0] if deeds else None


def _protocol(asked: Asked[None, None] | Asked[SignProtocol, None] | Asked[WithdrawApproval, None]) -> Readable:
    found = readable().get(asked.path["protocol_id"])
    if found is None:
        raise absent()
    return found


def _deed(
    asked: Asked[SignProtocol, None] | Asked[WithdrawApproval, None], now: Readable, deed: ApprovalDeed
) -> dict[str, object]:
    """What every deed says."""
    return {
        "centre_id": asked.path["centre_id"],
        "protocol_id": now.text.protocol_id,
        "deed": deed.value,
        "version": now.text.version,
        "digest": now.digest,
        "person_id": asked.principal.person_id,
        "name": asked.principal.display_name,
        "done_at": asked.at,
    }


def _shown(now: Readable, made: ProtocolApprovalRow) -> Answer:
    return Answer(line_of(now, made), subject=made.approval_id, centre_id=made.centre_id)
