"""The page in a real Chromium, over the service with fakes for models, on a port of this machine."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from service.api.backend import Backend
from tests.service import conftest as service_fixtures
from tests.service.api.conftest import QUESTION, REPLY, backend_over, listening
from tests.service.conftest import World

world = service_fixtures.world

QUOTE = "예산은 350억 원이 들었다."


@dataclass(slots=True)
class Site:
    """The service as a browser reaches it. expected: statuses that a test has answers fail with."""

    address: str
    world: World
    backend: Backend
    expected: set[int] = field(default_factory=set)


@pytest.fixture(scope="package")  # while Playwright runs, nothing else can run an event loop in this thread
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        if not found and not os.path.exists(playwright.chromium.executable_path):  # noqa: PTH110
            pytest.skip("there is no Chromium here; get one with: playwright install chromium")
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        running = playwright.chromium.launch(executable_path=found, args=arguments)
        yield running
        running.close()


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    """The service with its models loaded; the model answers the question about the budget."""
    world.script(REPLY)
    with backend_over(world) as backend, listening(backend) as address:
        yield Site(address, world, backend)


@dataclass  # without slots: Playwright notes its handlers on their object
class Watched:
    """What a page does that no test expects: errors on its console, requests that leave this machine."""

    site: Site
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._see)
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))

    def _hear(self, message: ConsoleMessage) -> None:
        refused = "Failed to load resource" in message.text
        if refused and any(f"status of {status}" in message.text for status in self.site.expected):
            return
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.site.address, "data:")):
            self.faults.append(f"request: {request.url}")


@dataclass(slots=True)
class Opener:
    """Opens the page as a person with these preferences would."""

    site: Site
    browser: Browser
    watched: Watched

    def open(
        self,
        *,
        width: int = 1280,
        height: int = 800,
        locale: str = "ko-KR",
        dark: bool = False,
    ) -> Page:
        """The page with what it shows at first."""
        page = self._go(width, height, locale, dark)
        page.locator(".example, .empty .primary").first.wait_for()
        return page

    def open_refused(self) -> Page:
        """The page, which will be asked for a key."""
        page = self._go(1280, 800, "ko-KR", False)
        page.get_by_role("dialog").wait_for()
        return page

    def _go(self, width: int, height: int, locale: str, dark: bool) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(8000)
        self.watched.watch(page)
        page.goto(self.site.address)
        return page


@pytest.fixture
def opener(site: Site, browser: Browser) -> Iterator[Opener]:
    """Fails the test when a page it opened wrote to its console or asked another host for anything."""
    before = set(browser.contexts)
    watched = Watched(site)
    yield Opener(site, browser, watched)
    for context in set(browser.contexts) - before:
        context.close()
    assert watched.faults == []


@pytest.fixture
def page(opener: Opener) -> Page:
    return opener.open()


def ask(page: Page, question: str = QUESTION) -> None:
    """Asks, and waits until the answer is complete."""
    done = page.locator(".turn .actions").count()
    page.get_by_label("질문", exact=True).fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn .actions").nth(done).wait_for()
