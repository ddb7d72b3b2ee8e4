"""A recorded call from a real client process to a real browser page: what an operator sees on a night shift."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.breakable_wire import BreakableWire
from tests.fixtures_process import ARTEFACTS, LIBRARY, ROOT, ServerProcess

pytestmark = pytest.mark.acceptance

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PATIENCE_MS = 60_000
AWAY_S = 60


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens pages, each as somebody else's; they are closed with the test."""
    opened: list[BrowserContext] = []

    def open_one(url: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["microphone"])
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        return page

    yield open_one
    for context in opened:
        context.close()


def sign_in(page: Page, server: ServerProcess, login: str = "operator") -> None:
    email, password = server.login(login)
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)


def recorded_call(server: ServerProcess) -> subprocess.Popen[bytes]:
    recording = LIBRARY / "cardiac-arrest-kitchen.caller.wav"
    command = [sys.executable, "-m", "dispatch", "call", str(recording), "--url", server.url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def dispose(page: Page) -> None:
    page.get_by_test_id("dispose-open").click()
    page.get_by_test_id("dispose-ambulance_sent").click()
    page.get_by_test_id("dispose-submit").click()
    expect(page.get_by_test_id("queue-row")).to_have_count(0, timeout=PATIENCE_MS)  # a moment to think better of it


@pytest.mark.timeout(240)
def test_a_recorded_call_appears_word_by_word_and_turns_red_on_the_operators_page(
    server: ServerProcess, open_page: Callable[[str], Page]
) -> None:
    page = open_page(server.url)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, server)
    page.get_by_test_id("seat-ready").click()
    caller = recorded_call(server)
    page.get_by_test_id("answer-call").first.click()
    expect(page.get_by_test_id("card-category")).to_have_attribute("data-category", "1", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("transcript")).to_contain_text("collapsed", ignore_case=True)
    expect(page.get_by_test_id("queue-row").first).to_have_attribute("data-category", "1")
    expect(page.get_by_test_id("field-breathing")).to_be_visible()
    expect(page.get_by_test_id("evidence-link").first).to_be_visible()
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "operator.png")

    page.reload()
    expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("queue-row").first).to_have_attribute("data-category", "1")
    page.get_by_test_id("queue-row").first.click()
    expect(page.get_by_test_id("transcript")).to_contain_text("collapsed", ignore_case=True)
    expect(page.get_by_test_id("card-category")).to_have_attribute("data-category", "1")

    caller.wait(120)
    dispose(page)
    assert errors == []


@pytest.mark.timeout(240)
def test_a_caller_in_the_browser_plays_a_sample_and_is_answered(
    server: ServerProcess, open_page: Callable[[str], Page]
) -> None:
    operator = open_page(server.url)
    sign_in(operator, server)
    operator.get_by_test_id("seat-ready").click()
    caller = open_page(f"{server.url}/call/")
    caller.get_by_test_id("sample-chest-pain-station-road").click()
    expect(caller.get_by_test_id("phase")).to_have_attribute("data-phase", "ringing")
    operator.get_by_test_id("answer-call").first.click()
    expect(caller.get_by_test_id("phase")).to_have_attribute("data-phase", "answered")
    expect(operator.get_by_test_id("card-category")).to_have_attribute("data-category", "2", timeout=PATIENCE_MS)
    caller.screenshot(path=ARTEFACTS / "caller.png")
    for _ in range(2):  # the second one says that it is meant
        operator.get_by_test_id("hang-up").click()
    dispose(operator)


@pytest.mark.timeout(300)
def test_a_console_cut_off_for_a_minute_says_so_and_then_shows_everything_that_happened(
    server: ServerProcess, open_page: Callable[[str], Page]
) -> None:
    with BreakableWire(server.port) as wire:
        page = open_page(f"http://127.0.0.1:{wire.port}")
        sign_in(page, server)
        page.get_by_test_id("seat-ready").click()
        call = recorded_call(server)
        page.get_by_test_id("answer-call").first.click()
        expect(page.get_by_test_id("card-category")).to_have_attribute("data-category", "unassessed")
        wire.cut()
        expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "stale")
        time.sleep(AWAY_S)
        wire.mend()
        expect(page.get_by_test_id("live-strip")).to_have_attribute("data-state", "live")
        expect(page.get_by_test_id("card-category")).to_have_attribute("data-category", "1")
        for words in ("27", "collapsed", "snoring"):
            expect(page.get_by_test_id("transcript")).to_contain_text(words, ignore_case=True)
        call.wait(120)
