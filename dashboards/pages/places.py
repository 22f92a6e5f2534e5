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
from dashboards.figures import Area, Spot
from dashboards.numbers import full, percent, short
from dashboards.page import TOTALS_AND_ARCHIVE, Chart, Column, Filter, Option, Page, Rows
from dashboards.pages.enterprises import code_of, load
from dashboards.words import MEDIUM, PERIOD, number, share
from tenants.queries import maps, supervision_places

SPOTS_UNTIL = 200
WHOLE_SEA = {"460000"}  # whoever draws this province draws the ten-dash line


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


def _title(ask: Ask, rows: Rows) -> str:
    measure = _measure(ask)
    here = ask.place(ask.district) if len(ask.district) == 6 else enterprise_name(ask.session, ask.district)
    first = rows[0]
    value = measure.of(first) or 0
    if not value:
        return gettext("%(place)s各区划的%(what)s都是 0", place=here, what=measure.title)
    if len(rows) == 1:
        return gettext(
            "%(place)s%(what)s %(n)s %(unit)s",
            place=here,
            what=measure.title,
            n=short(value, ask.language),
            unit=measure.unit,
        )
    return gettext("%(place)s里%(first)s的%(what)s最多，%(n)s %(unit)s", place=here, first=_name(first, ask), what=measure.title,
                   n=short(value, ask.language), unit=measure.unit)  # fmt: skip


def _words(row: Any, name: str, ask: Ask) -> str:
    measure = _measure(ask)
    return f"{name}<br><b>{measure.words(measure.of(row))}</b> {measure.unit}"


def _draw(ask: Ask, rows: Rows) -> go.Figure:
    code = ask.district[:6]
    counted = {row.code: row for row in rows}
    areas = []
    for place in _places(ask):
        row = counted[place.code]
        here = gettext("没有充装单位")
        text = _words(row, place.name, ask) if row.enterprises else f"{place.name}<br>{here}"
        value = _measure(ask).of(row) if row.enterprises else None
        areas.append(Area(place.code, place.name, value, text, _down(row, ask) or "", place.lon, place.lat))
    listed = load(ask)
    spots = [
        Spot(one.name, one.lon, one.lat, _words(one, one.name, ask), ask.link("overview", d=code_of(one)))
        for one in listed
        if one.lon is not None
        and one.lat is not None
        and (len(areas) == 1 or code[4:] != "00" or code[2:4] != "00")
    ][:SPOTS_UNTIL]
    shapes = url_for("dashboards.geo", district=code, v=maps.version(ask.session))
    strokes = maps.ten_dash(ask.session) if code in WHOLE_SEA else ()
    return figures.choropleth(areas, spots, shapes=shapes, unit=str(_measure(ask).unit), palette=ask.palette,
                              language=ask.language, strokes=strokes)  # fmt: skip


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
        return gettext("这里没有充装单位")
    measure = _measure(ask)
    value = measure.of(rows[0]) or 0
    return gettext("%(name)s的%(what)s最多，%(n)s %(unit)s", name=rows[0].name, what=measure.title, n=short(value, ask.language),
                   unit=measure.unit)  # fmt: skip


def _ranking(ask: Ask) -> Rows:
    return sorted(load(ask), key=lambda row: -(_measure(ask).of(row) or 0))[:12]


RANKING = Chart(
    key="ranking",
    basis=TOTALS_AND_ARCHIVE,
    load=_ranking,
    title=_ranking_title,
    explains=lazy_gettext("最多的 12 家单位，按所选指标排列。点一根柱看这家单位。"),
    columns=(
        Column(lazy_gettext("单位"), lambda row, _: row.name, href=lambda row, ask: ask.link("overview", d=code_of(row))),
        number(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.sums.fills),
        number(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.sums.refused),
        number(lazy_gettext("超期未检"), lazy_gettext("只"), lambda row: row.stock.overdue),
        Column(lazy_gettext("超期率"), lambda row, _: percent(_overdue(row)), right=True),
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
