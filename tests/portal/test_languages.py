"""Both languages are whole, and dates are those of Shanghai."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from portal import catalogue, frames
from portal.i18n import compiled
from tenants.rules.states import Role
from tests import cast
from tests.portal.conftest import Browser


def test_no_text_is_without_its_english() -> None:
    assert catalogue.untranslated("en") == []


def test_the_catalogue_keeps_nothing_that_nobody_says() -> None:
    said = {message.id for message in catalogue.extracted()}
    kept = {message.id for message in catalogue.kept_in("en") if message.id}
    assert kept - said == set()


def test_the_catalogue_is_compiled_without_a_file() -> None:
    assert compiled("en").gettext("登录") == "Sign in"
    assert compiled("zh").gettext("登录") == "登录"


def test_the_language_of_a_visitor_is_chinese_until_chosen(client: Browser) -> None:
    assert 'lang="zh-CN"' in client.get("/login", headers={"Accept-Language": "en"}).text
    client.submit("/preferences", "/login", locale="en", next="/login")
    assert "Sign in" in client.get("/login").text


def test_no_chinese_is_left_on_an_english_page(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in(cast.A.username(Role.ADMIN))
    browser.submit("/preferences", "/account", locale="en")
    for path in ("/account", "/enterprise/cylinders/new", "/enterprise/label_runs/order", "/enterprise/none"):
        page = browser.get(path).text.replace("中文", "")
        words = page.replace("ZA气体有限公司", "")
        left = {letter for letter in words if "\u4e00" <= letter <= "\u9fff"}
        assert not left, (path, left)
    browser.submit("/preferences", "/account", locale="zh")


def test_times_and_dates_as_people_here_read_them() -> None:
    assert frames.when(datetime(2026, 11, 22, 18, 5, tzinfo=UTC)) == "2026-11-23 02:05"
    assert frames.day(date(2026, 5, 1), "month") == "2026-05"
    assert frames.day(date(2026, 5, 1)) == "2026-05-01"
