"""Authenticator apps, one-time codes, the list of sessions, and being shown out."""

import asyncio
import secrets

import pytest
from sqlalchemy import select, update

from dispatch.identity import (
    IdentityBusy,
    OneTimeCodes,
    RememberedCodes,
    SecondFactorNeeded,
    SecondFactorRefused,
    SecondFactors,
    SessionEnded,
    SignInRefused,
    SlowDown,
    end_session,
    live_sessions,
)
from dispatch.identity.one_time_codes import WAITING, digest
from dispatch.identity.totp import code_at, step_of
from dispatch.storage import Context, DatabaseRole
from dispatch.storage.context import IDENTITY, REGISTRY
from dispatch.storage.tables import OneTimeCodeRow, PersonRow
from dispatch.tenancy import reinstate, suspend
from tests.identity.conftest import PASSWORD, seen

pytestmark = pytest.mark.integration

HOME = "192.0.2.1"


@pytest.fixture
async def app(database, someone, clock):
    """Someone's authenticator app, switched on two steps ago; call it for the present code."""
    factors = SecondFactors(database)
    async with database.transaction(IDENTITY) as session:
        enrolment = await factors.enrol(session, someone.person_id)

    def code() -> str:
        return code_at(enrolment.secret, step_of(clock.now()))

    async with database.transaction(IDENTITY) as session:
        await factors.confirm(session, someone.person_id, code(), clock.now())
    await clock.advance(60)
    return code


async def test_with_an_authenticator_app_the_password_alone_is_not_enough(identity, someone, app):
    with pytest.raises(SecondFactorNeeded):
        await identity.sign_in(someone.email, PASSWORD, HOME)
    assert await identity.sign_in(someone.email, PASSWORD, HOME, code=app())


async def test_whether_there_is_an_authenticator_app_shows_only_to_who_knows_the_password(identity, someone, app):
    with pytest.raises(SignInRefused):
        await identity.sign_in(someone.email, "wrong", HOME)


async def test_a_code_of_the_app_counts_once_even_when_it_comes_twice_at_a_time(identity, someone, app):
    code = app()
    answers = await asyncio.gather(
        *(identity.sign_in(someone.email, PASSWORD, HOME, code=code) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, SecondFactorRefused) for answer in answers) == 3


async def test_guessing_codes_of_the_app_is_slowed_down_like_guessing_passwords(identity, someone, app):
    for _ in range(5):
        with pytest.raises(SecondFactorRefused):
            await identity.sign_in(someone.email, PASSWORD, HOME, code="none")
    with pytest.raises(SlowDown):
        await identity.sign_in(someone.email, PASSWORD, HOME, code=app())


async def test_an_app_that_was_never_confirmed_keeps_nobody_out(identity, someone, database):
    async with database.transaction(IDENTITY) as session:
        await SecondFactors(database).enrol(session, someone.person_id)
    assert await identity.sign_in(someone.email, PASSWORD, HOME)


async def test_an_app_can_be_replaced_only_with_a_code_of_the_old_one(identity, someone, database, app, clock):
    factors = SecondFactors(database)
    with pytest.raises(SecondFactorRefused):
        async with database.transaction(IDENTITY) as session:
            await factors.enrol(session, someone.person_id)
    with pytest.raises(SecondFactorRefused):
        async with database.transaction(IDENTITY) as session:
            await factors.remove(session, someone.person_id, "none", clock.now())
    async with database.transaction(IDENTITY) as session:
        await factors.remove(session, someone.person_id, app(), clock.now())
    assert await identity.sign_in(someone.email, PASSWORD, HOME)


async def test_an_app_whose_removal_could_not_be_written_down_stays(identity, someone, database, app, clock):
    async def removed_without_a_trace() -> None:
        async with database.transaction(someone_acting(someone)) as session:
            await SecondFactors(database).remove(session, someone.person_id, app(), clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await removed_without_a_trace()
    with pytest.raises(SecondFactorNeeded):
        await identity.sign_in(someone.email, PASSWORD, HOME)


def someone_acting(someone) -> Context:
    covers = frozenset({("centre", str(someone.centre_id))})
    return Context(DatabaseRole.OPERATOR, someone.person_id, someone.centre_id, covers)


@pytest.fixture
async def phone(database, someone) -> str:
    number = f"+44770{secrets.randbelow(10**8):08}"
    async with database.transaction(REGISTRY) as session:
        await session.execute(update(PersonRow).where(PersonRow.person_id == someone.person_id).values(phone=number))
    return number


@pytest.fixture
def sender() -> RememberedCodes:
    return RememberedCodes()


@pytest.fixture
def codes(database, sender, clock) -> OneTimeCodes:
    return OneTimeCodes(database, sender, "a secret", clock)


async def ask(codes: OneTimeCodes, phone: str) -> str:
    ticket = codes.request(phone)
    await codes.send_next()
    return ticket


async def test_a_code_by_phone_lets_its_owner_in_once(identity, someone, codes, sender, phone):
    ticket = await ask(codes, f"{phone[:4]} ({phone[4:]})")
    session = await identity.sign_in_by_phone(codes, ticket, sender.last[phone], client="Phone")
    assert session.principal.person_id == someone.person_id
    with pytest.raises(SignInRefused):
        await identity.sign_in_by_phone(codes, ticket, sender.last[phone])


async def test_a_number_that_nobody_has_gets_the_same_answer_and_no_message(identity, codes, sender):
    ticket = await ask(codes, "+44 7700 900999")
    assert len(ticket) == 43
    assert sender.last == {}
    with pytest.raises(SignInRefused):
        await identity.sign_in_by_phone(codes, ticket, "000000")


async def test_the_ticket_of_a_number_that_nobody_has_is_kept_and_tried_like_any_other(codes, phone, database):
    tickets = [await ask(codes, number) for number in (phone, "+44 7700 900997")]
    for ticket in tickets:
        with pytest.raises(SignInRefused):
            await codes.redeem(ticket, "none")
    async with database.transaction(IDENTITY) as session:
        rows = select(OneTimeCodeRow.tries).where(OneTimeCodeRow.ticket_hash.in_(map(digest, tickets)))
        assert list(await session.scalars(rows)) == [1, 1]


async def test_a_code_is_worth_nothing_without_the_ticket_it_was_asked_with(identity, codes, sender, phone):
    mine = await ask(codes, phone)
    code = sender.last[phone]
    theirs = await ask(codes, phone)
    with pytest.raises(SignInRefused):
        await codes.redeem(theirs, code if code != sender.last[phone] else "none")
    assert await codes.redeem(mine, code)


async def test_five_wrong_codes_use_a_ticket_up_and_nobody_elses(codes, sender, phone):
    mine = await ask(codes, phone)
    code = sender.last[phone]
    theirs = await ask(codes, phone)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await codes.redeem(theirs, "none")
    with pytest.raises(SignInRefused):
        await codes.redeem(theirs, sender.last[phone])
    assert await codes.redeem(mine, code)


async def test_a_code_runs_out_after_five_minutes(codes, sender, phone, clock):
    ticket = await ask(codes, phone)
    await clock.advance(300)
    with pytest.raises(SignInRefused):
        await codes.redeem(ticket, sender.last[phone])


async def test_nobodys_phone_is_flooded_with_messages(codes, sender, phone, clock):
    for _ in range(3):
        await ask(codes, phone)
    last = sender.last[phone]
    await ask(codes, phone)
    assert sender.last[phone] == last
    await clock.advance(601)
    sender.last.clear()
    await ask(codes, phone)
    assert phone in sender.last


async def test_who_knows_a_number_keeps_its_owner_out_from_no_address_and_floods_nobody(codes, sender, phone):
    for _ in range(10):
        codes.request(phone, "198.51.100.7")
        await codes.send_next()
    sender.last.clear()
    ticket = codes.request(phone, HOME)
    await codes.send_next()
    assert await codes.redeem(ticket, sender.last[phone])
    for number in range(20):
        sender.last.clear()
        codes.request(phone, f"203.0.113.{number}")
        await codes.send_next()
    assert sender.last == {}


async def test_a_suspended_person_gets_no_code(codes, sender, phone, database, someone, clock):
    await suspend(database, someone.person_id, clock.now())
    await ask(codes, phone)
    assert sender.last == {}


async def test_too_many_requests_for_codes_are_told_to_try_again(codes):
    for _ in range(WAITING):
        codes.request("+44 7700 900999")
    with pytest.raises(IdentityBusy):
        codes.request("+44 7700 900999")


async def test_a_person_sees_where_they_are_signed_in_and_ends_one_of_them(identity, someone, database, clock):
    desk = await identity.sign_in(someone.email, PASSWORD, HOME, client="Desk 1")
    await clock.advance(1)
    tablet = await identity.sign_in(someone.email, PASSWORD, HOME, client="Tablet")
    sessions = await live_sessions(database, someone.person_id, clock.now())
    assert [session.client for session in sessions] == ["Tablet", "Desk 1"]
    assert await end_session(database, someone.person_id, tablet.principal.session_id, clock.now())
    with pytest.raises(SessionEnded):
        await identity.refresh(tablet.refresh_token)
    assert await identity.refresh(desk.refresh_token)


async def test_nobody_ends_another_persons_session(identity, someone, database, clock):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    assert not await end_session(database, "somebody-else", session.principal.session_id, clock.now())
    assert await identity.refresh(session.refresh_token)


async def test_a_suspended_person_is_out_within_a_minute_and_back_when_reinstated(identity, someone, database, clock):
    session = await identity.sign_in(someone.email, PASSWORD, HOME)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(identity.keep_fresh())
        await clock.advance(1)
        assert identity.verify(session.access_token)
        assert await suspend(database, someone.person_id, clock.now())
        await seen(clock, lambda: not identity.welcome(session.principal))
        with pytest.raises(SessionEnded):
            identity.verify(session.access_token)
        watching.cancel()
    assert await reinstate(database, someone.person_id)
    assert await identity.sign_in(someone.email, PASSWORD, HOME)


async def test_suspending_nobody_says_so(database, clock):
    assert not await suspend(database, "nobody", clock.now())
