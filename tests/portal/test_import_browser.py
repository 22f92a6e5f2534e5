"""An import in a real browser: a file is sent, checked, written and taken back, and the person sees each step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tenants import scope
from tenants.rules.states import Role
from tests import cast
from tests.chromium import launched, served
from tests.databases import Database
from tests.portal.conftest import app_over
from tests.portal.test_browser import enter
from tests.tenants.imports.office import OLD_TABLE, Office, as_csv, good_rows

ADMIN = cast.A.username(Role.ADMIN)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def origin(own_database: Database) -> Iterator[str]:
    with served(app_over(own_database)) as address:
        yield address
    scope.dispose()


@pytest.fixture
def office(origin: str, own_database: Database) -> Office:
    found = Office(own_database)
    found.furnish()
    return found


def send(page: Page, origin: str, file: Path) -> None:
    page.goto(origin + "/enterprise/cylinders")
    page.click(".actions >> text=导入")
    page.set_input_files("input[type=file]", file)
    page.click("button:has-text('上传并检查')")
    page.wait_for_selector("#progress progress")


def test_a_file_is_sent_checked_written_and_taken_back(
    chromium: Browser, origin: str, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "气瓶 1.csv"
    file.write_bytes(as_csv(good_rows(30)))
    before = office.count()
    page = enter(chromium, origin, ADMIN, 1440)
    send(page, origin, file)
    office.work()
    page.wait_for_selector("text=检查完了，还没有写入")
    assert office.count() == before
    page.click("button:has-text('导入 30 行')")
    page.wait_for_selector("#progress progress")
    office.work()
    page.wait_for_selector("h2:has-text('已写入 30 行')")
    assert office.count() == before + 30
    page.click("summary:has-text('撤销整批')")
    page.click("button:has-text('确定撤销')")
    page.wait_for_selector("#progress progress")
    office.work()
    page.wait_for_selector(".state:has-text('已撤销')")
    assert office.count() == before


def test_a_file_that_is_too_large_is_not_even_sent(
    chromium: Browser, origin: str, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"0" * (21 * 1024 * 1024))
    page = enter(chromium, origin, ADMIN, 1440)
    page.goto(origin + "/enterprise/cylinders/import")
    page.set_input_files("input[type=file]", file)
    page.click("button:has-text('上传并检查')")
    page.wait_for_selector("text=文件不能超过 20 MB")
    assert page.url.endswith("/import")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_nothing_sticks_out_and_axe_finds_nothing(
    chromium: Browser, origin: str, office: Office, width: int, theme: str
) -> None:
    page = enter(chromium, origin, ADMIN, width, theme)
    found: list[str] = []

    def look(path: str) -> None:
        page.goto(origin + path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path}: wider than {width}")
        found.extend(f"{path}: {problem['id']}" for problem in Axe().run(page).response["violations"])

    waiting = office.send(as_csv(good_rows(3)))
    for locale in ("zh", "en"):
        page.goto(origin + "/account")
        page.click(f".choice button[name=locale][value={locale}]")
        look("/enterprise/cylinders/import")
        look(f"/enterprise/imports/{waiting}")
    office.work()
    old = office.check(OLD_TABLE.read_bytes(), "原系统导出的气瓶档案（很长的文件名）.csv")
    done = office.bring(as_csv(good_rows(4, first=100)))
    for locale in ("zh", "en"):
        page.goto(origin + "/account")
        page.click(f".choice button[name=locale][value={locale}]")
        for path in (
            "/enterprise/imports",
            f"/enterprise/imports/{old.id}",
            f"/enterprise/imports/{done.id}",
        ):
            look(path)
    assert found == []
