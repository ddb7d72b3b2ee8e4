"""The operators' page in Chromium: from a key to what is painted, with 200 queued calls and a running transcript.

A whole server as a child process; 200 callers who wait, one of them talking all the time. A page of an operator has the
talking call open. Every key press is timed inside the page, from the event's own time stamp to the end of the frame
that was painted after it (a message posted from `requestAnimationFrame` runs behind the paint). First load is the time
from asking for the address to the sign-in form, cache empty; the bundle is what the first view fetches, gzip -9.

It ends within `LIMIT_S` and a moment for stopping, also on a busy machine: keys are pressed for at most `PRESSING_S`,
and where something does not come in time the figures so far are printed with `complete` false.
"""

import asyncio
import gzip
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from bench._server import ChildServer
from dispatch.client import CallerClient
from dispatch.contract.audio import AudioFormat, Encoding
from dispatch.contract.caller import StartCall
from dispatch.observability.clock import SystemClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.sound_files import SoundFile, paced, read_sound

ROOT: Final = Path(__file__).parents[1]
DIST: Final = ROOT / "web" / "operator" / "dist"
RECORDING: Final = ROOT / "scenarios" / "library" / "cardiac-arrest-kitchen.caller.wav"
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
KEYS: Final = ("j", "k", "t", "t", "t", "o", "Escape", "?", "Escape", "g", "ArrowDown", "ArrowDown", "ArrowUp")
"""Moving over the card, through the tabs, opening and closing windows, walking through the queue."""
PATIENCE_MS: Final = 60_000
LIMIT_S: Final = 360.0
PRESSING_S: Final = 120.0
STARTS_AT_ONCE: Final = 10
WATCH: Final = """() => {
  window.paints = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = ({data: [key, at]}) => { window.paints.push([key, performance.now() - at]); };
  window.addEventListener('keydown', ({key, timeStamp}) => {
    requestAnimationFrame(() => channel.port2.postMessage([key, timeStamp]));
  }, {capture: true});
}"""
FRAMES: Final = """(ms) => new Promise((done) => {
  const gaps = []; let last = performance.now(); const end = last + ms;
  const step = () => {
    const now = performance.now(); gaps.push(now - last); last = now;
    if (now < end) requestAnimationFrame(step); else done(gaps);
  };
  requestAnimationFrame(step);
})"""


def arguments() -> list[click.Parameter]:
    """What the command can be told."""
    return [
        click.Option(["--calls"], type=click.IntRange(1, 1000), default=200, help="Calls in the queue."),
        click.Option(["--presses"], type=click.IntRange(20), default=300, help="Keys that are pressed and timed."),
        click.Option(["--loads"], type=click.IntRange(1), default=5, help="First loads that are timed."),
        click.Option(["--chromium"], default=CHROMIUM, help="The browser."),
    ]


def run(calls: int, presses: int, loads: int, chromium: str) -> dict[str, object]:
    """Measures the page. Times are milliseconds, but for `first_load_s`."""
    figures: dict[str, object] = {"calls": calls, "bundle_gzip_bytes": bundle_bytes(DIST), "complete": False}
    progress("a server starts")
    with ChildServer() as server:
        asyncio.run(measured(figures, server, calls, presses, loads, chromium))
    return figures


async def measured(
    figures: dict[str, object], server: ChildServer, calls: int, presses: int, loads: int, chromium: str
) -> None:
    """Adds the figures of a page on a running server, one after the other."""
    try:
        async with asyncio.timeout(LIMIT_S), async_playwright() as playwright, AsyncExitStack() as stack:
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            stack.push_async_callback(browser.close)
            figures |= await loading(browser, server.url, loads)
            page = await signed_in(browser, server)
            await stack.enter_async_context(waiting_callers(server.url, calls - 1))
            await stack.enter_async_context(talking_caller(server.url))
            figures |= await working(page, calls, presses)
            figures["complete"] = figures["presses"] == presses
    except (TimeoutError, PlaywrightTimeout) as late:
        progress(f"not in time: {late}")


async def loading(browser: Browser, url: str, loads: int) -> dict[str, object]:
    """The first view."""
    first = [await first_load(browser, url) for _ in range(loads)]
    progress(f"first view after {float(np.median(first)):.2f} s")
    return {"first_load_s": round(float(np.median(first)), 3)}


async def working(page: Page, calls: int, presses: int) -> dict[str, object]:
    """An operator at work among so many calls."""
    await page.keyboard.press("r")
    await page.get_by_test_id("answer-call").first.wait_for(timeout=PATIENCE_MS)
    await page.get_by_test_id("queue-row").nth(calls - 1).wait_for(state="attached")
    progress(f"the queue shows {calls} calls")
    await open_talking(page)
    progress("the talking call is open")
    paints = await pressed(page, presses)
    taken = np.array([ms for _, ms in paints])
    gaps = np.array(await page.evaluate(FRAMES, 5000))
    return {
        "latency_p50_ms": _figure(taken, 50),
        "latency_p95_ms": _figure(taken, 95),
        "latency_max_ms": _figure(taken, 100),
        "median_ms_by_key": by_key(paints),
        "presses": len(taken),
        "frame_gap_p95_ms": _figure(gaps, 95),
        "words_shown": await page.get_by_test_id("word-stable").count(),
    }


async def first_load(browser: Browser, url: str) -> float:
    """Seconds from asking for the page to the sign-in form, with an empty cache."""
    context = await browser.new_context()
    page = await context.new_page()
    began = time.perf_counter()
    await page.goto(url, wait_until="commit")
    await page.get_by_test_id("sign-in-email").wait_for(timeout=PATIENCE_MS)
    taken = time.perf_counter() - began
    await context.close()
    return taken


async def signed_in(browser: Browser, server: ChildServer) -> Page:
    """An operator's page."""
    email, password = server.login("operator")
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, permissions=["microphone"])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(server.url)
    await page.get_by_test_id("sign-in-email").fill(email)
    await page.get_by_test_id("sign-in-password").fill(password)
    await page.get_by_test_id("sign-in-submit").click()
    await page.locator("[data-testid=live-strip][data-state=live]").wait_for()
    return page


async def open_talking(page: Page) -> None:
    """Answers the first call that rings and opens the one whose words run."""
    await page.keyboard.press("a")
    row = page.locator('[data-testid=queue-row][data-category="1"]').first
    await row.wait_for(timeout=PATIENCE_MS)
    await row.click()
    await page.get_by_test_id("word-stable").first.wait_for(timeout=PATIENCE_MS)


async def pressed(page: Page, presses: int) -> list[tuple[str, float]]:
    """Each key with the milliseconds to the paint behind it."""
    await page.evaluate(WATCH)
    until = time.monotonic() + PRESSING_S
    for number in range(presses):
        if time.monotonic() > until:
            break
        await page.keyboard.press(KEYS[number % len(KEYS)])
        await page.wait_for_timeout(60)
        if number % 50 == 49:
            progress(f"{number + 1} keys pressed")
    return [(key, ms) for key, ms in await page.evaluate("window.paints")]


def by_key(paints: list[tuple[str, float]]) -> dict[str, float]:
    """What each key takes, the slowest first."""
    medians = {key: _figure(np.array([ms for one, ms in paints if one == key]), 50) for key in dict(paints)}
    return dict(sorted(medians.items(), key=lambda one: -one[1]))


@asynccontextmanager
async def waiting_callers(url: str, count: int) -> AsyncIterator[None]:
    """Callers whose calls ring and say nothing."""
    callers = [CallerClient(url) for _ in range(count)]
    limit = asyncio.Semaphore(STARTS_AT_ONCE)

    async def start(caller: CallerClient) -> None:
        async with limit:
            await caller.start(StartCall())

    try:
        await asyncio.gather(*map(start, callers))
        progress(f"{count} calls wait")
        yield
    finally:
        await asyncio.gather(*(caller.close() for caller in callers))


@asynccontextmanager
async def talking_caller(url: str) -> AsyncIterator[None]:
    """A caller who tells of a cardiac arrest, again and again."""
    caller = CallerClient(url)
    await caller.start(StartCall(format=AudioFormat(encoding=Encoding.PCM16, sample_rate=16000)))
    tasks = TaskSupervisor(clock=SystemClock())
    tasks.start("talking", talk(caller))
    try:
        yield
    finally:
        await tasks.close()
        await caller.close()


async def talk(caller: CallerClient) -> None:
    """The recording at the pace of life, until it is stopped."""
    sound: SoundFile = read_sound(RECORDING, as_format=AudioFormat())
    began = 0
    while True:
        async for offset, audio in paced(sound):
            await caller.send(audio, began + offset)
        began += sound.samples


def bundle_bytes(dist: Path) -> int:
    """What the first view fetches: the page, and the scripts and styles that it names; gzip -9."""
    page = (dist / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/?([^"]+\.(?:js|css))"', page)
    files = [dist / "index.html", *(dist / name for name in named)]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def progress(text: str) -> None:
    """For whoever waits for the figures."""
    print(text, file=sys.stderr, flush=True)


def _figure(values: NDArray[np.float64], percentile: float) -> float:
    return round(float(np.percentile(values, percentile)), 1)
