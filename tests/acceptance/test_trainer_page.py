"""The trainers' room in a browser: from picking an exercise to the countersigned debriefing; review of real calls."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.caller import StartCall
from dispatch.contract.console import (
    AnswerCall,
    CallState,
    DisposeCall,
    HangUpCall,
    MarkHelpSent,
    SeatState,
    SetSeatState,
)
from dispatch.contract.timeline import Disposition
from dispatch.identity import Role
from dispatch.observability.supervision import TaskSupervisor
from scenarios.serving import serve
from tests.acceptance.test_operator_together import desk_of, fine
from tests.acceptance.test_operator_units import AXE
from tests.fixtures_node import MULAW, console_of, new_id, talk
from tests.fixtures_process import ARTEFACTS

pytestmark = pytest.mark.acceptance

PATIENCE_MS = 60_000
SPEED = 4.0


async def room_of(role: Role, browser: Browser, node: Node) -> Page:
    """A signed-in page in the room."""
    assert node.demo_world is not None
    login = node.demo_world.login(role)
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(node.url if role is Role.TRAINER else f"{node.url}/#training")
    await page.get_by_test_id("sign-in-email").fill(login.email)
    await page.get_by_test_id("sign-in-password").fill(login.password)
    await page.get_by_test_id("sign-in-submit").click()
    await expect(page.get_by_test_id("training-room")).to_be_visible(timeout=PATIENCE_MS)
    await page.evaluate(AXE.read_text())
    return page


@asynccontextmanager
async def seat(node: Node) -> AsyncIterator[ConsoleClient]:
    """The trainee's own console."""
    console = await console_of(node)
    try:
        yield console
    finally:
        await console.close()


async def answered(console: ConsoleClient) -> str:
    """The exercise that rings, answered, with help sent."""
    await console.until(lambda view: any(call.state is CallState.RINGING for call in view.queue.values()))
    call_id = next(call.call_id for call in console.view.queue.values() if call.state is CallState.RINGING)
    assert console.view.queue[call_id].exercise
    await console.command(AnswerCall(command_id=new_id(), call_id=call_id))
    await console.command(MarkHelpSent(command_id=new_id(), call_id=call_id))
    return call_id


async def closed_call(node: Node, console: ConsoleClient) -> None:
    """A real call, from its first ring to its disposition."""
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW, phone="+44 7700 900105"))
    await console.until(lambda view: opened.call_id in view.queue)
    await console.command(AnswerCall(command_id=new_id(), call_id=opened.call_id))
    await talk(caller, 6)
    await console.command(HangUpCall(command_id=new_id(), call_id=opened.call_id))
    await console.until(lambda view: view.queue[opened.call_id].state is CallState.ENDED)
    closing = DisposeCall(command_id=new_id(), call_id=opened.call_id, disposition=Disposition.ADVICE_GIVEN)
    await console.command(closing)
    await caller.close()


async def looked_at(page: Page, name: str) -> None:
    await fine(page)
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"trainer-{name}.png")


async def says_exercise(desk: Page, call_id: str) -> None:
    """The trainee's page says so wherever it shows the call or who could be sent to it."""
    await desk.locator(f"[data-call-id={call_id}]").click()
    await expect(desk.locator(f"[data-call-id={call_id}]")).to_contain_text("EXERCISE")
    await expect(desk.locator("main header").first).to_contain_text("EXERCISE", timeout=PATIENCE_MS)
    await expect(desk.get_by_test_id("card-category")).to_contain_text("EXERCISE", timeout=PATIENCE_MS)
    await expect(desk.locator("[data-testid=unit][data-unit-id=demo-unit-5]")).to_contain_text("EXERCISE")
    await desk.get_by_role("tab", name="Timeline").click()
    await expect(desk.get_by_text("Call came in by exercise, anonymous, EXERCISE")).to_be_visible()
    await desk.get_by_role("tab", name="Map").click()
    await expect(desk.get_by_test_id("map").get_by_text("EXERCISE Practice 1")).to_be_visible()
    ARTEFACTS.mkdir(exist_ok=True)
    await desk.screenshot(path=ARTEFACTS / "operator-exercise.png")


@pytest.mark.timeout(300)
async def test_a_trainer_starts_watches_disturbs_and_debriefs_and_the_trainee_countersigns(
    node: Node, browser: Browser
) -> None:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.TRAINER)
    async with TaskSupervisor() as tasks, seat(node) as console:
        tasks.start("player", serve(node.url, login.email, login.password, speed=SPEED))
        await console.command(SetSeatState(command_id=new_id(), state=SeatState.READY))
        desk = await desk_of(browser, node, "operator")
        await expect(desk.get_by_test_id("to-training")).to_have_attribute("href", "#training")
        await desk.keyboard.press("r")
        page = await room_of(Role.TRAINER, browser, node)
        await page.get_by_test_id("scenario-search").fill("cardiac arrest")
        await page.get_by_test_id("scenario-cardiac-arrest-bedroom").check()
        await page.get_by_test_id("trainee").select_option("demo-operator")
        await looked_at(page, "pick")
        await page.get_by_test_id("start-exercise").click()
        await expect(page.get_by_test_id("exercise-state")).to_have_attribute(
            "data-state", "playing", timeout=PATIENCE_MS
        )
        ring = desk.get_by_role("region", name="Incoming call")
        await expect(ring).to_contain_text("EXERCISE", timeout=PATIENCE_MS)
        call_id = await answered(console)
        await says_exercise(desk, call_id)
        await expect(page.get_by_text("EXERCISE", exact=True)).to_be_visible()
        await expect(page.get_by_test_id("watch-transcript")).to_contain_text("collapsed", timeout=PATIENCE_MS)
        await expect(page.get_by_test_id("watch-card")).to_have_attribute(
            "data-category", re.compile("[12]"), timeout=PATIENCE_MS
        )
        await page.get_by_test_id("inject-line_noise").click()
        await expect(page.get_by_test_id("injection").first).to_have_attribute("data-done", "true", timeout=PATIENCE_MS)
        await looked_at(page, "watch")
        await page.get_by_test_id("stop-exercise").click()
        await expect(page.get_by_test_id("exercise-state")).to_have_attribute("data-state", "over", timeout=PATIENCE_MS)
        await page.get_by_test_id("debrief").click(timeout=PATIENCE_MS)

        await expect(page.get_by_test_id("score-line").first).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_test_id("overrule-score").fill("82")
        await page.get_by_test_id("overrule-passed").check()
        await page.get_by_test_id("overrule-comment").fill("The line was noisy.")
        await page.get_by_test_id("overrule-submit").click()
        head = page.get_by_test_id("debrief-head")
        await expect(head).to_contain_text("EXERCISE")
        await expect(head).to_contain_text("82.0 % Passed overruled, not countersigned", timeout=PATIENCE_MS)
        async with page.expect_download() as download:
            await page.get_by_test_id("export-pdf").click()
        assert (await download.value).suggested_filename.endswith(".pdf")
        await looked_at(page, "debrief")

        trainee = await room_of(Role.OPERATOR, browser, node)
        await trainee.get_by_test_id("open-run").click()
        await expect(trainee.get_by_test_id("overrule-submit")).to_have_count(0)
        await trainee.get_by_test_id("sign-comment").fill("Read.")
        await trainee.get_by_test_id("sign-submit").click()
        await expect(trainee.get_by_test_id("debrief-head")).to_contain_text("Countersigned", timeout=PATIENCE_MS)

        await closed_call(node, console)
        supervisor = await room_of(Role.SUPERVISOR, browser, node)
        await supervisor.get_by_test_id("room-review").click()
        await supervisor.get_by_test_id("open-review").first.click()
        await expect(supervisor.get_by_test_id("score-line").first).to_be_visible(timeout=PATIENCE_MS)
        await looked_at(supervisor, "review")
