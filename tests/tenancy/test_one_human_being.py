"""Two records of one human being: found, merged, and taken apart again."""

import pytest
from sqlalchemy import update

from dispatch.contract.roles import Role
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
