"""Numbers as people write them, colours from the token file, rows as pictures, pages as declared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import figures, graph, maps
from dashboards.numbers import change, full, percent, short, ticks
from dashboards.pages import PAGES
from dashboards.palette import read_palettes
from tests.cast import REGULATOR_OF_BOTH
from tests.dashboards.conftest import ask, told
from tests.house.source import ROOT
from tests.portal.conftest import Browser

PALETTES = read_palettes(ROOT / "portal/static/tokens.css")


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"), (9999, "9,999", "9,999"), (12_345, "1.23万", "12.3k"), (1_200_000, "120万", "1.2M"),
        (123_456_789, "1.23亿", "123.5M"), (9.25, "9.2", "9.2"), (-20_000, "-2万", "-20k"),
    ],
)  # fmt: skip
def test_large_numbers_as_each_language_writes_them(value: float, zh: str, en: str) -> None:
    assert (short(value, "zh"), short(value, "en")) == (zh, en)


def test_unknown_is_a_dash_and_nothing_before_is_no_change() -> None:
    assert (full(None), percent(None), full(1234567)) == ("—", "—", "1,234,567")
    assert change(5, 0) is None
    assert change(15, 10) == pytest.approx(0.5)


@given(st.floats(0, 1e12))
def test_an_axis_reaches_the_highest_value_in_few_steps(most: float) -> None:
    places = ticks(most)
    assert places[0] == 0
    assert places[-1] >= most or places[-1] == pytest.approx(most)
    assert 2 <= len(places) <= 7


def test_both_themes_know_every_colour() -> None:
    assert set(PALETTES.light.tokens) == set(PALETTES.dark.tokens)
    assert PALETTES.of("dark")["ink"] != PALETTES.of("light")["ink"]
    assert PALETTES.of("anything") is PALETTES.light


def test_a_bar_tells_its_full_number_and_where_it_leads() -> None:
    figure = figures.bars(
        [date(2026, 1, 1)], [123_456], unit="次", palette=PALETTES.light, language="zh", hrefs=["/x"]
    )
    assert figure.data[0].text == ("123,456",)
    assert figure.data[0].customdata == ("/x",)
    assert figure.layout.yaxis.ticktext[-1].endswith("万")


def test_a_place_without_an_enterprise_is_grey_and_not_zero() -> None:
    areas = [maps.Area("1", "甲", 5, "甲", "/1", 1, 1), maps.Area("2", "乙", None, "乙", "/2", 2, 2)]
    figure = maps.choropleth(areas, [], shapes="/s", unit="次", palette=PALETTES.light, language="zh")
    shown, empty = figure.data[:2]
    assert (list(shown.locations), list(empty.locations)) == (["1"], ["2"])
    assert empty.colorscale[0][1] == PALETTES.light["line"]


def test_no_picture_gets_around_the_wrapper() -> None:
    around = [
        path
        for path in (ROOT / "dashboards").rglob("*.py")
        if "Graph(" in path.read_text() and path.name != "graph.py"
    ]
    assert around == []
    assert graph.CONFIG["showSendToCloud"] is False
    assert graph.CONFIG["plotlyServerURL"] == ""
    assert Path(ROOT / "dashboards/assets/topojson/world_110m.json").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_every_picture_has_its_table_source_and_sentence(
    signed_in: Callable[[str], Browser], page: Any
) -> None:
    said = told(ask(signed_in(REGULATOR_OF_BOTH.username), page.key))
    for chart in page.charts:
        assert f"title-{chart.key}" in said
        assert str(chart.explains) in said
    assert said.count("截至 20") == len(page.charts)
    assert said.count('"type": "Table"') == len(page.charts)


def test_filters_live_in_the_address(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    said = told(ask(browser, "fills", "?days=90&m=LPG&d=370502"))
    assert "近 90 天充装 41 次" in said
    assert "/dashboards/fills?d=370502&days=7&m=LPG" in said
    assert "近 30 天充装 113 次" in told(ask(browser, "fills", "?days=13&m=NONE"))


def test_numbers_open_to_their_rows(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    assert "/dashboards/refusals/rows?kind=inspection_overdue" in told(ask(browser, "refusals"))
    assert "共 2 条" in told(ask(browser, "refusals/rows", "?kind=inspection_overdue"))
    assert "这一期间没有数据" in told(ask(browser, "refusals/rows", "?kind=overfill"))
    assert "有 2 只在用气瓶超期未检" in told(ask(browser, "due/rows"))
