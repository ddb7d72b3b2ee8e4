"""Two records of one human being: found, merged, and taken apart again."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from dispatch.contract.roles import Role
from dispatch.identity import SecondFactorNeeded, SecondFactorRefused, SecondFactors
from dispatch.identity.totp import code_at, step_of
from dispatch.storage.context import IDENTITY, REGISTRY
from dispatch.storage.tables import CredentialRow, PersonRow
from tests.tenancy.conftest import HOME, PASSWORD, Somebody, Town, new_email

pytestmark = pytest.mark.integration


async def with_login(town: Town, who: Somebody, name: str, passwords) -> str:
    """Gives somebody an e-mail and a password; returns the e-mail."""
    email = new_email()
    values = {"email": email, "display_name": name}
    async with town.database.transaction(REGISTRY) as session:
        await session.execute(update(PersonRow).where(PersonRow.person_id == who.person_id).values(**values))
    async with town.database.transaction(IDENTITY) as session:
        session.add(CredentialRow(person_id=who.person_id, password_hash=await passwords.hash(PASSWORD)))
    return email


class Pair:
    def __init__(self, kept: Somebody, other: Somebody, hospital: str, elsewhere: str) -> None:
        self.kept, self.other, self.hospital, self.elsewhere = kept, other, hospital, elsewhere

    @property
    def merge(self) -> dict[str, str]:
        return {"other_id": self.other.person_id, "reason": "Same passport"}


@pytest.fixture
async def pair(town: Town, chief: Somebody) -> Pair:
    """A nurse of one hospital, and the same nurse as a paramedic of both."""
    hospital, elsewhere = await town.hospital(chief), await town.hospital(chief)
    kept, other = await town.somebody(Role.NURSE, hospital), await town.somebody(Role.PARAMEDIC, elsewhere)
    await town.somebody(Role.NURSE, hospital, other.person_id)
    return Pair(kept, other, hospital, elsewhere)


async def test_likely_pairs_are_offered_with_what_speaks_for_them(town, chief, pair, passwords):
    name = f"Nora {pair.kept.person_id}"
    await with_login(town, pair.kept, name, passwords)
    await with_login(town, pair.other, name.upper(), passwords)
    pairs = {
        frozenset((match.person_id, match.other_id)): match for match in (await town.ask(chief, "list_matches")).matches
    }
    assert pairs[frozenset((pair.kept.person_id, pair.other.person_id))].why == ("the same name",)


async def test_both_old_ids_and_both_logins_lead_to_the_one_person(town, chief, pair, passwords):
    logins = [await with_login(town, who, "Nora", passwords) for who in (pair.kept, pair.other)]
    merged = await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    assert (merged.person_id, merged.also_known_as) == (pair.kept.person_id, (pair.other.person_id,))
    assert await town.ask(chief, "read_person", person_id=pair.other.person_id) == merged
    for email in logins:
        principal = (await town.identity.sign_in(email, PASSWORD, HOME)).principal
        assert principal.person_id == pair.kept.person_id
        assert {(grant.role, grant.scope_id) for grant in principal.grants} == {
            (Role.NURSE, pair.hospital),
            (Role.PARAMEDIC, pair.elsewhere),
        }


async def test_a_merge_taken_back_restores_both_as_they_were(town, chief, pair, passwords):
    for who in (pair.kept, pair.other):
        await with_login(town, who, "Nora", passwords)
    before = [(await town.identity.open(who.person_id)).principal.grants for who in (pair.kept, pair.other)]
    await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    apart = await town.ask(chief, "unmerge_person", person_id=pair.other.person_id)
    assert apart.person_id == pair.other.person_id
    after = [(await town.identity.open(who.person_id)).principal.grants for who in (pair.kept, pair.other)]
    assert [set(grants) for grants in after] == [set(grants) for grants in before]
    assert await town.refusal(chief, "unmerge_person", person_id=pair.other.person_id) == "wrong_state"


async def test_a_session_from_before_goes_on_under_the_id_that_counts(town, chief, pair):
    session = await town.identity.open(pair.other.person_id)
    await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    await town.a_minute()
    assert await town.refusal(session.access_token, "who_am_i") == "not_signed_in"
    renewed = await town.identity.refresh(session.refresh_token)
    assert renewed.principal.person_id == pair.kept.person_id
    await town.ask(chief, "unmerge_person", person_id=pair.other.person_id)
    await town.a_minute()
    assert await town.refusal(renewed.access_token, "who_am_i") == "not_signed_in"
    apart = await town.identity.refresh(renewed.refresh_token)
    assert (await town.ask(apart.access_token, "who_am_i")).person_id == pair.other.person_id


async def test_merges_are_never_chained_and_never_let_a_suspended_person_in(town, chief, pair):
    third = await town.somebody(Role.NURSE, pair.elsewhere)
    await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    for kept, other in ((third, pair.other), (third, pair.kept), (pair.kept, pair.kept)):
        body = {"other_id": other.person_id, "reason": "No reason"}
        assert await town.refusal(chief, "merge_people", body, person_id=kept.person_id) == "conflict"
    await town.ask(chief, "suspend_person", person_id=third.person_id, version=1)
    fourth = await town.somebody(Role.NURSE, pair.elsewhere)
    body = {"other_id": third.person_id, "reason": "No reason"}
    assert await town.refusal(chief, "merge_people", body, person_id=fourth.person_id) == "wrong_state"


async def with_app(town: Town, who: Somebody) -> Callable[[], dict[str, str]]:
    """Gives somebody with a login an authenticator app; returns what tells its present code."""
    enrolment = await town.ask(who, "enrol_second_factor")

    def code() -> dict[str, str]:
        return {"code": code_at(enrolment.secret, step_of(town.clock.now()))}

    await town.ask(who, "confirm_second_factor", code())
    await town.later(60)
    return code


async def test_each_login_keeps_its_second_factor_and_either_proves_who_they_are(town, chief, pair, passwords):
    logins = [await with_login(town, who, "Nora", passwords) for who in (pair.kept, pair.other)]
    app = await with_app(town, pair.other)
    factors = SecondFactors(town.database)
    await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    with pytest.raises(SecondFactorNeeded):
        await town.identity.sign_in(logins[1], PASSWORD, HOME)
    assert (await town.identity.sign_in(logins[1], PASSWORD, HOME, **app())).principal.person_id == pair.kept.person_id
    await town.later(60)
    async with town.database.transaction(IDENTITY) as session:
        assert await factors.enrolled(session, pair.kept.person_id)
        await factors.prove(session, pair.kept.person_id, app()["code"], town.clock.now())
    with pytest.raises(SecondFactorRefused):
        async with town.database.transaction(IDENTITY) as session:
            await factors.prove(session, pair.kept.person_id, app()["code"], town.clock.now())
    await town.ask(chief, "unmerge_person", person_id=pair.other.person_id)
    async with town.database.transaction(IDENTITY) as session:
        assert [await factors.enrolled(session, who.person_id) for who in (pair.kept, pair.other)] == [False, True]


async def test_whoever_has_an_app_for_each_login_takes_away_the_one_they_hold(town, chief, pair, passwords):
    logins = [await with_login(town, who, "Nora", passwords) for who in (pair.kept, pair.other)]
    mine, other = await with_app(town, pair.kept), await with_app(town, pair.other)
    await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    await town.ask(pair.kept, "remove_second_factor", other())
    assert await town.identity.sign_in(logins[1], PASSWORD, HOME)
    with pytest.raises(SecondFactorNeeded):
        await town.identity.sign_in(logins[0], PASSWORD, HOME)
    assert await town.identity.sign_in(logins[0], PASSWORD, HOME, **mine())


async def test_a_medical_director_is_one_under_the_id_that_counts_and_again_after_the_merge_was_taken_back(
    town, chief, pair
):
    centres = [await town.centre(chief) for _ in range(2)]
    for who, centre_id in ((pair.other, centres[0]), (pair.other, centres[1]), (pair.kept, centres[1])):
        await town.ask(chief, "appoint_medical_director", {"person_id": who.person_id, "centre_id": centre_id})
    await town.ask(chief, "merge_people", pair.merge, person_id=pair.kept.person_id)
    assert await directed(town, pair.kept) == sorted(centres)
    await town.ask(chief, "unmerge_person", person_id=pair.other.person_id)
    assert await directed(town, pair.kept) == [centres[1]]
    assert await directed(town, pair.other) == sorted(centres)


async def directed(town: Town, who: Somebody) -> list[str]:
    """The centres for which somebody signs."""
    mine = await town.ask(who, "list_medical_directors", query={"mine": "true"})
    return sorted(director.centre_id for director in mine.directors)


async def test_nobody_becomes_a_medical_director_by_merging_a_record_into_their_own(town, chief, pair):
    centre_id = await town.centre(chief)
    await town.ask(chief, "appoint_medical_director", {"person_id": pair.other.person_id, "centre_id": centre_id})
    assert await town.refusal(chief, "merge_people", pair.merge, person_id=chief.person_id) == "not_allowed"
    assert await directed(town, pair.other) == [centre_id]
