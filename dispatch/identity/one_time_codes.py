"""One-time codes by phone, for people without a password.

In: a phone number. Out: at once and always a ticket; later, if the number is known, a message with a code. In: ticket
and code. Out: whose phone it is. Invariants: the answer to a request is the same, and as quick, for a number that is
nobody's, and redeeming its code costs the same; a code works only with the ticket of whoever asked for it, so that
nobody uses up somebody else's tries; five tries, five minutes; codes and tickets are stored as hashes; in ten minutes
at most three messages to a number that one address asked for, and twelve in all. The queue of requests holds 1,000; a
request that finds it full is told to try again.
"""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import OneTimeCodeRow, PersonRow, ResidentRow

from .errors import IdentityBusy, SignInRefused
from .newcomers import holder_of, unclaimed

DIGITS: Final = 6
LIFETIME: Final = timedelta(minutes=5)
TRIES: Final = 5
MESSAGES: Final = 3
"""To a number, asked for from one address, in ten minutes."""
ALL_MESSAGES: Final = 12
"""To a number, whoever asks: who knows a number cannot keep its owner out from one address, nor flood the phone."""
MESSAGE_WINDOW: Final = timedelta(minutes=10)
WAITING: Final = 1000
TICKET_BYTES: Final = 32


class CodeSender(Protocol):
    """Brings a code to a phone."""

    async def send(self, phone: str, code: str) -> None: ...


class RememberedCodes:
    """A sender that keeps the last code of each number, for tests and demonstrations."""

    def __init__(self) -> None:
        self.last: dict[str, str] = {}

    async def send(self, phone: str, code: str) -> None:
        self.last[phone] = code


@dataclass(frozen=True)
class Asked:
    """A request for a code."""

    phone: str = field(repr=False)
    asker: str
    """Stands for the address, which is stored nowhere."""
    ticket: str = field(repr=False)
    at: datetime


class OneTimeCodes:
    """Takes requests, sends codes, checks them. `run()` does the sending; run it as one task of the process."""

    def __init__(self, database: Database, sender: CodeSender, secret: str, clock: Clock) -> None:
        self._database = database
        self._sender = sender
        self._secret = secret.encode()
        self._clock = clock
        self._asked: asyncio.Queue[Asked] = asyncio.Queue(maxsize=WAITING)
        metrics.QUEUES.watch("one-time codes", self, lambda codes: codes._asked.qsize())

    def request(self, phone: str, address: str = "") -> str:
        """Asks for a code for a number; the ticket goes with the code later. Raises IdentityBusy when too many ask."""
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        asker = hmac.digest(self._secret, b"asker:" + address.encode(), hashlib.sha256).hex()
        try:
            self._asked.put_nowait(Asked(normal_number(phone), asker, ticket, self._clock.now()))
        except asyncio.QueueFull:
            raise IdentityBusy("Too many people are asking for codes at once.") from None
        return ticket

    async def run(self) -> None:
        """Sends codes for ever. An error ends it; started again, it goes on with the next request."""
        while True:
            await self.send_next()

    async def send_next(self) -> None:
        """Waits for a request and sends its code, if the number is somebody's and has not had too many messages."""
        asked = await self._asked.get()
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        async with self._database.transaction(IDENTITY) as session:
            if await had_enough(session, asked):
                return
            # A number that is nobody's gets a code that nobody is told: redeeming it costs the same as any other.
            known = await is_somebodys(session, asked.phone)
            session.add(
                OneTimeCodeRow(
                    ticket_hash=digest(asked.ticket),
                    phone=asked.phone,
                    asker=asked.asker,
                    code_hash=self._code_hash(asked.ticket, code),
                    sent_at=asked.at,
                )
            )
        if known:
            await self._sender.send(asked.phone, code)

    async def redeem(self, ticket: str, code: str) -> PersonId:
        """Whose phone the code was sent to; it works once. Raises SignInRefused."""
        now = self._clock.now()
        async with self._database.transaction(IDENTITY) as session:
            row = await use_a_try(session, ticket, now)
            if row is not None and hmac.compare_digest(row.code_hash, self._code_hash(ticket, code)):
                await session.delete(row)
                person_id = await holder_of(session, row.phone, now)
                if person_id is not None:
                    return person_id
        raise SignInRefused("This code is not right, or has run out.")

    def _code_hash(self, ticket: str, code: str) -> str:
        return hmac.new(self._secret, f"{ticket}:{code}".encode(), hashlib.sha256).hexdigest()


async def had_enough(session: AsyncSession, asked: Asked) -> bool:
    """Whether enough codes were made for the number in the last ten minutes. Forgets older ones by the way."""
    await session.execute(delete(OneTimeCodeRow).where(OneTimeCodeRow.sent_at < asked.at - MESSAGE_WINDOW))
    askers = (await session.scalars(select(OneTimeCodeRow.asker).where(OneTimeCodeRow.phone == asked.phone))).all()
    return len(askers) >= ALL_MESSAGES or askers.count(asked.asker) >= MESSAGES


async def is_somebodys(session: AsyncSession, phone: str) -> bool:
    """Whether the number is a person's who may come in, or a resident's whom a manager has registered."""
    person = await session.scalar(select(PersonRow).where(PersonRow.phone == phone))
    if person is not None:
        return person.suspended_at is None
    newcomer = select(ResidentRow.resident_id).where(*unclaimed(phone)).limit(1)
    return await session.scalar(newcomer) is not None


async def use_a_try(session: AsyncSession, ticket: str, now: datetime) -> OneTimeCodeRow | None:
    """The code of a ticket, if it is young and has a try left. One statement, so that tries cannot be raced."""
    statement = (
        update(OneTimeCodeRow)
        .where(
            OneTimeCodeRow.ticket_hash == digest(ticket),
            OneTimeCodeRow.tries < TRIES,
            OneTimeCodeRow.sent_at > now - LIFETIME,
        )
        .values(tries=OneTimeCodeRow.tries + 1)
        .returning(OneTimeCodeRow)
    )
    return (await session.scalars(statement)).one_or_none()


def digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def normal_number(phone: str) -> str:
    """A phone number without the blanks, brackets and dashes that people write into it."""
    return "".join(character for character in phone if character.isdigit() or character == "+")
