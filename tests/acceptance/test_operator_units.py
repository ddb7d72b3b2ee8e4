"""Sending help from the operator's page with single keys, and who can use the page: axe-core on WCAG 2.2 AA."""

import asyncio
import base64

import pytest
from playwright.async_api import Browser, Page, expect

from dispatch.bootstrap import Node
from dispatch.client import CallerClient
from dispatch.contract.caller import StartCall
from dispatch.identity import Role
from tests.fixtures_node import MULAW, talk
from tests.fixtures_process import ARTEFACTS, ROOT

pytestmark = pytest.mark.acceptance

PATIENCE_MS = 60_000
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOOK = """async (part) => (await axe.run(part ?? document,
    {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}))
    .violations.filter(({impact}) => impact === "serious" || impact === "critical")
    .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))"""

COLOURS = """async (png) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))]));
    const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    pen.drawImage(picture, 0, 0);
    const {data} = pen.getImageData(0, 0, picture.width, picture.height);
    const seen = new Map();
    for (let at = 0; at < data.length; at += 4) {
        const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
        seen.set(colour, (seen.get(colour) ?? 0) + 1);
    }
    return [...seen].filter(([, count]) => count > 200).map(([colour]) => colour);
}"""
"""What a picture shows more than a speck of."""
LAND, MAIN_ROAD = "241,238,232", "251,229,176"


async def page_of(role: Role, browser: Browser, node: Node) -> Page:
    """A signed-in page."""
    assert node.demo_world is not None
    login = node.demo_world.login(role)
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900},
        permissions=["microphone"],
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(node.url)
    await page.get_by_test_id("sign-in-email").fill(login.email)
    await page.get_by_test_id("sign-in-password").fill(login.password)
    await page.get_by_test_id("sign-in-submit").click()
    await expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    return page


async def violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it is shown, in the light and in the dark."""
    found: list[str] = []
    for _ in ("light", "dark"):
        found += await page.evaluate(LOOK)
        await page.get_by_test_id("theme").click()
    return found


async def the_streets_are_drawn_behind_the_marks(page: Page) -> None:
    """The demonstration's map, drawn in software here: who has no graphics processor asks for it."""
    await expect(page.get_by_test_id("streets")).to_have_count(0)
    await page.get_by_label("Streets", exact=True).check()
    streets = page.get_by_test_id("streets")
    await expect(streets).to_contain_text("Kōwhai Bay is invented", timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("map-incident")).to_be_visible()
    drawn: set[str] = set()
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not {LAND, MAIN_ROAD} <= drawn:
            drawn = set(await page.evaluate(COLOURS, base64.b64encode(await streets.screenshot()).decode()))
    before = await page.get_by_test_id("map-incident").get_attribute("transform")
    await streets.get_by_role("region").press("ArrowLeft")
    await expect(page.get_by_test_id("map-incident")).not_to_have_attribute("transform", before or "")
    await page.get_by_test_id("theme").click()
    await page.screenshot(path=ARTEFACTS / "operator-streets-dark.png")
    await page.get_by_test_id("theme").click()
    await page.get_by_role("button", name="Show all").click()
    await expect(page.get_by_test_id("map-incident")).to_be_visible()


@pytest.mark.timeout(240)
async def test_an_operator_sends_the_nearest_ambulance_to_a_confirmed_place_with_two_keys(
    talking: Node, browser: Browser
) -> None:
    page = await page_of(Role.OPERATOR, browser, talking)
    supervisor = await page_of(Role.SUPERVISOR, browser, talking)
    await page.evaluate(AXE.read_text())
    caller = CallerClient(talking.url)
    await caller.start(StartCall(format=MULAW, phone="+44 7700 900105"))
    await talk(caller, 10)
    await page.keyboard.press("r")
    await expect(page.get_by_test_id("answer-call").first).to_be_visible(timeout=PATIENCE_MS)
    await page.keyboard.press("a")
    await expect(page.get_by_test_id("card-category")).to_have_attribute("data-category", "1", timeout=PATIENCE_MS)

    for fact in ("Elsie Hughes", "Penicillin", "Key safe by the door"):
        await expect(page.get_by_test_id("known")).to_contain_text(fact, timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("places")).to_contain_text("Flat 3A", timeout=PATIENCE_MS)
    assert "\n".join(await violations(page)) == ""
    await page.keyboard.press("y")
    await expect(page.get_by_test_id("place-confirmed")).to_contain_text("Flat 3A", timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("nearest")).to_contain_text("Kiwi 1, 1.0 km", timeout=PATIENCE_MS)

    await page.keyboard.press("p")
    going = page.get_by_test_id("going")
    await expect(going).to_have_attribute("data-state", "assigned", timeout=PATIENCE_MS)
    await expect(page.locator("[data-testid=unit]").first).to_have_attribute("data-state", "assigned")
    await page.get_by_test_id("radio-en_route").click()
    await expect(going).to_have_attribute("data-state", "en_route", timeout=PATIENCE_MS)
    await page.keyboard.press("l")
    await expect(page.get_by_test_id("help")).to_contain_text("Alerted: gates 1, defibrillators 1", timeout=PATIENCE_MS)
    await page.keyboard.press("t")
    await page.keyboard.press("t")
    await expect(page.get_by_test_id("map-incident")).to_be_visible()
    ARTEFACTS.mkdir(exist_ok=True)
    await the_streets_are_drawn_behind_the_marks(page)
    await page.screenshot(path=ARTEFACTS / "operator-units.png")
    assert "\n".join(await violations(page)) == ""

    await page.get_by_role("button", name="Stand down Kiwi 1").click()
    await page.get_by_test_id("reason").fill("The neighbour drives him")
    assert "\n".join(await page.evaluate(LOOK)) == ""
    await page.keyboard.press("Enter")
    await expect(going).to_have_count(0, timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("welfare-due")).to_be_visible(timeout=PATIENCE_MS)

    await page.keyboard.press("f")
    await page.get_by_test_id("refer-police").check()
    await page.get_by_test_id("refer-reference").fill("P-17")
    await page.keyboard.press("Enter")
    await page.get_by_role("tab", name="Timeline").click()
    await expect(page.get_by_text("Referred to police P-17")).to_be_visible(timeout=PATIENCE_MS)

    for sent in (1, 2):
        await page.keyboard.press("p")
        await expect(going).to_have_count(sent, timeout=PATIENCE_MS)
    await page.keyboard.press("p")
    await expect(page.get_by_text("No suitable unit is free")).to_be_visible(timeout=PATIENCE_MS)
    alarms = supervisor.get_by_test_id("alarms")
    await expect(alarms).to_contain_text("No unit is left for an incident", timeout=PATIENCE_MS)
    await supervisor.evaluate(AXE.read_text())
    assert "\n".join(await violations(supervisor)) == ""
    await alarms.get_by_role("button", name="Dismiss").click()
    await expect(alarms).to_have_count(0)
    await caller.close()
