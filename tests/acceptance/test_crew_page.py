"""The crew's page on a phone: an offer is taken, taps in a dead spot are kept and sent later with their own time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AnswerCall, DeliveryBody
from dispatch.contract.dispatch_commands import ConfirmPlace, OfferUnits
from dispatch.contract.dispatching import UnitChanged, UnitMoved
from dispatch.dispatching.unit_states import LATE_S
from dispatch.identity import Role
from tests.acceptance.test_operator_page import CHROMIUM, FLAGS
from tests.acceptance.test_operator_units import AXE, LOOK
from tests.fixtures_node import MULAW, console_of, new_id, talk
from tests.fixtures_process import ARTEFACTS

pytestmark = pytest.mark.acceptance

PATIENCE_MS = 60_000
PLACE = "demo-community.ga-b-2b"
SCHEMES: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")
HERE = {"latitude": -41.2811, "longitude": 174.8099}


@pytest.fixture
async def phone() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(
            viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True,
            permissions=["geolocation"], geolocation=HERE, color_scheme="light", reduced_motion="reduce",
        )  # fmt: skip
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield page
        await browser.close()


async def offered(node: Node, caller: CallerClient, console: ConsoleClient) -> str:
    """A call whose place is confirmed and which is offered to the nearest unit; its call id."""
    opened = await caller.start(StartCall(format=MULAW, phone="+44 7700 900105"))
    await console.until(lambda view: opened.call_id in view.queue)
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=opened.call_id))).ok
    await console.open_call(opened.call_id)
    await console.command(ConfirmPlace(command_id=new_id(), call_id=opened.call_id, place_id=PLACE))
    incident_id = console.view.queue[opened.call_id].incident_id
    assert (await console.command(OfferUnits(command_id=new_id(), incident_id=incident_id))).ok
    return opened.call_id


async def fine(page: Page) -> None:
    """axe-core finds nothing serious, whether the phone prefers the light or the dark."""
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert "\n".join(await page.evaluate(LOOK)) == ""


async def sign_in(page: Page, node: Node) -> None:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.PARAMEDIC)
    await page.goto(f"{node.url}/crew/")
    await page.get_by_test_id("sign-in-email").fill(login.email)
    await page.get_by_test_id("sign-in-password").fill(login.password)
    await page.get_by_test_id("sign-in-submit").click()
    await expect(page.get_by_test_id("unit-demo-unit-5")).to_contain_text("EXERCISE", ignore_case=True)
    await page.get_by_test_id("unit-demo-unit-1").click()
    await expect(page.get_by_test_id("link")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    await page.wait_for_function("navigator.serviceWorker.ready.then((kept) => kept.active !== null)")


@pytest.mark.timeout(240)
async def test_a_crew_takes_an_offer_and_what_it_taps_in_a_dead_spot_arrives_later_with_its_own_time(
    node: Node, phone: Page
) -> None:
    there = asyncio.Event()

    def told(body: DeliveryBody) -> None:
        if isinstance(body, UnitChanged) and body.unit.latitude == HERE["latitude"]:
            there.set()

    console = await console_of(node, on_delivery=told)
    caller = CallerClient(node.url)
    errors: list[str] = []
    phone.on("pageerror", lambda error: errors.append(str(error)))
    try:
        await sign_in(phone, node)
        await phone.evaluate(AXE.read_text())
        call_id = await offered(node, caller, console)
        await expect(phone.get_by_test_id("offer")).to_contain_text("Flat 2B", timeout=PATIENCE_MS)
        await expect(phone.get_by_test_id("offer-left")).to_contain_text("s left")
        await fine(phone)
        await phone.screenshot(path=ARTEFACTS / "crew-offer.png")
        await phone.get_by_test_id("accept").tap()
        await expect(phone.get_by_test_id("mission")).to_contain_text(
            "Home oxygen: no naked flame", timeout=PATIENCE_MS
        )
        await expect(phone.get_by_test_id("route")).to_have_attribute(
            "href", "geo:-41.2897,174.8206?q=-41.2897,174.8206"
        )
        await expect(phone.get_by_test_id("mission")).to_contain_text("Penicillin")
        await talk(caller, 8)
        await expect(phone.get_by_test_id("category")).to_have_attribute("data-category", "1", timeout=PATIENCE_MS)
        await expect(phone.get_by_test_id("facts")).to_contain_text("Breathing", timeout=PATIENCE_MS)
        await phone.get_by_test_id("share").tap()
        await expect(phone.get_by_test_id("share")).to_have_attribute("data-sharing", "on", timeout=PATIENCE_MS)
        await asyncio.wait_for(there.wait(), PATIENCE_MS / 1000)
        await fine(phone)
        await phone.screenshot(path=ARTEFACTS / "crew.png", full_page=True)

        await phone.context.set_offline(True)
        await phone.get_by_test_id("report-acknowledged").tap()
        await phone.get_by_test_id("report-en_route").tap()
        await expect(phone.get_by_test_id("unsent")).to_have_attribute("data-count", "2")
        await expect(phone.get_by_test_id("link")).to_have_attribute("data-state", "away", timeout=PATIENCE_MS)
        await phone.reload()
        await expect(phone.get_by_test_id("state")).to_have_attribute("data-state", "en_route", timeout=PATIENCE_MS)
        await expect(phone.get_by_test_id("unsent")).to_have_attribute("data-count", "2")
        await phone.screenshot(path=ARTEFACTS / "crew-away.png", full_page=True)
        await asyncio.sleep(LATE_S)  # so long in the dead spot that it counts as late
        assert moves(console, call_id) == [("assigned", False)]

        await phone.context.set_offline(False)
        await expect(phone.get_by_test_id("unsent")).to_have_count(0, timeout=PATIENCE_MS)
        await expect(phone.get_by_test_id("state")).to_have_attribute("data-ahead", "false", timeout=PATIENCE_MS)
        await console.until(lambda _: len(moves(console, call_id)) == 3)
        assert moves(console, call_id) == [("assigned", False), ("acknowledged", True), ("en_route", True)]
        assert errors == []
    finally:
        await caller.close()
        await console.close()


def moves(console: ConsoleClient, call_id: str) -> list[tuple[str, bool]]:
    """The unit's states in the call's log, each with whether its word came late."""
    bodies = [entry.body for entry in console.view.entries.get(call_id, ())]  # type: ignore[call-overload]
    return [(body.state.value, body.happened_at is not None) for body in bodies if isinstance(body, UnitMoved)]
