"""A medical director reads, signs and takes back over the API; nobody else does, and nowhere else."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, text

from dispatch.contract.problems import Refused
from dispatch.contract.roles import Role
from dispatch.identity.totp import code_at, step_of
from dispatch.storage import StoreRefused
from dispatch.storage.context import AUDITOR, REGISTRY
from dispatch.storage.engine import POOL_SIZE
from dispatch.storage.tables import AuditEventRow
from dispatch.triage import Readable, readable
from dispatch.triage.readable import digest_of
from tests.approvals.conftest import Centre
from tests.tenancy.conftest import Somebody, Town
from tests.tenancy.test_one_human_being import with_login

pytestmark = pytest.mark.integration

STROKE = "stroke"


def words(protocol_id: str = STROKE, **more: str) -> dict[str, str]:
    now = readable()[protocol_id]
    return {"version": now.text.version, "digest": now.digest, **more}


def place(centre: Centre, protocol_id: str = STROKE) -> dict[str, str]:
    return {"centre_id": centre.centre_id, "protocol_id": protocol_id}


async def signed(town: Town, centre: Centre, protocol_id: str = STROKE) -> Any:
    return await town.ask(centre.director, "sign_protocol", words(protocol_id), **place(centre, protocol_id))


async def state(town: Town, who: Somebody, centre: Centre, protocol_id: str = STROKE) -> str:
    return str((await town.ask(who, "read_protocol", **place(centre, protocol_id))).state.value)


async def test_a_centre_begins_with_nothing_signed_and_its_director_reads_all_of_it(town, centre):
    page = await town.ask(
        centre.director, "list_protocols", centre_id=centre.centre_id, query={"limit": "200"}
    )  # fmt: skip
    assert page.may_sign
    assert {line.state.value for line in page.protocols} == {"never"}
    assert [line.protocol_id for line in page.protocols] == sorted(readable())
    sheet = await town.ask(centre.director, "read_protocol", **place(centre))
    assert sheet.text == readable()[STROKE].text
    assert (sheet.history, sheet.second_factor) == ((), False)
    assert await town.refusal(centre.director, "read_protocol", **place(centre, "gone")) == "not_found"


async def test_the_list_goes_on_where_a_page_ended(town, centre):
    path, found, cursor = {"centre_id": centre.centre_id}, [], {}
    for _ in range(4):
        page = await town.ask(centre.director, "list_protocols", query={"limit": "20", **cursor}, **path)
        found += [line.protocol_id for line in page.protocols]
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
    assert found == sorted(readable())


async def test_a_signature_names_who_when_and_which_words_and_the_centre_sees_it(town, centre):
    line = await signed(town, centre)
    assert (line.state.value, line.last.digest) == ("signed", readable()[STROKE].digest)
    assert (line.last.person_id, line.last.at) == (centre.director.person_id, town.clock.now())
    seen = await town.ask(centre.supervisor, "list_protocols", centre_id=centre.centre_id, query={"limit": "200"})
    assert not seen.may_sign
    assert [one.protocol_id for one in seen.protocols if one.state.value == "signed"] == [STROKE]
    assert await town.refusal(centre.director, "sign_protocol", words(), **place(centre)) == "wrong_state"


async def test_what_was_not_read_is_not_signed(town, centre):
    for wrong in ({"digest": "0" * 64}, {"version": "1999.1"}):
        assert await town.refusal(centre.director, "sign_protocol", words() | wrong, **place(centre)) == "conflict"
    assert await state(town, centre.director, centre) == "never"


async def test_changed_words_make_a_protocol_unsigned_and_can_be_signed_anew(town, centre, monkeypatch):
    await signed(town, centre)
    text_now = readable()[STROKE].text.model_copy(update={"sources": ("a newer guideline",)})
    changed = {**readable(), STROKE: Readable(text_now, digest_of(text_now))}
    monkeypatch.setattr("dispatch.approvals.api.readable", lambda: changed)
    assert await state(town, centre.director, centre) == "changed"
    assert await town.refusal(centre.director, "sign_protocol", words(), **place(centre)) == "conflict"
    await town.ask(centre.director, "sign_protocol", words() | {"digest": changed[STROKE].digest}, **place(centre))
    assert await state(town, centre.director, centre) == "signed"


async def test_a_signature_is_taken_back_with_a_reason_and_both_stay_in_the_history(town, centre):
    taken = {"reason": "New guidance on thrombectomy"}
    assert await town.refusal(centre.director, "withdraw_protocol_approval", taken, **place(centre)) == "wrong_state"
    await signed(town, centre)
    short = await town.refusal(centre.director, "withdraw_protocol_approval", {"reason": ""}, **place(centre))
    assert short == "invalid_message"
    line = await town.ask(centre.director, "withdraw_protocol_approval", taken, **place(centre))
    assert (line.state.value, line.last.reason) == ("withdrawn", taken["reason"])
    again = await town.refusal(centre.director, "withdraw_protocol_approval", taken, **place(centre))
    assert again == "wrong_state"
    await signed(town, centre)
    sheet = await town.ask(centre.director, "read_protocol", **place(centre))
    assert [entry.deed.value for entry in sheet.history] == ["signed", "withdrawn", "signed"]


async def test_a_director_of_another_centre_reads_and_signs_nothing_here(town, centre, elsewhere):
    await signed(town, centre)
    taken = {"reason": "not mine"}
    for name, body in (
        ("list_protocols", None),
        ("read_protocol", None),
        ("sign_protocol", words("fall")),
        ("withdraw_protocol_approval", taken),
    ):
        path = place(centre) if name != "list_protocols" else {"centre_id": centre.centre_id}
        assert await town.refusal(elsewhere.director, name, body, **path) == "not_found"
        assert await town.refusal(elsewhere.supervisor, name, body, **path) == "not_found"
    assert await state(town, centre.director, centre) == "signed"
    assert await state(town, elsewhere.director, elsewhere) == "never"


async def test_the_people_of_a_centre_read_and_do_not_sign(town, centre):
    operator = await town.somebody(Role.OPERATOR, centre.centre_id)
    for who in (operator, centre.supervisor):
        assert await state(town, who, centre) == "never"
        assert await town.refusal(who, "sign_protocol", words(), **place(centre)) == "not_found"


async def test_with_an_authenticator_app_a_signature_wants_a_fresh_code(town, centre, passwords):
    await with_login(town, centre.director, "Ngaire", passwords)
    enrolment = await town.ask(centre.director, "enrol_second_factor")
    code = {"code": code_at(enrolment.secret, step_of(town.clock.now()))}
    await town.ask(centre.director, "confirm_second_factor", code)
    assert (await town.ask(centre.director, "read_protocol", **place(centre))).second_factor
    assert await town.refusal(centre.director, "sign_protocol", words(), **place(centre)) == "second_factor_needed"
    used = await town.refusal(centre.director, "sign_protocol", words(**code), **place(centre))
    assert used == "invalid_message"
    await town.later(60)
    fresh = words(code=code_at(enrolment.secret, step_of(town.clock.now())))
    line = await town.ask(centre.director, "sign_protocol", fresh, **place(centre))
    assert line.last.second_factor


async def test_whoever_has_stolen_a_directors_session_cannot_guess_the_code(town, centre, passwords):
    await with_login(town, centre.director, "Ngaire", passwords)
    enrolment = await town.ask(centre.director, "enrol_second_factor")
    confirmed = step_of(town.clock.now())
    await town.ask(centre.director, "confirm_second_factor", {"code": code_at(enrolment.secret, confirmed)})
    right = code_at(enrolment.secret, confirmed + 1)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(4):
        await town.refusal(centre.director, "sign_protocol", words(code=wrong), **place(centre))
        await town.refusal(centre.director, "remove_second_factor", {"code": wrong})
    guessed = words(code=right)
    assert await town.refusal(centre.director, "sign_protocol", guessed, **place(centre)) == "invalid_message"
    assert await town.refusal(centre.director, "remove_second_factor", {"code": right}) == "invalid_message"
    await town.later(20)
    await town.ask(centre.director, "sign_protocol", guessed, **place(centre))


async def test_a_director_who_reads_everything_at_once_takes_no_connection_from_anybody_else(town, centre):
    pages = (town.ask(centre.director, "read_protocol", **place(centre)) for _ in range(2 * POOL_SIZE))
    assert len(await asyncio.gather(*pages)) == 2 * POOL_SIZE


async def test_a_dismissed_director_signs_no_longer_and_what_they_signed_stays(town, chief, centre):
    await signed(town, centre)
    await town.answer(chief, "dismiss_medical_director", director_id=centre.director_id)
    assert await town.refusal(centre.director, "sign_protocol", words("fall"), **place(centre, "fall")) == "not_found"
    assert await state(town, centre.supervisor, centre) == "signed"
    mine = await town.ask(centre.director, "list_medical_directors", query={"mine": "true"})
    assert mine.directors == ()


async def test_a_supervisor_appoints_people_of_the_centre_and_nobody_themselves(town, chief, centre, elsewhere):
    operator = await town.somebody(Role.OPERATOR, centre.centre_id)
    body = {"person_id": operator.person_id, "centre_id": centre.centre_id}
    made = await town.ask(centre.supervisor, "appoint_medical_director", body)
    assert await town.refusal(centre.supervisor, "appoint_medical_director", body) == "conflict"
    await town.ask(operator, "sign_protocol", words(), **place(centre))
    myself = body | {"person_id": centre.supervisor.person_id}
    assert await town.refusal(centre.supervisor, "appoint_medical_director", myself) == "not_allowed"
    there = body | {"centre_id": elsewhere.centre_id}
    assert await town.refusal(centre.supervisor, "appoint_medical_director", there) == "not_found"
    stranger = body | {"person_id": elsewhere.director.person_id}
    assert await town.refusal(centre.supervisor, "appoint_medical_director", stranger) == "not_found"
    assert await town.refusal(operator, "appoint_medical_director", body) == "not_allowed"
    assert await town.refusal(elsewhere.supervisor, "dismiss_medical_director", director_id=made.director_id) == (
        "not_found"
    )
    seen = (await town.ask(centre.supervisor, "list_medical_directors")).directors
    assert {one.person_id for one in seen} == {operator.person_id, centre.director.person_id}
    assert [one.centre_id for one in (await town.ask(operator, "list_medical_directors")).directors] == [
        centre.centre_id
    ]
    with_everything = await town.ask(
        chief, "list_medical_directors", query={"centre_id": elsewhere.centre_id}
    )  # fmt: skip
    assert {one.person_id for one in with_everything.directors} == {elsewhere.director.person_id}


async def test_every_signature_and_withdrawal_is_in_the_audit_log_of_the_centre(town, centre):
    line = await signed(town, centre)
    await town.ask(centre.director, "withdraw_protocol_approval", {"reason": "a doubt"}, **place(centre))
    async with town.database.transaction(AUDITOR) as session:
        event = AuditEventRow
        query = select(event).where(event.actor_person_id == centre.director.person_id).order_by(event.at, event.action)
        found = (await session.scalars(query)).all()
    assert {row.action for row in found} == {"sign_protocol", "withdraw_protocol_approval"}
    assert line.last.approval_id in {row.subject_id for row in found}
    assert {(row.tenant_kind, row.tenant_id) for row in found} == {("centre", centre.centre_id)}


@pytest.mark.parametrize("change", ["UPDATE protocol_approval SET name = 'x'", "DELETE FROM protocol_approval"])
async def test_nobody_rewrites_a_signature(town, centre, change):
    await signed(town, centre)
    with pytest.raises(StoreRefused):
        async with town.database.transaction(REGISTRY) as session:
            await session.execute(text(change))


async def test_of_two_who_sign_at_once_one_is_told(town, centre):
    body, path = words(), place(centre)
    both = [town.answer(centre.director, "sign_protocol", body, **path) for _ in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, Refused)]
    assert [one.code in ("conflict", "wrong_state") for one in refused] == [True]
    assert len((await town.ask(centre.director, "read_protocol", **path)).history) == 1
