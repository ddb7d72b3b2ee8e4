"""Two operators and one call in the browser: heard again, handed over; and the states that nobody may forget.

axe-core looks at each window on the way, in the light and in the dark.
"""

import asyncio

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from dispatch.bootstrap import Node
from dispatch.client import CallerClient
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AnswerCall, CallState, HangUpCall, Health, SeatState, SetSeatState
from dispatch.contract.timeline import CallDisposed
from tests.acceptance.test_operator_units import AXE, LOOK
from tests.fixtures_node import MULAW, console_of, new_id, talk
from tests.fixtures_process import ARTEFACTS

pytestmark = pytest.mark.acceptance

PATIENCE_MS = 60_000
WINDOW = "[role=dialog]"
SURGE = 11
"""Calls at once; more than ten a minute are a surge."""
SETTLED_MS = 250
"""Longer than any change of colour takes."""


async def context_of(browser: Browser) -> BrowserContext:
    return await browser.new_context(
        viewport={"width": 1440, "height": 900}, permissions=["microphone"], color_scheme="light",
        reduced_motion="reduce",
    )  # fmt: skip


async def sign_in(page: Page, node: Node, login: str) -> None:
    assert node.demo_world is not None
    found = next(each for each in node.demo_world.logins if each.email.startswith(f"{login}@"))
    await page.get_by_test_id("sign-in-email").fill(found.email)
    await page.get_by_test_id("sign-in-password").fill(found.password)
    await page.get_by_test_id("sign-in-submit").click()


async def desk_of(browser: Browser, node: Node, login: str) -> Page:
    """A signed-in desk."""
    page = await (await context_of(browser)).new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(node.url)
    await sign_in(page, node, login)
    await expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    await page.evaluate(AXE.read_text())
    return page


async def fine(page: Page, part: str | None = None) -> None:
    """axe-core finds nothing serious on the page, or on a part of it, whatever the colours.

    The theme is switched without leaving an open window.
    """
    for theme in ("dark", "light"):
        await page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        await page.wait_for_timeout(SETTLED_MS)
        assert "\n".join(await page.evaluate(LOOK, part)) == ""


async def calling(node: Node, seconds: float = 10) -> CallerClient:
    caller = CallerClient(node.url)
    await caller.start(StartCall(format=MULAW, phone="+44 7700 900105"))
    await talk(caller, seconds)
    return caller


@pytest.mark.timeout(300)
async def test_a_call_is_heard_again_and_handed_over(
    talking: Node, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.calls.handover.OFFER_S", 120.0)  # a busy machine looks at a window for longer
    olive, oscar = [await desk_of(browser, talking, who) for who in ("operator", "operator2")]
    await expect(olive.get_by_text("No calls", exact=True)).to_be_visible()
    await expect(olive.get_by_text("Calls do not ring at this seat")).to_be_visible()
    caller = await calling(talking, 60)
    call = next(iter(talking.switchboard.calls.values()))
    await olive.keyboard.press("r")
    await expect(olive.get_by_test_id("answer-call").first).to_be_visible(timeout=PATIENCE_MS)
    await fine(olive)
    await olive.keyboard.press("a")
    await expect(olive.get_by_test_id("card-category")).to_have_attribute("data-category", "1", timeout=PATIENCE_MS)

    playback = olive.get_by_test_id("playback")
    await olive.locator("p > [data-testid=word-stable]").first.click()
    await expect(playback).to_have_attribute("data-state", "playing", timeout=PATIENCE_MS)
    await expect(olive.locator(".spoken")).to_have_count(1, timeout=PATIENCE_MS)
    ARTEFACTS.mkdir(exist_ok=True)
    await olive.screenshot(path=ARTEFACTS / "operator-playback.png")
    await olive.keyboard.press(",")
    await expect(playback).to_have_count(0, timeout=PATIENCE_MS)
    await olive.get_by_test_id("evidence-hear").first.click()
    await expect(playback).to_have_attribute("data-state", "playing", timeout=PATIENCE_MS)
    await olive.keyboard.press(",")
    await expect(playback).to_have_count(0, timeout=PATIENCE_MS)

    for key, window in (
        ("o", "Override the category"),
        ("f", "Refer the call"),
        ("?", "Keyboard"),
    ):
        await olive.keyboard.press(key)
        await expect(olive.get_by_role("dialog", name=window)).to_be_visible()
        await fine(olive, WINDOW)
        await olive.keyboard.press("Escape")
        await expect(olive.get_by_role("dialog")).to_have_count(0)

    await olive.keyboard.press("Shift+H")
    await expect(olive.get_by_test_id("colleagues")).to_contain_text("Oscar Operator")
    await fine(olive, WINDOW)
    await olive.get_by_role("button", name="Oscar Operator").click()
    await expect(olive.get_by_test_id("others")).to_contain_text("Offered to Oscar Operator", timeout=PATIENCE_MS)
    await expect(oscar.get_by_test_id("transfer-pop")).to_contain_text("Olive Operator wants to hand this call over")
    await fine(oscar, "[data-testid=transfer-pop]")
    await oscar.screenshot(path=ARTEFACTS / "operator-transfer.png")
    await oscar.keyboard.press("a")
    await expect(olive.get_by_test_id("others")).to_contain_text("On the line too: Oscar Operator", timeout=PATIENCE_MS)
    await expect(oscar.get_by_test_id("transcript")).to_contain_text("collapsed", timeout=PATIENCE_MS)

    sina = await desk_of(browser, talking, "supervisor")
    await _a_supervisor_listens_and_the_call_is_left_to_the_colleague(olive, oscar, sina)
    await _a_supervisor_joins(oscar, sina)
    await _closing_a_call_can_be_undone(oscar)
    assert sum(isinstance(entry.body, CallDisposed) for entry in call.timeline.entries) == 1
    await caller.close()


async def _a_supervisor_listens_and_the_call_is_left_to_the_colleague(olive: Page, oscar: Page, sina: Page) -> None:
    await sina.get_by_test_id("queue-row").click()
    await sina.keyboard.press("Shift+L")
    for page in (olive, oscar):
        await expect(page.get_by_test_id("monitor")).to_contain_text("listens", timeout=PATIENCE_MS)
    await fine(sina, "[data-testid=others]")
    await sina.keyboard.press("Shift+L")
    await expect(olive.get_by_test_id("monitor")).to_have_count(0, timeout=PATIENCE_MS)
    await expect(olive.get_by_test_id("depart")).to_contain_text("Leave it to Oscar Operator")
    await olive.keyboard.press("Shift+H")
    await expect(oscar.get_by_test_id("others")).to_have_count(0, timeout=PATIENCE_MS)
    await expect(olive.get_by_test_id("seat-wrap_up")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)


async def _a_supervisor_joins(oscar: Page, sina: Page) -> None:
    await sina.keyboard.press("Shift+J")
    await expect(oscar.get_by_test_id("others")).to_contain_text("On the line too: Sina", timeout=PATIENCE_MS)
    await expect(sina.get_by_test_id("others")).to_contain_text("On the line too: Oscar", timeout=PATIENCE_MS)
    await sina.screenshot(path=ARTEFACTS / "operator-joined.png")
    await sina.keyboard.press("Shift+H")
    await expect(oscar.get_by_test_id("others")).to_have_count(0, timeout=PATIENCE_MS)


async def _closing_a_call_can_be_undone(page: Page) -> None:
    for _ in range(2):  # the second one says that it is meant
        await page.keyboard.press("x")
    await expect(page.get_by_test_id("dispose-open")).to_be_visible(timeout=PATIENCE_MS)
    window, undo = page.get_by_role("dialog", name="Close the call"), page.get_by_test_id("undo")
    for taken_back in (True, False):
        await page.keyboard.press("c")
        await expect(window).to_be_visible()
        if taken_back:
            await fine(page, WINDOW)
            await page.screenshot(path=ARTEFACTS / "operator-dispose.png")
        await page.keyboard.press("1")
        await page.keyboard.press("Enter")
        await expect(undo).to_contain_text("Closing the call")
        if taken_back:
            await page.keyboard.press("Backspace")
            await expect(undo).to_have_count(0)
    await expect(page.get_by_test_id("queue-row")).to_have_count(0, timeout=PATIENCE_MS)


@pytest.mark.timeout(240)
async def test_a_supervisor_sees_a_surge_and_who_is_to_be_called_back_and_keys_in_what_is_on_paper(
    talking: Node, browser: Browser
) -> None:
    sina, console = await desk_of(browser, talking, "supervisor"), await console_of(talking)
    callers = [await ringing(talking) for _ in range(SURGE)]
    await expect(sina.get_by_test_id("surge")).to_contain_text(f"{SURGE} calls in the last minute", timeout=PATIENCE_MS)
    (_, silent), (_, talks), *_ = callers
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=silent))).ok
    assert (await console.command(HangUpCall(command_id=new_id(), call_id=silent))).ok
    await console.until(lambda view: view.queue[silent].state is CallState.ENDED)
    assert (await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))).ok
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=talks))).ok
    await callers[-1][0].hang_up()
    missed = sina.get_by_role("region", name="To be called back")
    await expect(missed.get_by_test_id("queue-row")).to_have_count(2, timeout=PATIENCE_MS)
    for words in ("Abandoned: not answered", "Silent: not a word heard", "Can be rung: B"):
        await expect(missed).to_contain_text(words)
    await _the_filter_shows_what_is_asked_for(sina)
    await fine(sina)
    await sina.screenshot(path=ARTEFACTS / "operator-surge.png")
    await _an_incident_is_keyed_in(sina)
    for caller, _ in callers:
        await caller.close()
    await console.close()


async def ringing(node: Node) -> tuple[CallerClient, CallId]:
    caller = CallerClient(node.url)
    return caller, (await caller.start(StartCall(format=MULAW))).call_id


async def _the_filter_shows_what_is_asked_for(sina: Page) -> None:
    rows, chosen = sina.get_by_test_id("queue-row"), sina.get_by_test_id("queue-filter")
    await chosen.get_by_label("Beyond goal").check()
    await expect(rows).to_have_count(SURGE - 3, timeout=PATIENCE_MS)  # who rings, as soon as they wait for too long
    await chosen.get_by_role("button", name="Show all").click()
    await expect(rows).to_have_count(SURGE)
    await chosen.get_by_label("Operator").select_option("Olive Operator")
    await expect(rows).to_have_count(2)
    await chosen.get_by_label("Category").select_option("1")
    await expect(rows).to_have_count(0)
    await expect(sina.get_by_text("No call fits what is chosen above.")).to_be_visible()
    await chosen.get_by_role("button", name="Show all").click()


async def _an_incident_is_keyed_in(sina: Page) -> None:
    await sina.keyboard.press("Shift+K")
    window = sina.get_by_role("dialog", name="Key in an incident")
    await window.get_by_test_id("origin-paper").check()
    await window.get_by_test_id("key-in-nature").fill("Fall at the jetty")
    earlier = await sina.evaluate("new Date(Date.now() - 3600e3 - new Date().getTimezoneOffset() * 60e3).toISOString()")
    await window.get_by_test_id("key-in-time").fill(earlier[:19])
    await fine(sina, WINDOW)
    await window.get_by_test_id("key-in-submit").click()
    await expect(window).to_have_count(0)
    await expect(sina.get_by_test_id("welfare-due")).to_contain_text("Fall at the jetty", timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_the_page_says_what_is_not_there(
    talking: Node, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await (await context_of(browser)).new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(talking.url)
    await page.evaluate(AXE.read_text())
    await fine(page)
    await sign_in(page, talking, "nurse")
    await expect(page.get_by_text("You sign for no dispatch centre")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, talking, "community-manager")
    await expect(page.get_by_text("This account may not take calls")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Sign out").click()
    await sign_in(page, talking, "operator")
    await expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    caller = await calling(talking, 0)
    await expect(page.get_by_test_id("queue-row")).to_have_count(1, timeout=PATIENCE_MS)

    well = talking.health.system()
    down = dict.fromkeys(("journal", "database", "broker", "transcription", "router"), Health.DEGRADED)
    ill = well.model_copy(update={**down, "messages": ()})
    monkeypatch.setattr(talking.health, "system", lambda: ill)
    for words in (
        "Call recording is degraded", "The database is away", "The message broker is away",
        "Transcription is degraded", "The language model is away",
    ):  # fmt: skip
        await expect(page.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)
    await page.screenshot(path=ARTEFACTS / "operator-degraded.png")
    monkeypatch.setattr(talking.health, "system", lambda: well)
    await expect(page.get_by_text("The database is away")).to_have_count(0, timeout=PATIENCE_MS)

    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await page.evaluate("localStorage.getItem('kiwimesh.last-known')?.includes('ringing')"):  # noqa: ASYNC110 - the page writes it in its own time
            await asyncio.sleep(0.1)
    await page.route("**/v1/auth/refresh", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_text("The server cannot be reached")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("last-known")).to_contain_text("Ringing")
    await page.evaluate(AXE.read_text())
    await fine(page)
    await page.screenshot(path=ARTEFACTS / "operator-last-known.png")
    await page.unroute("**/v1/auth/refresh")
    await expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)

    other = await page.context.new_page()
    await other.goto(talking.url)
    await expect(other.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    await other.get_by_role("button", name="Sign out").click()
    for tab in (other, page):
        await expect(tab.get_by_test_id("sign-in-email")).to_be_visible(timeout=PATIENCE_MS)
    assert await page.evaluate("localStorage.getItem('kiwimesh.last-known')") is None
    await caller.close()
