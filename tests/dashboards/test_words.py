"""The sentence above a chart holds for nobody, one, several and many; an address that asks for nonsense is told so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from dashboards import words
from dashboards.pages import enterprises, places, refusals
from tenants.queries.supervision import KindCount, Stock, Sums
from tenants.queries.supervision_places import DistrictRow
from tests.cast import REGULATOR_OF_A, REGULATOR_OF_BOTH, B
from tests.dashboards.conftest import ask, told
from tests.portal.conftest import Browser

SignIn = Callable[[str], Browser]
EMPTY = Stock(0, 0, 0)


@dataclass
class Asked:
    """As much of an Ask as a sentence needs."""

    district: str = "370500"
    language: str = "zh"
    days: int = 30
    values: dict[str, str] = None  # type: ignore[assignment]

    def place(self, code: str) -> str:
        return {"370500": "东营市", "1": "甲区", "2": "乙区"}[code]

    def period(self) -> str:
        return "近 30 天"


def district(code: str, enterprises: int, fills: int) -> DistrictRow:
    return DistrictRow(code, enterprises, Sums(fills, Decimal(0), 0), EMPTY)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "东营市还没有充装单位"),
        ([district("1", 0, 0), district("2", 0, 0)], "东营市还没有充装单位"),
        ([district("1", 1, 0), district("2", 0, 0)], "东营市的充装: 0 次"),
        ([district("1", 2, 5)], "东营市的充装: 5 次"),
        ([district("1", 2, 12_345), district("2", 1, 3)], "东营市里甲区的充装最多，1.23万 次"),
        ([district("1", 2, 5), district("2", 1, 5)], "东营市里甲区等 2 个区划的充装并列最多，各 5 次"),
        ([district("", 1, 5), district("2", 1, 3)], "东营市的充装一共 8 次"),
    ],
)
def test_the_map_says_who_leads(app: Flask, rows: list[DistrictRow], said: str) -> None:
    with app.test_request_context():
        assert places.MAP.title(Asked(values={}), rows) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([], "近 30 天没有拒绝充装"),
        ([3], "拒充原因只有“检验已过期”，3 次"),
        ([3, 1], "最常见的拒充原因是“检验已过期”，3 次"),
        ([3, 3, 1], "“检验已过期”等 2 种拒充原因并列最多，各 3 次"),
    ],
)
def test_the_reasons_say_which_is_the_most_frequent(app: Flask, counts: list[int], said: str) -> None:
    rows = [KindCount("inspection_overdue", count, {"LPG": count}) for count in counts]
    with app.test_request_context():
        assert refusals.KINDS.title(Asked(), rows) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(5, 0, ""), (5, 5, "与前 30 天持平"), (6, 5, "比前 30 天多 20.0%"), (4, 5, "比前 30 天少 20.0%"), (15, 5, "是前 30 天的 3.0 倍")],
)  # fmt: skip
def test_a_comparison_is_one_that_people_say(app: Flask, now: int, before: int, said: str) -> None:
    with app.test_request_context():
        assert words.compared(Asked(), now, before) == said  # type: ignore[arg-type]


def test_reasons_are_parted_by_medium(signed_in: SignIn) -> None:
    said = told(ask(signed_in(REGULATOR_OF_BOTH.username), "refusals"))
    assert "其中各介质" in said
    assert "没有读出编码 8" in said


WRONG = {
    "?d=999999": "地址里的区划或单位不存在",
    f"?d={B.district}": "地址里的区划或单位不存在",
    "?utm=1&days=7&d=37": "地址里的区划或单位不存在",
    "?days=13": "地址里的“期间”不是可以选的一项",
    "?m=NONE": "地址里的“介质”不是可以选的一项",
    "?wall=2": "地址里的“大屏”不是可以选的一项",
}


def test_a_wrong_address_is_answered_and_told(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    for search, notice in WRONG.items():
        said = told(ask(browser, "fills", search))
        assert notice in said
        assert ("近 7 天充装" if "days=7" in search else "近 30 天充装") in said


def test_a_right_address_is_told_nothing(signed_in: SignIn) -> None:
    said = told(ask(signed_in(REGULATOR_OF_BOTH.username), "fills", "?d=370502&days=90&m=LPG&p=1"))
    assert "地址里的" not in said


def test_a_page_after_the_last_leads_back(signed_in: SignIn) -> None:
    said = told(ask(signed_in(REGULATOR_OF_BOTH.username), "enterprises", "?p=7"))
    assert "这一页后面没有更多记录了" in said
    assert "回到第一页" in said


def test_enterprises_stand_in_the_order_that_is_asked_for(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    for order in enterprises.ORDERS:
        page = ask(browser, "enterprises", f"?order={order}").get_json()
        assert json.dumps(page, ensure_ascii=False).count('"type": "Tr"') == 3


def test_stock_is_compared_with_the_period_before(signed_in: SignIn) -> None:
    said: Any = told(ask(signed_in(REGULATOR_OF_BOTH.username), "overview"))
    assert said.count("前 30 天是 0") + said.count("较前 30 天") + said.count("与前 30 天相同") == 4
