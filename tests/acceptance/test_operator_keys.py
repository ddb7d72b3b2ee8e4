"""What an operator does with single keys on the page: answer, same incident, help sent, the beat for compressions."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from dispatch.bootstrap import Node
from dispatch.client import CallerClient
from dispatch.contract.caller import StartCall
from dispatch.contract.timeline import Position
from dispatch.identity import Role
from tests.acceptance.test_operator_page import CHROMIUM, FLAGS
from tests.fixtures_node import MULAW, talk

pytestmark = pytest.mark.acceptance

PATIENCE_MS = 60_000
HERE = Position(latitude=52.0, longitude=4.0)


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    """A signed-in operator's page."""
    assert node.demo_world is not None
    login = node.demo_world.login(Role.OPERATOR)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["microphone"])
        opened = await context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        await opened.goto(node.url)
        await opened.get_by_test_id("sign-in-email").fill(login.email)
        await opened.get_by_test_id("sign-in-password").fill(login.password)
        await opened.get_by_test_id("sign-in-submit").click()
        await expect(opened.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
        yield opened
        await browser.close()


async def calling(node: Node) -> CallerClient:
    caller = CallerClient(node.url)
    await caller.start(StartCall(format=MULAW, position=HERE))
    await talk(caller, 6)
    return caller


@pytest.mark.timeout(240)
async def test_an_operator_works_two_calls_about_one_arrest_with_single_keys(node: Node, page: Page) -> None:
    await expect(page.get_by_test_id("models")).to_have_attribute("data-state", "off")
    first, second = await calling(node), await calling(node)
    await page.keyboard.press("r")
    await expect(page.get_by_test_id("answer-call").first).to_be_visible(timeout=PATIENCE_MS)
    await page.keyboard.press("a")
    await expect(page.get_by_test_id("card-category")).to_have_attribute("data-category", "1", timeout=PATIENCE_MS)
    summary = page.get_by_test_id("summary")
    await expect(summary).to_have_attribute("data-set-by", "rule")
    await expect(summary.get_by_test_id("evidence-link").first).to_be_visible()
    await expect(page.get_by_test_id("field-breathing").locator("[data-set-by=rule]")).to_be_visible()

    await expect(page.get_by_test_id("merge")).to_be_visible(timeout=PATIENCE_MS)
    await page.keyboard.press("d")
    await expect(page.get_by_test_id("merged")).to_be_visible(timeout=PATIENCE_MS)
    await page.keyboard.press("u")
    await expect(page.get_by_test_id("merged")).to_have_count(0)
    await expect(page.get_by_test_id("merge")).to_be_visible()

    await page.keyboard.press("s")
    await expect(page.get_by_test_id("help-sent")).to_have_count(0)
    await page.keyboard.press("m")
    await expect(page.get_by_test_id("stopwatch")).to_contain_text("beats")
    await page.keyboard.press("m")
    await expect(page.get_by_test_id("stopwatch")).to_have_count(0)
    for caller in (first, second):
        await caller.close()
