"""The map: the district by what lies next below it, down to its enterprises, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from flask import url_for
from flask_babel import gettext, lazy_gettext

from dashboards import figures
from dashboards.ask import Ask, enterprise_name
from dashboards.maps import HAINAN, SEA, Area, Spot, View, choropleth
from dashboards.numbers import full, short
from dashboards.page import TOTALS_AND_ARCHIVE, Chart, Column, Filter, Option, Page, Rows
from dashboards.pages.enterprises import code_of, load
from dashboards.words import MEDIUM, PERIOD, number, share
from tenants.queries import maps, supervision_places

SPOTS_UNTIL = 200
HAINAN_PROVINCE, SANSHA = "460000", "4603"  # whoever draws these draws the ten-dash line


@dataclass(frozen=True, slots=True)
class Measure:
    """What the map can show; `of` reads it from a row, `words` writes it."""

    title: object
    unit: object
    of: Callable[[Any], float | None]
    words: Callable[[float | None], str] = full


def _overdue(row: Any) -> float | None:
    return row.stock.overdue / row.stock.in_use if row.stock.in_use else None


MEASURES: dict[str, Measure] = {
    "": Measure(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.sums.fills),
    "refused": Measure(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.sums.refused),
    "overdue": Measure(lazy_gettext("超期未检"), lazy_gettext("只"), lambda row: row.stock.overdue),
    "cylinders": Measure(lazy_gettext("在用气瓶"), lazy_gettext("只"), lambda row: row.stock.in_use),
}
BY = Filter(
    "by", lazy_gettext("指标"), lambda _: [Option(key, str(one.title)) for key, one in MEASURES.items()]
)


def _measure(ask: Ask) -> Measure:
    return MEASURES[ask.values.get("by", "")]


def _places(ask: Ask) -> Rows:
    return ask.once("places", lambda: maps.places(ask.session, ask.district[:6]))


def _districts(ask: Ask) -> Rows:
    drawn = [place.code for place in _places(ask)]
    asked = (ask.since, ask.today, ask.today, drawn, ask.within, ask.medium)
    rows = supervision_places.by_district(ask.session, *asked)
    measure = _measure(ask)
    return sorted(rows, key=lambda row: (-(measure.of(row) or 0), -row.enterprises, row.code))


def _name(row: Any, ask: Ask) -> str:
    return ask.place(row.code) if row.code else gettext("未归属到下级区划")


def _down(row: Any, ask: Ask) -> str | None:
    return ask.link(d=row.code) if row.code and row.code != ask.district else None


def here(ask: Ask) -> str:
    """The district or enterprise that is looked at."""
    return ask.place(ask.district) if len(ask.district) == 6 else enterprise_name(ask.session, ask.district)


def nobody(ask: Ask) -> str:
    """That there is nothing to count."""
    return gettext("%(place)s还没有充装单位", place=here(ask))


def _title(ask: Ask, rows: Rows) -> str:
    if not any(row.enterprises for row in rows):
        return nobody(ask)
    measure = _measure(ask)
    most = measure.of(rows[0]) or 0
    first = [row for row in rows if (measure.of(row) or 0) == most]
    words = {"place": here(ask), "what": measure.title, "unit": measure.unit, "n": short(most, ask.language)}
    if not most or len(rows) == 1:
        return gettext("%(place)s的%(what)s: %(n)s %(unit)s", **words)
    if any(not row.code for row in first):
        words["n"] = short(sum(measure.of(row) or 0 for row in rows), ask.language)
        return gettext("%(place)s的%(what)s一共 %(n)s %(unit)s", **words)
    return _leading(words, _name(first[0], ask), len(first), gettext("个区划"))


def _leading(words: dict[str, Any], name: str, tied: int, kind: str) -> str:
    if tied > 1:
        return gettext("%(place)s里%(first)s等 %(tied)s %(kind)s的%(what)s并列最多，各 %(n)s %(unit)s", first=name, tied=tied,
                       kind=kind, **words)  # fmt: skip
    return gettext("%(place)s里%(first)s的%(what)s最多，%(n)s %(unit)s", first=name, **words)


def _words(row: Any, name: str, ask: Ask) -> str:
    measure = _measure(ask)
    return f"{name}<br><b>{measure.words(measure.of(row))}</b> {measure.unit}"


def _draw(ask: Ask, rows: Rows) -> go.Figure:
    code = ask.district[:6]
    counted = {row.code: row for row in rows}
    areas = []
    for place in _places(ask):
        row = counted[place.code]
        nothing = gettext("没有充装单位")
        text = _words(row, place.name, ask) if row.enterprises else f"{place.name}<br>{nothing}"
        value = _measure(ask).of(row) if row.enterprises else None
        areas.append(Area(place.code, place.name, value, text, _down(row, ask) or "", place.lon, place.lat))
    shapes = url_for("dashboards.geo", district=code, v=maps.version(ask.session))
    return choropleth(areas, _spots(ask, len(areas)), shapes=shapes, unit=str(_measure(ask).unit), palette=ask.palette,
                      language=ask.language, view=_view(ask, code))  # fmt: skip


def _spots(ask: Ask, areas: int) -> list[Spot]:
    """The enterprises, from the prefecture down."""
    if ask.district[2:6] == "0000" and areas > 1:
        return []
    return [
        Spot(one.name, one.lon, one.lat, _words(one, one.name, ask), ask.link("overview", d=code_of(one)))
        for one in load(ask)
        if one.lon is not None and one.lat is not None
    ][:SPOTS_UNTIL]


def _view(ask: Ask, code: str) -> View:
    """A province that has islands in the South China Sea is never drawn without them."""
    if code == HAINAN_PROVINCE:
        return View(HAINAN, maps.ten_dash(ask.session), gettext("南海诸岛"))
    if code.startswith(SANSHA):
        return View(SEA, maps.ten_dash(ask.session))
    return View(maps.extent(ask.session, [place.code for place in _places(ask)]))


def source(ask: Ask) -> str:
    """What must stand under every map, with the review number where the boundaries have one."""
    notice = maps.review_number(ask.session)
    said = gettext("数据来源: 国家地理信息公共服务平台(天地图)")
    return f"{said} {notice}".strip()


MAP = Chart(
    key="map",
    basis=TOTALS_AND_ARCHIVE,
    load=_districts,
    title=_title,
    explains=lazy_gettext("颜色越深数值越大，灰色表示没有充装单位；单位按登记的区划统计。点一个区划进入下一级，点一个圆点看单位。"),
    empty=lazy_gettext("这个区划还没有边界数据，地图画不出来。"),
    columns=(
        Column(lazy_gettext("区划"), _name, href=_down),
        number(lazy_gettext("单位"), lazy_gettext("家"), lambda row: row.enterprises,
               lambda row, ask: ask.link("enterprises", d=row.code) if row.code and row.enterprises else None),
        number(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.sums.fills),
        number(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.sums.refused,
               lambda row, ask: ask.link("refusals/rows", d=row.code) if row.code and row.sums.refused else None),
        number(lazy_gettext("在用气瓶"), lazy_gettext("只"), lambda row: row.stock.in_use),
        number(lazy_gettext("超期未检"), lazy_gettext("只"), lambda row: row.stock.overdue,
               lambda row, ask: ask.link("due/rows", d=row.code) if row.code and row.stock.overdue else None),
        share(lazy_gettext("超期率"), _overdue),
    ),
    draw=_draw,
    source=source,
)  # fmt: skip


def _ranking_title(ask: Ask, rows: Rows) -> str:
    if not rows:
        return nobody(ask)
    measure = _measure(ask)
    most = measure.of(rows[0]) or 0
    words = {"place": here(ask), "what": measure.title, "unit": measure.unit, "n": short(most, ask.language)}
    if len(rows) == 1 or not most:
        words["place"] = rows[0].name if len(rows) == 1 else gettext("%(place)s各单位", place=here(ask))
        return gettext("%(place)s的%(what)s: %(n)s %(unit)s", **words)
    tied = sum((measure.of(row) or 0) == most for row in load(ask))
    return _leading(words, rows[0].name, tied, gettext("家单位"))


def _ranking(ask: Ask) -> Rows:
    return sorted(load(ask), key=lambda row: -(_measure(ask).of(row) or 0))[:12]


RANKING = Chart(
    key="ranking",
    basis=TOTALS_AND_ARCHIVE,
    load=_ranking,
    title=_ranking_title,
    empty=lazy_gettext("登记了充装单位后会显示在这里。"),
    explains=lazy_gettext("最多的 12 家单位，按所选指标排列。点一根柱看这家单位。"),
    columns=(
        Column(lazy_gettext("单位"), lambda row, _: row.name, href=lambda row, ask: ask.link("overview", d=code_of(row))),
        number(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.sums.fills),
        number(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.sums.refused),
        number(lazy_gettext("超期未检"), lazy_gettext("只"), lambda row: row.stock.overdue),
        share(lazy_gettext("超期率"), _overdue),
    ),
    draw=lambda ask, rows: figures.ranked(
        [row.name for row in rows], [_measure(ask).of(row) or 0 for row in rows], unit=str(_measure(ask).unit),
        palette=ask.palette, language=ask.language, hrefs=[ask.link("overview", d=code_of(row)) for row in rows]),
)  # fmt: skip
PAGE = Page(
    key="map",
    title=lazy_gettext("区划地图"),
    icon="map-2",
    filters=(BY, PERIOD, MEDIUM),
    charts=(MAP, RANKING),
)
