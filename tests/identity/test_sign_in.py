"""Signing in and out, on a real database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from dispatch.identity import (
    Identity,
    IdentityBusy,
    Passwords,
    RefreshTokens,
    Role,
    SessionEnded,
    SignInRefused,
    SlowDown,
    TokenExpired,
)
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import PersonRow
from tests.identity.conftest import PASSWORD, seen

pytestmark = pytest.mark.integration

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


async def test_the_right_password_gives_a_session_with_all_roles(identity, someone):
    session = await identity.sign_in(someone.email.upper(), PASSWORD, HOME)
    assert session.principal.roles == {Role.OPERATOR, Role.TRAINER}
    assert session.principal.centre_id == someone.centre_id
    assert identity.verify(session.access_token) == session.principal
    assert session.body().me.display_name == "Olive"


async def test_an_unknown_e_mail_gets_the_same_answer_as_a_wrong_password(identity, someone):
    with pytest.raises(SignInRefused) as wrong:
        await identity.sign_in(someone.email, "wrong", HOME)
    with pytest.raises(SignInRefused) as unknown:
        await identity.sign_in("nobody@people.example", PASSWORD, HOME)
    assert str(wrong.value) == str(unknown.value)


async def test_an_unknown_e_mail_costs_a_password_check_too(database, tokens, clock, someone):
    checked = []

    class Watched(Passwords):
        async def matches(self, stored, password):
            checked.append(stored)
            return await super().matches(stored, password)

    passwords = Watched()
    identity = Identity(database, tokens, RefreshTokens(database, "s"), passwords, clock)
    with pytest.raises(SignInRefused):
        await identity.sign_in("nobody@people.example", PASSWORD, HOME)
    passwords.close()
    assert checked == [None]


async def test_guessing_from_one_address_is_slowed_down_and_the_owner_elsewhere_is_not(identity, someone, clock):
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await identity.sign_in(someone.email, "wrong", ELSEWHERE)
    with pytest.raises(SlowDown):
        await identity.sign_in(someone.email, PASSWORD, ELSEWHERE)
    assert await identity.sign_in(someone.email, PASSWORD, HOME)
    await clock.advance(1)
    assert await identity.sign_in(someone.email, PASSWORD, ELSEWHERE)


async def test_a_suspended_person_can_neither_sign_in_nor_stay(identity, someone, database, clock):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    await suspend(database, someone.person_id, clock.now())
    with pytest.raises(SignInRefused):
        await identity.sign_in(someone.email, PASSWORD, HOME)
    with pytest.raises(SessionEnded):
        await identity.refresh(session.refresh_token)


async def test_a_session_goes_on_with_fresh_tokens(identity, someone, clock):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    await clock.advance(601)
    with pytest.raises(TokenExpired):
        identity.verify(session.access_token)
    renewed = await identity.refresh(session.refresh_token)
    assert identity.verify(renewed.access_token).session_id == session.principal.session_id
    assert renewed.refresh_token != session.refresh_token


async def test_signing_out_ends_the_session(identity, someone):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    await identity.sign_out(session.refresh_token)
    with pytest.raises(SessionEnded):
        await identity.refresh(session.refresh_token)
    await identity.sign_out("unknown")


async def test_a_token_that_was_just_believed_is_refused_as_soon_as_its_session_is_known_to_have_ended(
    identity, someone, clock
):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    other = await identity.sign_in(someone.email, PASSWORD, HOME)
    assert identity.verify(session.access_token) == identity.verify(session.access_token)
    await identity.sign_out(session.refresh_token)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(identity.keep_fresh())
        await seen(clock, lambda: not identity.welcome(session.principal))
        watching.cancel()
    with pytest.raises(SessionEnded):
        identity.verify(session.access_token)
    assert identity.verify(other.access_token)


async def test_refreshing_many_times_at_once_gives_everybody_the_same_successor(identity, someone):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    renewed = await asyncio.gather(*(identity.refresh(session.refresh_token) for _ in range(20)))
    (successor,) = {each.refresh_token for each in renewed}
    assert await identity.refresh(successor)


async def test_a_copied_token_that_comes_after_its_successor_was_used_ends_the_session(identity, someone):
    stolen = await identity.sign_in(someone.email, PASSWORD, HOME)
    renewed = await identity.refresh(stolen.refresh_token)
    newest = await identity.refresh(renewed.refresh_token)
    with pytest.raises(SessionEnded):
        await identity.refresh(stolen.refresh_token)
    with pytest.raises(SessionEnded):
        await identity.refresh(newest.refresh_token)


async def test_a_copied_token_that_comes_too_late_ends_the_session(identity, someone, clock):
    stolen = await identity.sign_in(someone.email, PASSWORD, HOME)
    renewed = await identity.refresh(stolen.refresh_token)
    await clock.advance(11)
    with pytest.raises(SessionEnded):
        await identity.refresh(stolen.refresh_token)
    with pytest.raises(SessionEnded):
        await identity.refresh(renewed.refresh_token)


async def test_one_session_that_ends_leaves_the_persons_others_alone(identity, someone):
    desk, tablet = [await identity.sign_in(someone.email, PASSWORD, HOME) for _ in range(2)]
    await identity.sign_out(desk.refresh_token)
    assert await identity.refresh(tablet.refresh_token)


async def test_an_unused_refresh_token_runs_out_after_two_weeks(identity, someone, clock):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    await clock.advance(timedelta(days=14).total_seconds())
    with pytest.raises(SessionEnded):
        await identity.refresh(session.refresh_token)


async def test_a_token_from_nowhere_is_refused(identity):
    with pytest.raises(SessionEnded):
        await identity.refresh("made-up")


async def test_tokens_are_verified_while_the_database_is_away(identity, someone, tokens, passwords, clock, tmp_path):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    away = Database(f"postgresql://nobody:x@/nothing?host={tmp_path}")
    cut_off = Identity(away, tokens, RefreshTokens(away, "a secret"), passwords, clock)
    assert cut_off.verify(session.access_token) == session.principal
    with pytest.raises(StoreUnavailable):
        await cut_off.refresh(session.refresh_token)
    await away.close()


async def test_a_stored_password_costs_a_thief_what_owasp_asks_for(quick_passwords, monkeypatch):
    for name, cost in quick_passwords.items():
        monkeypatch.setattr(f"dispatch.identity.passwords.{name}", cost)
    passwords = Passwords()
    stored = await passwords.hash(PASSWORD)
    passwords.close()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_too_many_sign_ins_at_once_are_told_to_try_again():
    passwords = Passwords()
    answers = await asyncio.gather(*(passwords.matches(None, "x") for _ in range(80)), return_exceptions=True)
    passwords.close()
    assert sum(isinstance(answer, IdentityBusy) for answer in answers) == 80 - 66


async def test_no_token_and_no_name_shows_in_a_sessions_repr(identity, someone):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    for secret in (session.access_token, session.refresh_token, session.principal.display_name):
        assert secret not in repr(session)


async def suspend(database, person_id, at):
    async with database.transaction(REGISTRY) as session:
        await session.execute(update(PersonRow).where(PersonRow.person_id == person_id).values(suspended_at=at))
