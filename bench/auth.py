"""Sessions under races and thefts, and what signing in and checking a token cost.

In: nothing; it starts a PostgreSQL of its own. Out: one JSON object. Each family is a session whose refresh token is
used by all racers at once: a fork is a family with more than one live successor, a false revocation one that ended
although nobody but its owner took part. Then each owner uses the successor, and a thief the old token: `replay_revokes`
says whether every such family ended for both. Times are medians.
"""

import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from sqlalchemy import func, select

from dispatch.contract.base import PersonId
from dispatch.contract.roles import Role
from dispatch.identity import (
    AccessTokens,
    Identity,
    IssuedSession,
    Passwords,
    RefreshTokens,
    SessionEnded,
    signing_keys,
)
from dispatch.observability.clock import SystemClock
from dispatch.storage import Database, EmbeddedServers, migrate
from dispatch.storage.context import IDENTITY, REGISTRY
from dispatch.storage.tables import CredentialRow, PersonRow, RefreshTokenRow, RoleGrantRow, SignInFamilyRow

PASSWORD: Final = "correct horse battery staple"
EMAIL: Final = "bench@people.example"
SOMEBODY: Final = PersonId("bench")
CHECKS: Final = 2000
SIGN_INS: Final = 20


def arguments() -> list[click.Parameter]:
    """The command line of this bench."""
    return [
        click.Option(["--families"], type=click.IntRange(1, 1000), default=50, show_default=True, help="Sessions."),
        click.Option(
            ["--racers"], type=click.IntRange(2, 100), default=20, show_default=True,
            help="Refreshes of each session at once.",
        ),
    ]  # fmt: skip


def run(families: int = 50, racers: int = 20) -> dict[str, object]:
    """Races, steals, and measures. Raises ServerNotStarted where no PostgreSQL can be started."""
    with tempfile.TemporaryDirectory(prefix="kiwimesh-bench-") as folder:
        Path(folder).chmod(0o755)
        return asyncio.run(_measured(Path(folder), families, racers))


async def _measured(folder: Path, families: int, racers: int) -> dict[str, object]:
    async with EmbeddedServers(folder / "data") as urls:
        await migrate(urls.owner_url)
        database = Database(urls.database_url)
        try:
            with closing(Passwords()) as passwords:
                await _settle(database, await passwords.hash(PASSWORD))
                tokens = AccessTokens(signing_keys(folder / "keys.json"))
                refresh = RefreshTokens(database, secrets.token_urlsafe())
                identity = Identity(database, tokens, refresh, passwords, SystemClock())
                figures = await _raced(identity, database, families, racers)
                return {"families": families, "racers": racers, **figures, **await _costs(identity, tokens)}
        finally:
            await database.close()


async def _settle(database: Database, password_hash: str) -> None:
    """One nurse with a password."""
    async with database.transaction(REGISTRY) as session:
        session.add(PersonRow(person_id=SOMEBODY, display_name="Bench", email=EMAIL))
        await session.flush()
        grant = {"role": Role.NURSE, "scope_kind": "hospital", "scope_id": "bench"}
        session.add(RoleGrantRow(grant_id="bench", person_id=SOMEBODY, **grant))
    async with database.transaction(IDENTITY) as session:
        session.add(CredentialRow(person_id=SOMEBODY, password_hash=password_hash))


async def _raced(identity: Identity, database: Database, families: int, racers: int) -> dict[str, object]:
    opened = [await identity.open(SOMEBODY) for _ in range(families)]
    began = time.perf_counter()
    # One family after the other: with more, racers would wait for the pool's ten connections and not for each other.
    races = [await _race(identity, session, racers) for session in opened]
    race_s = time.perf_counter() - began
    forks, ended = await _forks(database), await _ended(database)
    revoked = [await _stolen(identity, session, won) for session, won in zip(opened, races, strict=True)]
    return {
        "forks": forks,
        "false_revocations": ended,
        "refused_racers": sum(won.count(None) for won in races),
        "different_successors": sum(len(set(won) - {None}) != 1 for won in races),
        "replay_revokes": all(revoked),
        "refreshes_per_s": round(families * racers / race_s),
    }


async def _race(identity: Identity, session: IssuedSession, racers: int) -> list[str | None]:
    """The successors that the racers got; None for one that was refused."""

    async def racer() -> str | None:
        try:
            return (await identity.refresh(session.refresh_token)).refresh_token
        except SessionEnded:
            return None

    return list(await asyncio.gather(*(racer() for _ in range(racers))))


async def _forks(database: Database) -> int:
    """Families with more than one token that is still good."""
    live = (
        select(RefreshTokenRow.family_id)
        .where(RefreshTokenRow.used_at.is_(None))
        .group_by(RefreshTokenRow.family_id)
        .having(func.count() > 1)
    )
    async with database.transaction(IDENTITY) as session:
        return len((await session.scalars(live)).all())


async def _ended(database: Database) -> int:
    ended = select(func.count()).select_from(SignInFamilyRow).where(SignInFamilyRow.revoked_at.is_not(None))
    async with database.transaction(IDENTITY) as session:
        return await session.scalar(ended) or 0


async def _stolen(identity: Identity, session: IssuedSession, successors: list[str | None]) -> bool:
    """Whether an old token that comes again after its successor was used ends the session for everybody."""
    successor = next((token for token in successors if token is not None), None)
    if successor is None:
        return False
    owner = await identity.refresh(successor)
    return await _refused(identity, session.refresh_token) and await _refused(identity, owner.refresh_token)


async def _refused(identity: Identity, token: str) -> bool:
    try:
        await identity.refresh(token)
    except SessionEnded:
        return True
    return False


async def _costs(identity: Identity, tokens: AccessTokens) -> dict[str, object]:
    holder, now = (await identity.open(SOMEBODY)).principal, SystemClock().now()
    issued = [tokens.issue(replace(holder, session_id=str(number)), now)[0] for number in range(CHECKS)]
    first, again = ([_verified_s(identity, token) for token in issued] for _ in range(2))
    sign_ins = [await _seconds(lambda: identity.sign_in(EMAIL, PASSWORD, "192.0.2.1")) for _ in range(SIGN_INS)]
    return {
        "verify_us": round(statistics.median(first) * 1e6, 1),
        "verify_again_us": round(statistics.median(again) * 1e6, 1),
        "login_ms": round(statistics.median(sign_ins) * 1e3, 1),
    }


def _verified_s(identity: Identity, token: str) -> float:
    began = time.perf_counter()
    identity.verify(token)
    return time.perf_counter() - began


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began
