"""The first day, as people live it: a code from the portal's page, a PIN from the own account, a scan, and its result at the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright
from sqlalchemy import text

from tenants.rules.states import Role
from tests.cast import PASSWORD, A
from tests.chaos.world import World
from tests.integrations.devices.handheld.handheld import ARGUMENTS, Handheld, code

OWN_PIN = "8642"


@pytest.fixture
def page(playwright: Playwright) -> Iterator[Page]:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
    yield browser.new_context(locale="zh-CN").new_page()
    browser.close()


def sign_in(page: Page, origin: str, role: Role) -> None:
    page.context.clear_cookies()
    page.goto(f"{origin}/login")
    page.fill("[name=username]", A.username(role))
    page.fill("[name=password]", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_url(re.compile("/enterprise"))


def test_from_the_code_on_the_portals_page_to_a_fill_at_the_server(
    page: Page, world: World, playwright: Playwright, tmp_path: Path
) -> None:
    origin = world.settings.public_origin
    sign_in(page, origin, Role.ADMIN)
    page.goto(f"{origin}/enterprise/devices/enrol")
    page.select_option("[name=role]", "filler")
    page.locator("main form:has([name=role]) button").last.click()
    url = page.wait_for_selector("text=#enrol=").inner_text().strip()
    assert page.locator("img[src^='data:image/svg']").count() == 1
    sign_in(page, origin, Role.CHECKER)
    page.goto(f"{origin}/account")
    page.fill("[name=pin]", OWN_PIN)
    page.fill("[name=pin_repeated]", OWN_PIN)
    page.click("form[action='/account/pin'] button")
    page.wait_for_selector("text=PIN 已保存")

    device = Handheld(world, playwright, tmp_path / "profile", ARGUMENTS, None)
    device.locale = "zh-CN"
    device.start()
    device.page.goto(re.search(r"https?://\S+#enrol=\S+", url)[0])  # type: ignore[index]
    device.page.fill("[name=name]", "first day")
    assert "#" not in device.page.url
    device.page.click("button.go")
    device.page.fill("[name=operator]", f"{A.mark}checker")
    device.page.fill("[name=pin]", OWN_PIN)
    device.page.click("button.go")
    device.page.wait_for_selector(".menu")
    device.page.evaluate("import('/handheld/files/snapshot.js').then((list) => list.refresh())")
    device.open("take_in")
    device.page.wait_for_selector(".prompt")
    device.scan(1090)
    device.wait_sent()
    assert device.kept("troubles") == []
    assert device.complaints == []
    device.page.click(".bar .link")
    assert f"{A.district}-{A.enterprise}" in device.page.inner_text("main.status")
    device.close()
    question = text(
        "SELECT e.kind, e.state, t.label_code, t.operator_code FROM gas.device_event e"
        " JOIN gas.device d ON d.tenant_id = e.tenant_id AND d.id = e.device_id"
        " JOIN gas.trace_event t ON t.event_id = e.id WHERE d.name = 'first day'"
    )
    with world.database.as_admin() as connection:
        assert connection.execute(question).all() == [("take_in", "applied", code(1090), f"{A.mark}checker")]
