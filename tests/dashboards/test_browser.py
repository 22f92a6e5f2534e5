"""The dashboards in a real browser: they draw, ask nobody outside, stick nowhere out, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.cast import REGULATOR_OF_BOTH
from tests.chromium import launched, served
from tests.dashboards.conftest import furnish
from tests.databases import Database
from tests.portal.conftest import app_over
from tests.portal.test_browser import enter

WATCHED = (
    "/authority",
    "/dashboards/overview",
    "/dashboards/map",
    "/dashboards/refusals/rows",
    "/dashboards/enterprises",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def origin(own_database: Database) -> Iterator[str]:
    with own_database.as_admin() as connection:
        furnish(connection)
    with served(app_over(own_database)) as address:
        yield address


def watch(page: Page, origin: str, found: list[str]) -> None:
    own = (origin, "data:", "blob:")
    page.on("request", lambda asked: found.append(asked.url) if not asked.url.startswith(own) else None)
    page.on("response", lambda got: found.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)


def drawn(page: Page) -> None:
    page.wait_for_selector("#page h1")
    graphs = page.locator(".dash-graph")
    for number in range(graphs.count()):
        graphs.nth(number).locator("svg.main-svg").first.wait_for(state="attached")


@pytest.mark.parametrize(("width", "theme", "locale"), [(1440, "light", "zh"), (360, "dark", "en")])
def test_pages_draw_stay_at_home_and_are_accessible(
    chromium: Browser, origin: str, width: int, theme: str, locale: str
) -> None:
    found: list[str] = []
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, width, theme)
    watch(page, origin, found)
    page.goto(origin + "/account")
    page.click(f".choice button[name=locale][value={locale}]")
    for path in WATCHED:
        page.goto(origin + path)
        if path != "/authority":
            drawn(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path}: wider than {width}")
        found += [f"{path}: {problem['id']}" for problem in Axe().run(page).response["violations"]]
        if page.locator("[data-title='Share chart'], [data-title*='Cloud']").count():
            found.append(f"{path}: a picture offers to be sent away")
    page.context.close()
    assert found == []


def test_the_map_leads_down_and_back(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1440)
    page.goto(origin + "/dashboards/map")
    drawn(page)
    page.wait_for_selector(".choroplethlayer path")
    page.click("section:has(#title-map) summary")
    page.click("section:has(#title-map) table a:has-text('东营区')")
    page.wait_for_selector(".way [aria-current]:has-text('东营区')")
    assert "d=370502" in page.url
    page.click(".way a:has-text('东营市')")
    page.wait_for_selector(".way [aria-current]:has-text('东营市')")
    page.go_back()
    page.wait_for_selector(".way [aria-current]:has-text('东营区')")
    page.context.close()


def test_a_bar_opens_to_its_rows_and_a_filter_changes_the_address(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1440)
    page.goto(origin + "/dashboards/refusals")
    drawn(page)
    page.click(".chip:has-text('90 天')")
    page.wait_for_selector(".chip[aria-current]:has-text('90 天')")
    assert page.url.endswith("?days=90")
    page.locator("section:has(#title-kinds) .bars .point path").first.click(force=True)
    page.wait_for_url("**/refusals/rows?**")
    assert "kind=inspection_overdue" in page.url
    page.context.close()


def test_the_keyboard_goes_down_and_comes_back(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1440)
    page.goto(origin + "/dashboards/map?days=90")
    drawn(page)
    page.focus("section:has(#title-map) summary")
    page.keyboard.press("Enter")
    page.focus("section:has(#title-map) table a:has-text('河口区')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".way [aria-current]:has-text('河口区')")
    page.wait_for_selector("#page :focus")
    assert "days=90" in page.url
    page.go_back()
    page.wait_for_selector(".way [aria-current]:has-text('东营市')")
    assert page.locator(".chip[aria-current]:has-text('90 天')").count() == 1
    page.context.close()


def test_a_deep_link_opens_the_same_place(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1440)
    page.goto(origin + "/dashboards/map?d=370502&by=refused&days=7&m=LPG")
    drawn(page)
    assert page.inner_text(".way [aria-current]") == "东营区"
    chosen = page.locator(".chip[aria-current]").all_inner_texts()
    assert chosen[:2] == ["拒充", "7 天"]
    page.goto(origin + "/dashboards/map?d=999999&days=13")
    page.wait_for_selector(".notice:has-text('不在管辖范围内')")
    assert page.inner_text(".way [aria-current]") == "东营市"
    page.context.close()


def test_nobody_answering_is_said_and_asked_again(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1440)
    away = "**/_dash-update-component*"
    page.route(away, lambda route: route.fulfill(status=503, json={"status": 503}))
    page.goto(origin + "/dashboards/fills")
    page.wait_for_selector("#dash-trouble:has-text('没有取到数据')")
    page.unroute(away)
    page.click("#dash-trouble button")
    drawn(page)
    page.wait_for_selector("#dash-trouble", state="hidden")
    page.route(away, lambda route: route.abort())
    page.click(".chip:has-text('90 天')")
    page.wait_for_selector("#dash-trouble:has-text('上一次的内容')")
    assert page.locator("#page h1").count() == 1
    page.context.close()


def test_a_wall_has_no_menu_and_a_sheet_no_buttons(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1920)
    page.goto(origin + "/dashboards/overview")
    drawn(page)
    page.click("a:has-text('大屏')")
    page.wait_for_selector("a:has-text('退出大屏')")
    assert not page.is_visible("aside")
    assert "wall=1" in page.url
    page.click("a:has-text('退出大屏')")
    page.wait_for_selector("aside", state="visible")
    page.emulate_media(media="print")
    assert not page.is_visible("aside")
    assert not page.is_visible(".twins")
    page.context.close()


def test_a_table_is_downloaded(chromium: Browser, origin: str) -> None:
    page = enter(chromium, origin, REGULATOR_OF_BOTH.username, 1440)
    page.goto(origin + "/dashboards/fills")
    drawn(page)
    with page.expect_download() as waiting:
        page.click("section:has(#title-fills) a:has-text('下载 CSV')")
    assert waiting.value.suggested_filename.startswith("fills-370500-")
    page.context.close()
