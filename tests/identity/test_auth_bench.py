"""`kiwimesh bench auth`: its figures are those of real sessions, and a fork or a wrong end would show in them."""

import pytest
from sqlalchemy import update

from bench.auth import SOMEBODY, _costs, _ended, _forks, _raced, _settle
from dispatch.identity import Identity, RefreshTokens
from dispatch.observability.clock import SystemClock
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import RefreshTokenRow, SignInFamilyRow
from tests.identity.conftest import PASSWORD

pytestmark = pytest.mark.integration


@pytest.fixture
async def bench_identity(fresh_database, tokens, passwords) -> Identity:
    await _settle(fresh_database, await passwords.hash(PASSWORD))
    return Identity(fresh_database, tokens, RefreshTokens(fresh_database, "a secret"), passwords, SystemClock())


async def test_racers_fork_nothing_end_nothing_and_a_thief_ends_the_session(bench_identity, fresh_database, tokens):
    figures = await _raced(bench_identity, fresh_database, families=2, racers=6)
    assert (figures["forks"], figures["false_revocations"], figures["refused_racers"]) == (0, 0, 0)
    assert figures["replay_revokes"] is True
    assert set(await _costs(bench_identity, tokens)) == {"verify_us", "verify_again_us", "login_ms"}


async def test_a_fork_and_a_wrong_end_would_be_counted(bench_identity, fresh_database):
    await bench_identity.refresh((await bench_identity.open(SOMEBODY)).refresh_token)
    async with fresh_database.transaction(IDENTITY) as session:
        await session.execute(update(RefreshTokenRow).values(used_at=None))
        await session.execute(update(SignInFamilyRow).values(revoked_at=SystemClock().now()))
    assert (await _forks(fresh_database), await _ended(fresh_database)) == (1, 1)
