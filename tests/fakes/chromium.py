"""A headless Chromium that opens a file and writes down all that it says and asks for.

playwright is not needed to check the types: what the tests use of it is spelled out here.
Source: https://playwright.dev/python/docs/api/class-page
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol, overload

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".lab" / "screenshots"
"""What the tests have seen, for a person to look at; CI may keep the folder."""
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


class Mouse(Protocol):
    """The mouse."""

    def move(self, x: float, y: float) -> None: ...
    def down(self) -> None: ...
    def up(self) -> None: ...


class Keyboard(Protocol):
    """The keyboard."""

    def press(self, key: str) -> None: ...


class Told(Protocol):
    """A message of the console, or an error of a script."""

    text: str


class Asked(Protocol):
    """A request."""

    url: str


class Page(Protocol):
    """One tab."""

    mouse: Mouse
    keyboard: Keyboard

    @overload
    def on(self, event: Literal["console"], hears: Callable[[Told], None]) -> None: ...
    @overload
    def on(self, event: Literal["request"], hears: Callable[[Asked], None]) -> None: ...
    @overload
    def on(
        self, event: Literal["pageerror", "dialog"], hears: Callable[[object], None]
    ) -> None: ...
    def goto(self, url: str) -> object: ...
    def evaluate(self, expression: str, argument: object = None) -> object: ...
    def click(self, selector: str) -> None: ...
    def fill(self, selector: str, value: str) -> None: ...
    def focus(self, selector: str) -> None: ...
    def wait_for_function(self, expression: str) -> object: ...
    def text_content(self, selector: str) -> str | None: ...
    def screenshot(self, *, path: str, full_page: bool) -> bytes: ...
    def pdf(self) -> bytes: ...
    def emulate_media(self, *, color_scheme: Literal["light", "dark"]) -> None: ...


@dataclass
class Tab:
    """A page that is open, and what it has said and asked for so far."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def number(self, expression: str) -> int:
        """Return the number that the expression comes to in the page."""
        found = self.page.evaluate(expression)
        assert isinstance(found, int)
        return found

    def text(self, selector: str) -> str:
        """Return the text of one element."""
        return self.page.text_content(selector) or ""

    def settle(self) -> None:
        """Wait until the page has drawn twice: what was to be drawn at once has been."""
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), full_page=True)


def executable() -> str | None:
    """Return where Chromium is; `UNLEAK_CHROMIUM` names another one."""
    return os.environ.get("UNLEAK_CHROMIUM") or shutil.which("chromium")


def is_there() -> bool:
    """Whether there is a Chromium, and playwright to drive it."""
    return find_spec("playwright") is not None and executable() is not None


@contextmanager
def chromium(profile: Path) -> Iterator[Callable[[Path], Tab]]:
    """Start Chromium with a new, empty profile; give what opens a file in a tab of its own."""
    with import_module("playwright.sync_api").sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            str(profile),
            executable_path=executable(),
            headless=True,
            chromium_sandbox=False,  # root in a container has none
            args=list(FLAGS),
            viewport={"width": 1360, "height": 900},
        )
        try:
            yield lambda path: _opened(context.new_page(), path)
        finally:
            context.close()


def _opened(page: Page, path: Path) -> Tab:
    tab = Tab(page)

    def said(message: Told) -> None:
        tab.said.append(message.text)

    def failed(error: object) -> None:
        tab.said.append(str(error))

    def asked(request: Asked) -> None:
        tab.asked.append(request.url)

    page.on("console", said)
    page.on("pageerror", failed)
    page.on("request", asked)
    page.on("dialog", failed)
    page.goto(path.as_uri())
    tab.settle()
    return tab
