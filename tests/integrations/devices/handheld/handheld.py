"""A handheld as a person holds it: a browser profile, a page, keys that come fast like a scanner's."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright
from playwright.sync_api import Error as PlaywrightError

from tenants import scope
from tenants.permissions import Actor
from tenants.rules.codes import grouped
from tenants.rules.states import Role
from tenants.services.enrolment import open_enrolment
from tenants.services.operators import set_pin
from tests.cast import A
from tests.chaos.world import World, code_of

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=document-user-activation-required")
PIN = "2580"
PHONE = {"width": 360, "height": 640}
_devices = count()

WAITING = """async () => {
  const { counts } = await import('/handheld/files/outbox.js');
  (await import('/handheld/files/sync.js')).soon(0);
  const { waiting, sent } = await counts();
  return waiting + sent;
}"""
# Scans as fast as the device says «saved», keys as a scanner sends them.
SCANS = """async (codes) => {
  const saved = () => document.querySelector('.last .code')?.textContent.replaceAll(' ', '');
  for (const code of codes) {
    for (const key of [...code, 'Enter'])
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    while (saved() !== code) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}"""
PATIENCE = 60.0  # seconds


class Handheld:
    """One device; `page` is its screen."""

    def __init__(
        self, world: World, playwright: Playwright, profile: Path, arguments: tuple[str, ...],
        prepare: Callable[[BrowserContext], None] | None,
    ) -> None:  # fmt: skip
        self.origin = world.settings.public_origin
        self.world, self.number = world, next(_devices)
        self._playwright, self._profile, self._arguments, self._prepare = (
            playwright,
            profile,
            arguments,
            prepare,
        )
        self.complaints: list[str] = []
        self.open_now = False
        self.context: BrowserContext
        self.page: Page

    @property
    def name(self) -> str:
        """What the enterprise calls it."""
        return f"handheld {self.number}"

    def begin(self, role: str = "filler", operator: str = "", locale: str = "zh-CN") -> Handheld:
        self.locale = locale
        self.start()
        scope.configure(self.world.settings)  # another file's tests may have been elsewhere
        with scope.tenant_scope(A.tenant_id) as session:
            boss = Actor(role=Role.ADMIN, username="boss", tenant_id=A.tenant_id)
            token = open_enrolment(session, boss, Role(role), datetime.now(UTC)).token
        self.page.goto(f"{self.origin}/handheld/#enrol={token}")
        self.page.fill("[name=name]", self.name)
        self.page.click("button.go")
        self.page.wait_for_selector("[name=operator]")
        self.page.fill("[name=operator]", operator or f"{A.mark}filler")
        self.page.fill("[name=pin]", PIN)
        self.page.click("button.go")
        self.page.wait_for_selector(".menu")
        return self

    def start(self) -> None:
        """The browser, on the profile that is there."""
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self._profile), executable_path="/usr/bin/chromium", headless=True, args=list(self._arguments),
            viewport=PHONE, locale=self.locale, has_touch=True,
        )  # fmt: skip
        self.open_now = True
        if self._prepare:
            self._prepare(self.context)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None,
        )

    def restart(self) -> None:
        """Off and on again, in the middle of the shift."""
        self.close()
        self.start()
        self.reenter()

    def reenter(self) -> None:
        """Open the app again and go to work."""
        self.page.goto(f"{self.origin}/handheld/")
        self.page.click("text=开始作业")
        self.page.wait_for_selector(".menu")

    def close(self) -> None:
        if self.open_now:
            self.open_now = False
            self.context.close()

    def die(self) -> None:
        """The battery falls out: every process of the browser is killed at once."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    if str(self._profile).encode() in (entry / "cmdline").read_bytes():
                        os.kill(int(entry.name), signal.SIGKILL)
        with suppress(PlaywrightError):
            self.context.close()
        self.open_now = False
        (self._profile / "SingletonLock").unlink(missing_ok=True)

    def open(self, task: str) -> None:
        self.page.click(f".task.{task}")

    def fill_task(self, medium: str = "01") -> None:
        """The task of filling, with the check by the scan."""
        self.open("fill")
        self.page.fill("[name=medium]", medium)
        self.page.click("button.go")
        self.page.wait_for_selector(".prompt")

    def wedge(self, text: str, delay: float = 2) -> None:
        """A scanner that imitates a keyboard."""
        self.page.keyboard.type(text, delay=delay)
        self.page.keyboard.press("Enter")

    def scan(self, number: int, kind: str = "pass") -> None:
        """Scan a cylinder of the stage, and see that the screen speaks of it."""
        self.wedge(code(number))
        self.page.wait_for_selector(f".last:has(.was.{kind}):has-text('{grouped(code(number))}')")

    def was(self, kind: str) -> str:
        """The text of the last result once it is of that kind."""
        return self.page.wait_for_selector(f".last .was.{kind}").inner_text()

    def kept(self, store: str) -> list[Any]:
        """Everything in one of the device's stores."""
        found: list[Any] = self.page.evaluate(
            "async (name) => (await import('/handheld/files/store.js')).all(name)", store
        )
        return found

    def wait_sent(self) -> None:
        """Everything is at the server, and its results are known."""
        deadline = time.monotonic() + PATIENCE
        while self.page.evaluate(WAITING):
            assert time.monotonic() < deadline, "not sent"
            self.page.wait_for_timeout(100)


def code(number: int) -> str:
    """The label of a cylinder of the stage."""
    return code_of(A, number)


def give_pin() -> None:
    """The filler of the stage can sign in."""
    with scope.tenant_scope(A.tenant_id) as session:
        boss = Actor(role=Role.ADMIN, username="boss", tenant_id=A.tenant_id)
        set_pin(session, boss, f"{A.mark}filler", PIN, datetime.now(UTC))
