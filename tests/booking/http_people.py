"""People of the demonstration world who ask the API over HTTP."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from dispatch.bootstrap import Node
from dispatch.contract.roles import Role
from tests.fixtures_node import signed_in

ALWAYS = [
    {"weekday": day, "openings": [{"opens": "00:00", "closes": "24:00"}]}
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
]


@dataclass
class Answered:
    status: int
    body: dict[str, Any]
    etag: str | None


@dataclass
class Person:
    """Somebody signed in."""

    http: aiohttp.ClientSession
    url: str
    token: str = field(repr=False)

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answered:
        given = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        async with self.http.request(method, f"{self.url}/v1{path}", json=body, headers=given) as answer:
            return Answered(answer.status, await answer.json(content_type=None), answer.headers.get("ETag"))

    async def get(self, path: str) -> Answered:
        return await self.ask("GET", path)

    async def book(self, service_type: str, **more: object) -> Answered:
        return await self.ask(
            "POST", "/bookings", {"service_type": service_type, **more}, Idempotency_Key=secrets.token_hex(12)
        )

    async def act(self, booking: dict[str, Any], action: str, body: object = None, version: int = 0) -> Answered:
        """One step, from the version that was read (or another)."""
        path, etag = f"/bookings/{booking['booking_id']}/{action}", f'"{version or booking["version"]}"'
        return await self.ask("POST", path, body, Idempotency_Key=secrets.token_hex(12), If_Match=etag)


@asynccontextmanager
async def people(node: Node, *roles: Role) -> AsyncIterator[list[Person]]:
    """Somebody for each role."""
    assert node.demo_world is not None
    async with aiohttp.ClientSession() as http:
        made = []
        for role in roles:
            login = node.demo_world.login(role)
            session = await signed_in(node.url, login.email, login.password)
            made.append(Person(http, node.url, session.access_token))
        yield made


def calendar_hours(*service_types: str, staff: str | None = "demo-nurse") -> dict[str, Any]:
    """A calendar that is always open."""
    return {
        "label": "Room 1", "service_types": list(service_types), "staff_id": staff, "zone": "UTC", "weekly": ALWAYS,
    }  # fmt: skip


async def free_slots(person: Person, calendar: str, service_type: str, days: int = 3) -> list[dict[str, str]]:
    """What is free from the day after tomorrow on."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    window = f"earliest={start:%Y-%m-%dT%H:%M:%SZ}&latest={start + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    found = await person.get(f"/calendars/{calendar}/free-slots?service_type={service_type}&{window}")
    assert found.status == 200, found.body
    slots: list[dict[str, str]] = found.body["slots"]
    return slots
