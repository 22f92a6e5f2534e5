"""The report's pages in a real browser, in both languages: form, error, ticket; nothing sticks out, axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from portal import create_app
from public_lookup import tickets
from tenants import scope
from tests.cast import A
from tests.chromium import launched, served
from tests.databases import Database

ARTEFACTS = Path(__file__).parents[1] / "artefacts" / "public_lookup"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def origin(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(tickets, "QUICK", -1)
    app: Flask = create_app(own_database.settings)
    scope.configure(app.config["SETTINGS"])
    app.extensions["reports"].hard.reset()
    with served(app) as address:
        yield address


def look(page: Page, name: str) -> None:
    """Keep a picture, and complain about whatever a person would stumble over."""
    page.screenshot(path=ARTEFACTS / f"report-{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "something sticks out to the right"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("zh", 360, "light"), ("en", 360, "light"), ("zh", 320, "dark"), ("en", 1440, "light")],
)
def test_from_the_cylinder_to_the_ticket(
    browser: Browser, origin: str, language: str, width: int, scheme: str
) -> None:
    name = f"{language}-{width}"
    page = browser.new_page(viewport={"width": width, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "status of" not in message.text else None,
    )
    page.goto(f"{origin}/L?id={A.code('good')}&lang={language}")
    page.click(f"a[href*='/report?id={A.code('good')}']")
    look(page, f"form-{name}")
    page.fill("#words", "重")
    page.fill("#phone", "no phone")
    page.click("form[method=post] button")
    look(page, f"error-{name}")
    assert page.input_value("#phone") == "no phone"
    page.check("input[value=complaint]")
    page.select_option("#matter", "short")
    page.fill("#words", "换的气瓶明显不够重，称了只有二十公斤")
    page.fill("#phone", "138 0000 0000")
    page.click("form[method=post] button")
    page.wait_for_url("**/report/*")
    look(page, f"ticket-{name}")
    page.goto(f"{origin}/report/00000000000000-0000000000?lang={language}")
    look(page, f"unknown-{name}")
    assert complaints == []
    page.close()
