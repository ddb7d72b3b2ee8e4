"""Bookings as residents, hospitals and dispatchers meet them: over HTTP, on a running server."""

import asyncio
import secrets
from pathlib import Path

import pytest

from dispatch.bootstrap import Node
from dispatch.contract.roles import Role
from tests.booking.http_people import Person, calendar_hours, free_slots, people
from tests.fixtures_node import node_settings, scripted_transcription

pytestmark = pytest.mark.integration

VACCINATION = """
service_type: vaccination
version: 1
title: Vaccination
modality: on_site
states: [requested, assigned, in_service, completed, cancelled, no_show]
responders: {kinds: [staff]}
dispatcher: {rule: slot_owner}
payment: {trigger: completed, price_minor: 1500}
slots: {minutes: 10}
roles:
  book: [resident]
  dispatch: [nurse]
  serve: [nurse]
  cancel: [resident, nurse]
"""


async def test_a_resident_asks_for_first_aid_and_follows_it_while_the_centre_sends_somebody(node: Node) -> None:
    async with people(node, Role.RESIDENT, Role.OPERATOR, Role.NURSE) as (resident, operator, nurse):
        booked = await resident.book("first_aid", place="Flat 1A", note="Fell from a chair")
        assert (booked.status, booked.body["centre_id"], booked.etag) == (201, "demo-centre", '"1"')
        one = f"/bookings/{booked.body['booking_id']}"
        assert (await resident.get(one)).body["actions"] == ["cancel"]
        assert (await nurse.get(one)).status == 404
        responders = {"responders": [{"kind": "unit", "responder_id": "demo-unit-3"}]}
        refused = await resident.act(booked.body, "assign", responders)
        assert (refused.status, refused.body["code"]) == (403, "not_allowed")
        nobody = {"responders": [{"kind": "unit", "responder_id": "no-such-unit"}]}
        assert (await operator.act(booked.body, "assign", nobody)).status == 404
        booking = (await operator.act(booked.body, "assign", responders)).body
        assert (await operator.act(booking, "start")).body["code"] == "wrong_state"
        states = [await unit_state(operator, "demo-unit-3")]
        for action in ("depart", "start", "complete"):
            booking = (await operator.act(booking, action)).body
            states.append(await unit_state(operator, "demo-unit-3"))
        assert (booking["status"], booking["version"]) == ("completed", 5)
        assert states == ["assigned", "en_route", "on_scene", "clear"]
        key = secrets.token_hex(12)
        await operator.ask("POST", "/units/demo-unit-3/state", {"state": "available"}, Idempotency_Key=key)
        events = (await resident.get(f"{one}/events")).body["events"]
        assert [event["version"] for event in events] == [1, 2, 3, 4, 5]
        assert (await operator.act(booking, "cancel", {})).body["code"] == "wrong_state"


async def unit_state(operator: Person, unit_id: str) -> str:
    units = (await operator.get("/units")).body["units"]
    return next(unit["state"] for unit in units if unit["unit_id"] == unit_id)


async def test_lists_show_each_person_their_own_bookings_page_by_page(node: Node) -> None:
    async with people(node, Role.RESIDENT, Role.COMMUNITY_MANAGER, Role.OPERATOR) as (resident, manager, operator):
        mine = [(await resident.book("first_aid")).body["booking_id"] for _ in range(3)]
        other = (await manager.book("first_aid", resident_id="demo-resident-2")).body["booking_id"]
        first = (await resident.get("/bookings?limit=2")).body
        rest = (await resident.get(f"/bookings?limit=2&cursor={first['next_cursor']}")).body
        assert [b["booking_id"] for b in first["bookings"] + rest["bookings"]][:3] == mine[::-1]
        for reader in (manager, operator):
            listed = (await reader.get("/bookings?status=requested&service_type=first_aid")).body["bookings"]
            assert [b["booking_id"] for b in listed][:4] == [other, *mine[::-1]]


async def test_nobody_books_for_somebody_out_of_their_reach(node: Node) -> None:
    async with people(node, Role.RESIDENT, Role.NURSE) as (resident, nurse):
        for answered in (
            await resident.book("first_aid", resident_id="demo-resident-2"),
            await nurse.book("consultation", resident_id="nobody", appointment=slot("c")),
        ):
            assert (answered.status, answered.body["code"]) == (404, "not_found")
        assert (await resident.book("neighbor_sos", appointment=slot("c"))).body["code"] == "invalid_message"
        assert (await resident.book("dragon_ride")).body["code"] == "invalid_message"
        assert (await nurse.book("first_aid", resident_id="demo-resident-1")).body["code"] == "not_allowed"


def slot(calendar_id: str, starts_at: str = "2030-01-01T10:00:00Z") -> dict[str, str]:
    return {"calendar_id": calendar_id, "starts_at": starts_at}


async def test_a_remote_consultation_has_no_way_and_its_slot_is_nobody_elses(node: Node) -> None:
    async with people(node, Role.HOSPITAL_ADMIN, Role.NURSE, Role.RESIDENT, Role.COMMUNITY_MANAGER) as everybody:
        admin, nurse, resident, manager = everybody
        calendar = f"c-{secrets.token_hex(4)}"
        made = await admin.ask("PUT", f"/calendars/{calendar}", calendar_hours("remote_care"))
        assert made.status == 200, made.body
        listed = (await resident.get("/calendars?service_type=remote_care")).body["calendars"]
        assert calendar in [one["calendar_id"] for one in listed]
        free = await free_slots(resident, calendar, "remote_care")
        wanted, later = (slot(calendar, one["starts_at"]) for one in free[:2])
        asked = [resident.book("remote_care", appointment=wanted) for _ in range(2)]
        asked += [manager.book("remote_care", resident_id=f"demo-resident-{n}", appointment=wanted) for n in (2, 3, 4)]
        answers = await asyncio.gather(*asked)
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]
        booking = next(answer.body for answer in answers if answer.status == 201)
        assert booking["status"] == "assigned"
        assert free[0] not in await free_slots(manager, calendar, "remote_care")
        assert (await nurse.act(booking, "depart")).body["code"] == "wrong_state"
        races = await asyncio.gather(*(nurse.act(booking, "reschedule", later) for _ in range(4)))
        assert sorted(answer.status for answer in races) == [200, 412, 412, 412]
        booking = next(answer.body for answer in races if answer.status == 200)
        assert booking["starts_at"] == later["starts_at"]
        for action in ("start", "complete"):
            booking = (await nurse.act(booking, action)).body
        assert booking["status"] == "completed"


async def test_every_service_by_appointment_can_be_booked_in_the_demonstration(node: Node) -> None:
    async with people(node, Role.RESIDENT) as (resident,):
        services = (await resident.get("/service-types")).body["service_types"]
        for service in [one["service_type"] for one in services if not one["immediate"]]:
            calendars = (await resident.get(f"/calendars?service_type={service}")).body["calendars"]
            ours = next(one["calendar_id"] for one in calendars if one["calendar_id"].startswith("demo-"))
            free = await free_slots(resident, ours, service, days=7)
            booked = await resident.book(service, appointment=slot(ours, free[-1]["starts_at"]))
            assert (booked.status, booked.body["starts_at"]) == (201, free[-1]["starts_at"])
            assert free[-1] not in await free_slots(resident, ours, service, days=7)


async def test_a_hospital_cannot_take_over_the_calendar_of_another(node: Node) -> None:
    async with people(node, Role.HOSPITAL_ADMIN) as (admin,):
        bad = calendar_hours("consultation") | {"zone": "Middle/Earth"}
        assert (await admin.ask("PUT", "/calendars/c1", bad)).body["code"] == "invalid_message"
        assert (await admin.ask("PUT", "/calendars/c1", calendar_hours("dragon_ride"))).status == 400
        assert (await admin.ask("PUT", "/calendars/c1", calendar_hours("consultation", staff="x"))).status == 404


async def test_a_tenth_service_is_one_file_and_can_be_booked_end_to_end(servers, tmp_path: Path) -> None:
    folder = tmp_path / "service_types"
    folder.mkdir()
    (folder / "vaccination.yaml").write_text(VACCINATION)
    node = Node(node_settings(servers, tmp_path), demo=True, transcription=scripted_transcription())
    await node.start()
    try:
        async with people(node, Role.HOSPITAL_ADMIN, Role.NURSE, Role.RESIDENT) as (admin, nurse, resident):
            types = (await resident.get("/service-types")).body["service_types"]
            assert len(types) == 10
            calendar = f"c-{secrets.token_hex(4)}"
            await admin.ask("PUT", f"/calendars/{calendar}", calendar_hours("vaccination"))
            free = await free_slots(resident, calendar, "vaccination")
            booked = await resident.book("vaccination", appointment=slot(calendar, free[0]["starts_at"]))
            assert (booked.status, booked.body["policy_version"]) == (201, 1)
            booking = booked.body
            for action in ("start", "complete"):
                booking = (await nurse.act(booking, action)).body
            assert booking["status"] == "completed"
    finally:
        await node.stop()
