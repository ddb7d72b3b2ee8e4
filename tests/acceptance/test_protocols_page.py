"""The medical director's page in a browser: reading a protocol, signing it, taking the signature back, all by keys."""

import pytest
from playwright.async_api import Browser, Page, expect

from dispatch.bootstrap import Node
from dispatch.identity import Role
from tests.acceptance.test_operator_units import AXE, LOOK
from tests.fixtures_process import ARTEFACTS

pytestmark = pytest.mark.acceptance

PATIENCE_MS = 60_000


async def looked_at(page: Page, name: str) -> None:
    assert "\n".join(await page.evaluate(LOOK)) == ""
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"protocols-{name}.png")


@pytest.mark.timeout(240)
async def test_a_medical_director_reads_signs_and_takes_back_a_protocol_by_keys(node: Node, browser: Browser) -> None:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.HOSPITAL_ADMIN)
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(node.url)
    await page.get_by_test_id("sign-in-email").fill(login.email)
    await page.get_by_test_id("sign-in-password").fill(login.password)
    await page.keyboard.press("Enter")
    await page.get_by_test_id("protocol-search").fill("heat")
    line = page.get_by_test_id("protocol-heat_cold")
    await expect(line).to_have_attribute("data-state", "never")
    await page.evaluate(AXE.read_text())
    await looked_at(page, "list")

    await page.get_by_test_id("read-heat_cold").press("Enter")
    sheet = page.get_by_test_id("protocol-sheet")
    await expect(sheet).to_contain_text("Red flags")
    await looked_at(page, "sheet")
    await page.keyboard.press("s")
    await expect(page.get_by_test_id("sign-confirm")).to_be_disabled()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(sheet).to_have_attribute("data-state", "signed")
    await expect(page.get_by_test_id("approval")).to_contain_text(login.name)

    await page.keyboard.press("w")
    await page.get_by_test_id("withdraw-reason").fill("New guidance on cooling")
    await page.keyboard.press("Enter")
    await expect(sheet).to_have_attribute("data-state", "withdrawn")
    await expect(page.get_by_test_id("approval").first).to_contain_text("New guidance on cooling")
    await page.keyboard.press("Escape")
    await expect(line).to_have_attribute("data-state", "withdrawn")
    await context.close()
