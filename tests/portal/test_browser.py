"""The pages in a real browser: nothing sticks out, axe finds nothing, the drawer and the keys work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tenants.rules.states import Role
from tests import cast
from tests.chromium import launched, served
from tests.databases import Database
from tests.portal.conftest import app_over

ADMIN = cast.A.username(Role.ADMIN)
FINDING, REPORT, GOOD = cast.A.uuid(86), cast.A.uuid(88), cast.A.cylinder_id("good")
DESKS = [
    (ADMIN, ("/enterprise", "/enterprise/cylinders", "/enterprise/cylinders?q=none", "/enterprise/cylinders/new", "/enterprise/labels",
             "/enterprise/label_runs/order", "/enterprise/label_runs", f"/enterprise/label_runs/{cast.A.uuid(50)}",
             f"/enterprise/cylinders/{cast.A.cylinder_id('overdue')}", "/enterprise/findings",
             f"/enterprise/findings/{FINDING}", "/enterprise/reports", f"/enterprise/reports/{REPORT}", "/account", "/enterprise/nothing")),
    (cast.REGULATOR_OF_BOTH.username, ("/authority", "/authority/findings", f"/authority/findings/{FINDING}", "/authority/cylinders",
                                       f"/authority/cylinders/{GOOD}", "/authority/reports", f"/authority/reports/{REPORT}")),
    (cast.INSPECTOR_OF_BOTH.username, ("/inspector", "/inspector/findings?days=7", "/inspector/findings?standing=ended",
                                       "/inspector/cylinders?q=ZA", f"/inspector/cylinders/{GOOD}",
                                       f"/inspector/cylinders/{GOOD}/findings", f"/inspector/cylinders/{GOOD}/lift")),
    (cast.OPERATOR, ("/platform",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def origin(own_database: Database) -> Iterator[str]:
    with served(app_over(own_database)) as address:
        yield address


def enter(chromium: Browser, origin: str, username: str, width: int, theme: str = "light") -> Page:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    context.add_cookies([{"name": "theme", "value": theme, "url": origin}])
    page = context.new_page()
    page.goto(origin + "/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", cast.PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def listen(page: Page, found: list[str]) -> None:
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if "Content Security" in said.text else None)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_nothing_sticks_out_and_axe_finds_nothing(
    chromium: Browser, origin: str, width: int, theme: str
) -> None:
    found: list[str] = []
    for username, paths in DESKS:
        page = enter(chromium, origin, username, width, theme)
        listen(page, found)
        for locale in ("zh", "en"):
            page.goto(origin + "/account")
            page.click(f".choice button[name=locale][value={locale}]")
            for path in paths:
                page.goto(origin + path)
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append(f"{path} {locale}: wider than {width}")
                found += [
                    f"{path} {locale}: {problem['id']}" for problem in Axe().run(page).response["violations"]
                ]
        page.context.close()
    assert found == []


def test_a_cylinder_is_added_in_the_drawer_while_the_list_stays(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, ADMIN, 1440)
    page.goto(origin + "/enterprise/cylinders?sort=serial_no")
    page.click("text=新增气瓶")
    page.wait_for_selector("dialog[open]")
    page.click("dialog button:has-text('保存')")
    page.wait_for_selector("dialog [aria-invalid=true]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.click("tbody tr:first-child .edit")
    page.wait_for_selector("dialog[open] [name=maker]")
    page.fill("dialog [name=maker]", "换了厂名")
    page.click("dialog button:has-text('保存')")
    page.wait_for_selector(".toast-line:has-text('已保存')")
    page.wait_for_selector("td:has-text('换了厂名')")
    assert page.url.endswith("?sort=serial_no")


def test_a_scanner_needs_only_the_slash_and_its_own_enter(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, ADMIN, 1440)
    page.goto(origin + "/enterprise/cylinders")
    page.keyboard.press("/")
    page.keyboard.type(f"http://teshe.org.cn/L?id={cast.A.code('good')}")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=共 1 条")
    assert page.locator("tbody tr").count() == 1
    assert "q=http" in page.url
    page.go_back()
    page.wait_for_selector(f"text=共 {len(cast.CYLINDERS)} 条")


def test_rows_are_chosen_and_suspended_together(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, ADMIN, 1440)
    page.goto(origin + "/enterprise/cylinders?due=soon")
    page.check("[data-all]")
    page.click(".bulk button:has-text('停用')")
    page.wait_for_selector("dialog[open] textarea")
    page.fill("dialog textarea", "检修")
    page.click("dialog button:has-text('停用')")
    page.wait_for_selector("td:has-text('停用')")


def test_the_menu_of_a_phone_opens_and_goes_on(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, ADMIN, 360)
    page.click("label.menu-button")
    page.click("aside >> text=气瓶档案")
    page.wait_for_selector("h1:has-text('气瓶档案')")
