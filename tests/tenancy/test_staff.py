"""Inviting, giving and taking roles, suspending staff: one person each, and nobody's reach beyond their own place."""

import pytest
from sqlalchemy import func, select

from dispatch.contract.people import AcceptInvitation
from dispatch.contract.problems import Refused
from dispatch.contract.roles import Role
from dispatch.identity import SignInRefused
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import PersonRow
from tests.tenancy.conftest import HOME, PASSWORD, Somebody, Town, new_email

pytestmark = pytest.mark.integration


def offer(email: str, role: Role, scope_id: str | None) -> dict[str, object]:
    return {"email": email, "display_name": "Nora Nurse", "role": role, "scope_id": scope_id}


async def invited(town: Town, by: Somebody, email: str, role: Role, scope_id: str | None) -> str:
    """The token of a new invitation."""
    made = await town.ask(by, "invite", offer(email, role, scope_id))
    return str((await town.ask(by, "read_invitation_link", invitation_id=made.invitation_id)).token)


async def accepted(town: Town, token: str, **more: str):
    return await town.reception.accept(AcceptInvitation(token=token, password=PASSWORD, **more), HOME, "Tablet")


@pytest.fixture
async def hospital(town: Town, chief: Somebody) -> str:
    return await town.hospital(chief)


@pytest.fixture
async def admin(town: Town, hospital: str) -> Somebody:
    return await town.somebody(Role.HOSPITAL_ADMIN, hospital)


async def test_an_invited_nurse_sets_a_password_is_in_and_can_sign_in_again(town, admin, hospital):
    email = new_email()
    session = await accepted(town, await invited(town, admin, email.upper(), Role.NURSE, hospital))
    assert session.principal.roles == {Role.NURSE}
    assert (await town.identity.sign_in(email, PASSWORD, HOME)).principal.person_id == session.principal.person_id
    staff = (await town.ask(admin, "list_staff", hospital_id=hospital)).staff
    assert [member.display_name for member in staff if member.roles == (Role.NURSE,)] == ["Nora Nurse"]


async def test_an_invitation_works_once_until_it_is_taken_back_or_runs_out(town, admin, hospital):
    token = await invited(town, admin, new_email(), Role.NURSE, hospital)
    await accepted(town, token)
    withdrawn = await town.ask(admin, "invite", offer(new_email(), Role.NURSE, hospital))
    link = await town.ask(admin, "read_invitation_link", invitation_id=withdrawn.invitation_id)
    await town.ask(admin, "withdraw_invitation", invitation_id=withdrawn.invitation_id)
    old = await invited(town, admin, new_email(), Role.NURSE, hospital)
    await town.later(7 * 86_400)
    for dead in (token, link.token, old, "made.up", withdrawn.invitation_id):
        with pytest.raises(Refused, match="does not work"):
            await accepted(town, dead)
    path = {"invitation_id": withdrawn.invitation_id}
    again = await town.somebody(Role.HOSPITAL_ADMIN, hospital)
    assert await town.refusal(again, "read_invitation_link", **path) == "wrong_state"


async def test_an_e_mail_with_an_account_gets_no_second_one_and_the_offer_to_add_the_role(town, chief, admin, hospital):
    email, community = new_email(), await town.community(chief)
    first = await accepted(town, await invited(town, admin, email, Role.NURSE, hospital))
    second = await invited(town, chief, email, Role.COMMUNITY_MANAGER, community)
    with pytest.raises(Refused) as refused:
        await accepted(town, second)
    assert refused.value.problem.code == "account_exists"
    assert "account" in refused.value.problem.way_out
    both = await accepted(town, second, account=email)
    assert both.principal.person_id == first.principal.person_id
    assert both.principal.roles == {Role.NURSE, Role.COMMUNITY_MANAGER}
    assert {grant.scope_id for grant in both.body().me.grants} == {hospital, community}
    staff = await town.ask(both.access_token, "list_staff", role="nurse", hospital_id=hospital)
    assert len(staff.staff) == 2
    async with town.database.transaction(REGISTRY) as session:
        people = select(func.count()).select_from(PersonRow).where(PersonRow.email == email)
        assert await session.scalar(people) == 1


async def test_a_role_is_added_to_an_account_only_by_whoever_holds_it(town, admin, hospital):
    email = new_email()
    await accepted(town, await invited(town, admin, email, Role.NURSE, hospital))
    token = await invited(town, admin, new_email(), Role.PARAMEDIC, hospital)
    with pytest.raises(SignInRefused):
        await town.reception.accept(AcceptInvitation(token=token, password="not the password", account=email), HOME, "")
    assert (await accepted(town, token, account=email)).principal.roles == {Role.NURSE, Role.PARAMEDIC}


async def test_nobody_gives_roles_beyond_their_own_place_or_above_their_own(town, chief, admin, hospital):
    elsewhere = await town.hospital(chief)
    assert await town.refusal(admin, "invite", offer(new_email(), Role.NURSE, elsewhere)) == "not_found"
    assert await town.refusal(admin, "invite", offer(new_email(), Role.SUPER_ADMIN, None)) == "not_allowed"
    assert await town.refusal(chief, "invite", offer(new_email(), Role.NURSE, None)) == "invalid_message"
    assert await town.refusal(chief, "invite", offer(new_email(), Role.RESIDENT, "c")) == "not_allowed"
    foreign = await town.somebody(Role.NURSE, elsewhere)
    grant = {"person_id": foreign.person_id, "role": Role.NURSE, "scope_id": hospital}
    assert await town.refusal(admin, "grant_role", grant) == "not_found"
    theirs = (await town.ask(chief, "list_grants", query={"person_id": foreign.person_id})).grants[0]
    assert await town.refusal(admin, "revoke_grant", grant_id=theirs.grant_id) == "not_found"


async def test_a_supervisor_gives_and_takes_the_roles_of_the_own_centre(town, chief):
    centre, elsewhere = await town.centre(chief), await town.centre(chief)
    supervisor = await town.somebody(Role.SUPERVISOR, centre)
    session = await accepted(town, await invited(town, supervisor, new_email(), Role.OPERATOR, centre))
    operator = session.principal.person_id
    grant = {"person_id": operator, "role": Role.TRAINER, "scope_id": centre}
    made = await town.ask(supervisor, "grant_role", grant)
    assert await town.refusal(supervisor, "grant_role", grant) == "conflict"
    assert await town.refusal(supervisor, "grant_role", grant | {"scope_id": elsewhere}) == "not_found"
    assert await town.refusal(supervisor, "grant_role", grant | {"role": Role.SUPERVISOR}) == "not_allowed"
    await town.ask(supervisor, "revoke_grant", grant_id=made.grant_id)
    assert (await town.ask(supervisor, "grant_role", grant)).grant_id == made.grant_id
    seen = (await town.ask(supervisor, "list_grants")).grants
    assert {row.person_id for row in seen} == {operator, supervisor.person_id}


async def test_a_suspended_nurse_has_no_role_within_a_minute_and_is_a_resident_as_before(town, chief, admin, hospital):
    nurse = await town.somebody(Role.NURSE, hospital)
    await town.somebody(Role.RESIDENT, await town.community(chief), nurse.person_id)
    staff = (await town.ask(admin, "list_staff", hospital_id=hospital)).staff
    member = next(member for member in staff if member.person_id == nurse.person_id)
    answer = await town.answer(admin, "suspend_staff", staff_id=member.staff_id, version=member.version)
    assert (answer.body.roles, answer.version) == ((), 2)
    await town.a_minute()
    assert await town.refusal(nurse, "list_staff", hospital_id=hospital) == "not_allowed"
    assert (await town.identity.open(nurse.person_id)).principal.roles == {Role.RESIDENT}
    grant = {"person_id": nurse.person_id, "role": Role.PARAMEDIC, "scope_id": hospital}
    assert await town.refusal(admin, "grant_role", grant) == "wrong_state"
    await town.ask(admin, "reinstate_staff", staff_id=member.staff_id, version=2)
    await town.a_minute()
    assert await town.ask(nurse, "list_staff", hospital_id=hospital)


async def test_staff_are_suspended_by_their_own_hospital_alone_and_never_by_themselves(town, chief, admin, hospital):
    stranger = await town.somebody(Role.HOSPITAL_ADMIN, await town.hospital(chief))
    (member,) = (await town.ask(admin, "list_staff", hospital_id=hospital)).staff
    path = {"staff_id": member.staff_id, "version": 1}
    assert await town.refusal(stranger, "suspend_staff", **path) == "not_found"
    assert await town.refusal(admin, "suspend_staff", **path) == "wrong_state"
    assert (await town.ask(chief, "suspend_staff", **path)).suspended_at is not None


async def test_a_person_who_is_suspended_everywhere_is_out_within_a_minute(town, chief, hospital):
    nurse = await town.somebody(Role.NURSE, hospital)
    await town.ask(chief, "suspend_person", person_id=nurse.person_id, version=1)
    await town.a_minute()
    assert await town.refusal(nurse, "who_am_i") == "not_signed_in"
    assert await town.refusal(chief, "suspend_person", person_id=chief.person_id, version=1) == "wrong_state"
    await town.ask(chief, "reinstate_person", person_id=nurse.person_id, version=2)
    await town.a_minute()
    assert (await town.ask(nurse, "who_am_i")).person_id == nurse.person_id


async def test_the_last_super_admin_keeps_the_role(fresh_database, tmp_path, passwords):
    town = Town(fresh_database, tmp_path, passwords)
    chief = await town.somebody(Role.SUPER_ADMIN)
    (grant,) = (await town.ask(chief, "list_grants")).grants
    assert await town.refusal(chief, "revoke_grant", grant_id=grant.grant_id) == "wrong_state"
    await town.somebody(Role.SUPER_ADMIN)
    await town.ask(chief, "revoke_grant", grant_id=grant.grant_id)
