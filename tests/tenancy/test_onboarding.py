"""Onboarding organisations, who sees them, and what suspending one takes away."""

import pytest
from sqlalchemy import select

from dispatch.contract.roles import Role
from dispatch.identity import Grant, ScopeKind
from dispatch.storage import Context, DatabaseRole
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import AuditEventRow, EntryRow
from dispatch.tenancy.directory import read_directory
from tests.tenancy.conftest import Somebody, Town

pytestmark = pytest.mark.integration


async def test_a_new_hospital_and_community_are_seen_by_their_own_people_at_once_and_by_nobody_else(
    town: Town, chief: Somebody
):
    hospital, community, elsewhere = await town.hospital(chief), await town.community(chief), await town.hospital(chief)
    await town.ask(chief, "link_hospital", hospital_id=hospital, community_id=community)
    admin, manager = (
        await town.somebody(Role.HOSPITAL_ADMIN, hospital),
        await town.somebody(Role.COMMUNITY_MANAGER, community),
    )
    stranger = await town.somebody(Role.HOSPITAL_ADMIN, elsewhere)
    seen = await town.ask(admin, "read_hospital", hospital_id=hospital)
    assert seen.communities == (community,)
    assert [row.community_id for row in (await town.ask(admin, "list_communities")).communities] == [community]
    assert [row.hospital_id for row in (await town.ask(manager, "list_hospitals")).hospitals] == [hospital]
    assert [row.hospital_id for row in (await town.ask(stranger, "list_hospitals")).hospitals] == [elsewhere]
    assert await town.refusal(stranger, "read_hospital", hospital_id=hospital) == "not_found"
    await town.ask(chief, "unlink_hospital", hospital_id=hospital, community_id=community)
    assert (await town.ask(admin, "list_communities")).communities == ()


async def test_a_dispatch_centre_serves_communities_and_its_people_read_it(town: Town, chief: Somebody):
    centre, community = await town.centre(chief), await town.community(chief)
    for _ in range(2):
        await town.ask(chief, "link_centre", centre_id=centre, community_id=community)
    operator = await town.somebody(Role.OPERATOR, centre)
    seen = await town.ask(operator, "read_centre", centre_id=centre)
    assert (seen.public_number, seen.communities) == ("112", (community,))
    assert await town.refusal(operator, "link_centre", centre_id=centre, community_id=community) == "not_allowed"


async def test_onboarding_twice_with_one_key_makes_one_hospital(town: Town, chief: Somebody):
    answers = [await town.ask(chief, "onboard_hospital", {"name": "Once"}, key="the-same-key-twice") for _ in range(2)]
    assert answers[0] == answers[1]
    assert await town.refusal(chief, "onboard_hospital", {"name": "Other"}, key="the-same-key-twice") == "key_reused"


async def test_of_two_who_change_a_hospital_at_once_one_is_told_to_read_again(town: Town, chief: Somebody):
    hospital = await town.hospital(chief)
    changed = await town.answer(chief, "change_hospital", {"name": "New"}, hospital_id=hospital, version=1)
    assert (changed.version, changed.body.name) == (2, "New")
    body = {"name": "Newer"}
    assert await town.refusal(chief, "change_hospital", body, hospital_id=hospital, version=1) == "version_conflict"
    assert await town.refusal(chief, "change_hospital", body, hospital_id="none", version=1) == "not_found"
    assert await town.refusal(chief, "change_hospital", body, hospital_id=hospital) == "version_needed"


async def test_lists_are_read_in_pages_by_whoever_began_them(town: Town, chief: Somebody):
    hospital = await town.hospital(chief)
    admin = await town.somebody(Role.HOSPITAL_ADMIN, hospital)
    for _ in range(4):
        await town.somebody(Role.NURSE, hospital)
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = await town.ask(admin, "list_staff", query=query, hospital_id=hospital)
        seen += [member.staff_id for member in page.staff]
        last, cursor = cursor, page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
    thief = await town.somebody(Role.HOSPITAL_ADMIN, hospital)
    query = {"limit": "2", "cursor": last}
    assert await town.refusal(thief, "list_staff", query=query, hospital_id=hospital) == "invalid_message"


async def test_a_suspended_hospital_loses_its_people_within_a_minute_and_they_lose_nothing_else(
    town: Town, chief: Somebody
):
    hospital, community = await town.hospital(chief), await town.community(chief)
    nurse = await town.somebody(Role.NURSE, hospital)
    await town.somebody(Role.COMMUNITY_MANAGER, community, nurse.person_id)
    both = town.token(
        nurse.person_id,
        Grant(Role.NURSE, ScopeKind.HOSPITAL, hospital),
        Grant(Role.COMMUNITY_MANAGER, ScopeKind.COMMUNITY, community),
    )
    assert (await town.ask(both, "who_am_i")).roles == ("community_manager", "nurse")
    await town.ask(chief, "suspend_hospital", hospital_id=hospital, version=1)
    await town.a_minute()
    assert (await town.ask(both, "who_am_i")).roles == ("community_manager",)
    assert await town.refusal(both, "list_staff", hospital_id=hospital) == "not_allowed"
    assert (await town.identity.open(nurse.person_id)).principal.roles == {Role.COMMUNITY_MANAGER}
    assert await town.refusal(chief, "invite", invitation(Role.NURSE, hospital)) == "wrong_state"
    await town.ask(chief, "reinstate_hospital", hospital_id=hospital, version=2)
    await town.a_minute()
    assert (await town.ask(both, "who_am_i")).roles == ("community_manager", "nurse")


async def test_a_role_that_was_taken_away_does_not_come_back_with_its_hospital(town: Town, chief: Somebody):
    hospital = await town.hospital(chief)
    nurse = await town.somebody(Role.NURSE, hospital)
    await town.somebody(Role.HOSPITAL_ADMIN, hospital)
    (grant,) = (await town.ask(chief, "list_grants", query={"person_id": nurse.person_id})).grants
    await town.ask(chief, "revoke_grant", grant_id=grant.grant_id)
    await town.ask(chief, "suspend_hospital", hospital_id=hospital, version=1)
    await town.ask(chief, "reinstate_hospital", hospital_id=hospital, version=2)
    assert (await town.identity.open(nurse.person_id)).principal.roles == frozenset()


async def test_a_centre_takes_over_from_one_that_exists_and_is_not_itself(town: Town, chief: Somebody):
    centre = await town.centre(chief)
    body = {"name": "Other", "public_number": "112", "overflow_centre_id": "nowhere"}
    assert await town.refusal(chief, "onboard_centre", body) == "not_found"
    body["overflow_centre_id"] = centre
    assert (await town.ask(chief, "onboard_centre", body)).overflow_centre_id == centre
    assert await town.refusal(chief, "change_centre", body, centre_id=centre, version=1) == "conflict"


def invitation(role: Role, scope_id: str) -> dict[str, str]:
    return {"email": "somebody@people.example", "display_name": "Somebody", "role": role, "scope_id": scope_id}


async def test_calls_that_come_in_for_a_suspended_centre_go_to_its_overflow_centre(town: Town, chief: Somebody):
    overflow = await town.centre(chief)
    body = {"name": "Centre", "public_number": "112", "overflow_centre_id": overflow}
    centre = (await town.ask(chief, "onboard_centre", body)).centre_id
    async with town.database.transaction(REGISTRY) as session:
        session.add(EntryRow(entry_id=f"web-{centre}", centre_id=centre))
    assert (await read_directory(town.database)).centre_of_entry(f"web-{centre}").centre_id == centre
    await town.ask(chief, "suspend_centre", centre_id=centre, version=1)
    assert (await read_directory(town.database)).centre_of_entry(f"web-{centre}").centre_id == overflow


async def test_an_entry_brings_calls_to_the_centre_that_it_was_opened_for_last(town: Town, chief: Somebody):
    first, second = await town.centre(chief), await town.centre(chief)
    entry = f"green-acres-{first[-6:]}"
    for centre in (first, first, second):
        await town.ask(chief, "open_entry", centre_id=centre, entry_id=entry)
        assert (await read_directory(town.database)).centre_of_entry(entry).centre_id == centre
    assert (await town.ask(chief, "list_entries", centre_id=first)).entries == ()
    assert (await town.ask(chief, "list_entries", centre_id=second)).entries == (entry,)
    await town.ask(chief, "close_entry", centre_id=first, entry_id=entry)
    assert (await town.ask(chief, "list_entries", centre_id=second)).entries == (entry,), "it is not the first one's"
    await town.ask(chief, "close_entry", centre_id=second, entry_id=entry)
    assert (await read_directory(town.database)).centre_of_entry(entry).centre_id != second
    assert await town.refusal(chief, "open_entry", centre_id="none", entry_id=entry) == "not_found"
    supervisor = await town.somebody(Role.SUPERVISOR, second)
    assert await town.refusal(supervisor, "open_entry", centre_id=second, entry_id=entry) == "not_allowed"


async def test_an_exercise_comes_in_at_the_trainers_own_centre(town: Town, chief: Somebody):
    centre = await town.centre(chief)
    trainer, trainee = await town.somebody(Role.TRAINER, centre), await town.somebody(Role.OPERATOR, centre)
    offer = {"scenario_id": "fall", "title": "A fall", "type": "type_17", "category": 3, "language": "en"}
    manner = {"emotion": 1, "erratic": 1, "longest_s": 60, "brief": ""}
    player = {"player_id": f"player-{centre}", "scenarios": [offer | manner]}
    await town.ask(trainer, "introduce_player", player)
    wanted = {"scenario_id": "fall", "trainee_id": trainee.person_id}
    assert await town.refusal(trainer, "request_exercise", wanted) == "wrong_state", "no entry leads there yet"
    await town.ask(chief, "open_entry", centre_id=centre, entry_id=f"app-{centre}")
    await town.ask(trainer, "request_exercise", wanted)
    claimed = await town.ask(trainer, "claim_exercise", {"player_id": player["player_id"]})
    assert (claimed.exercise.trainee_id, claimed.entry) == (trainee.person_id, f"app-{centre}")


async def test_a_super_admins_deed_on_a_hospital_is_in_that_hospitals_audit_log(town: Town, chief: Somebody):
    hospital = await town.hospital(chief)
    async with town.database.transaction(Context(DatabaseRole.AUDITOR)) as session:
        query = select(AuditEventRow).where(AuditEventRow.subject_id == hospital)
        (entry,) = (await session.scalars(query)).all()
    assert (entry.action, entry.tenant_kind, entry.tenant_id) == ("onboard_hospital", "hospital", hospital)
