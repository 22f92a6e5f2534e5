"""The page in a real browser: every face in both languages on a small phone, a phone and a desk; nothing sticks out, axe finds nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from portal import create_app
from tenants import scope
from tests.cast import A
from tests.chromium import launched, served
from tests.databases import Database

ARTEFACTS = Path(__file__).parents[1] / "artefacts" / "public_lookup"
WIDTHS = (320, 360, 1440)
FACES = {
    "ok": f"/L?id={A.code('good')}",
    "due_soon": f"/L?id={A.code('due_soon')}",
    "do_not_use": f"/L?id={A.code('overdue')}",
    "lost": f"/L?id={A.code('lost')}",
    "disputed": f"/L?id={A.code('disputed')}",
    "issued": f"/L?id={A.code('issued')}",
    "unknown": f"/L?id={A.code('good')[:11]}999999",
    "malformed": "/Q?id=3705-12",
    "missing": "/Q?",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def origin(portal: Flask) -> Iterator[str]:
    scope.configure(portal.config["SETTINGS"])
    with served(portal) as address:
        yield address


def look(page: Page, address: str, name: str) -> None:
    """Open it, keep a picture, and complain about whatever a person would stumble over."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "status of" not in message.text else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "something sticks out to the right"
    assert complaints == []
    assert requests in ([address], [address, "data:,"]), "one answer holds the whole page"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("face", FACES)
def test_every_face_at_every_width(
    browser: Browser, origin: str, face: str, language: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    look(page, f"{origin}{FACES[face]}&lang={language}", f"{face}-{language}-{width}")
    band = page.locator(".band").bounding_box()
    assert band is not None
    assert (band["x"], band["width"]) == (0, width), "the band fills the width"
    assert band["y"] < 120, "the word comes first"
    assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 18
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_faces_of_trouble(
    browser: Browser, cast_database: Database, portal: Flask, language: str
) -> None:
    url = cast_database.settings.database_url.replace("/gas_test", "/gas_is_away")
    with served(create_app(dataclasses.replace(cast_database.settings, database_url=url))) as address:
        page = browser.new_page(viewport={"width": 360, "height": 740})
        look(page, f"{address}{FACES['ok']}&lang={language}", f"unavailable-{language}")
        for _ in range(60):
            page.request.get(f"{address}/Q")
        look(page, f"{address}{FACES['ok']}&lang={language}", f"too_many-{language}")
        page.close()
    scope.configure(portal.config["SETTINGS"])


def test_dark_and_print_are_readable_too(browser: Browser, origin: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    look(page, f"{origin}{FACES['do_not_use']}", "dark")
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 794, "height": 1123})
    page.screenshot(path=ARTEFACTS / "print.png", full_page=True)
    assert not page.locator("form").is_visible()
    assert page.locator("time").is_visible()
    page.close()


def test_by_keyboard_alone_a_code_can_be_corrected(browser: Browser, origin: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="zh-CN")
    page.goto(f"{origin}/Q?id=123")
    for _ in ("large type", "the other language", "the code"):
        page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type(" ".join(A.code("good")))
    page.keyboard.press("Enter")
    page.wait_for_url("**/L?id=*")
    assert page.locator("h1").inner_text().endswith("合格")
    page.close()
