"""Fills over time: how many, and how much gas."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from flask_babel import gettext, lazy_gettext

from dashboards import figures
from dashboards.ask import Ask
from dashboards.numbers import short
from dashboards.page import Chart, Column, Page, Rows
from dashboards.words import MEDIUM, PERIOD, compared, number, sentence
from tenants.queries import supervision, supervision_places

SHOWN = 20


def load(ask: Ask) -> Rows:
    """Day by day; nothing at all where no day has a fill."""
    rows = supervision.fills_by_day(ask.session, ask.since, ask.today, ask.within, ask.medium)
    return rows if any(row.fills for row in rows) else ()


def _title(ask: Ask, rows: Rows) -> str:
    total = sum(row.fills for row in rows)
    before = supervision.sums(ask.session, *ask.before, ask.within, ask.medium).fills
    said = gettext("%(period)s充装 %(n)s 次", period=ask.period(), n=short(total, ask.language))
    return sentence(said, compared(ask, total, before), ask)


def _mass_title(ask: Ask, rows: Rows) -> str:
    total = sum(row.net_kg for row in rows)
    before = supervision.sums(ask.session, *ask.before, ask.within, ask.medium).net_kg
    said = gettext("%(period)s充入气体 %(n)s 吨", period=ask.period(), n=short(total / 1000, ask.language))
    return sentence(said, compared(ask, total, before), ask)


def _draw(ask: Ask, rows: Rows) -> go.Figure:
    return figures.bars([row.day for row in rows], [row.fills for row in rows], unit=gettext("次"),
                        palette=ask.palette, language=ask.language)  # fmt: skip


def _draw_mass(ask: Ask, rows: Rows) -> go.Figure:
    return figures.bars([row.day for row in rows], [float(row.net_kg) / 1000 for row in rows], unit=gettext("吨"),
                        palette=ask.palette, language=ask.language, places=2)  # fmt: skip


def _most(ask: Ask) -> Rows:
    return supervision_places.most_fills(ask.session, ask.since, ask.today, SHOWN, ask.within, ask.medium)


def _most_title(ask: Ask, rows: Rows) -> str:
    if not rows:
        return gettext("%(period)s没有充装", period=ask.period())
    n = short(rows[0].fills, ask.language)
    return gettext("%(period)s充装最多的是%(name)s，%(n)s 次", period=ask.period(), name=rows[0].name, n=n)


def _overview_of(row: Any, ask: Ask) -> str:
    return ask.link("overview", d=f"{row.district}{row.enterprise}")


def _draw_most(ask: Ask, rows: Rows) -> go.Figure:
    return figures.ranked([row.name for row in rows], [row.fills for row in rows], unit=gettext("次"), palette=ask.palette,
                          language=ask.language, hrefs=[_overview_of(row, ask) for row in rows])  # fmt: skip


COLUMNS = (
    Column(lazy_gettext("日期"), lambda row, _: row.day.isoformat()),
    number(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.fills),
    number(lazy_gettext("充入气体"), lazy_gettext("吨"), lambda row: row.net_kg / 1000, places=2),
)
DAILY = Chart(
    key="fills",
    load=load,
    title=_title,
    explains=lazy_gettext("每根柱是一天里判定可以充装并已记录的次数。"),
    columns=COLUMNS,
    draw=_draw,
    wide=True,
)
MASS = Chart(
    key="mass",
    load=load,
    title=_mass_title,
    explains=lazy_gettext("每根柱是一天里称重记录的净重之和；按压力充装而不称重的气瓶不在其内。"),
    columns=COLUMNS,
    draw=_draw_mass,
    wide=True,
)
MOST = Chart(
    key="most",
    load=_most,
    title=_most_title,
    explains=lazy_gettext("这一期间充装次数最多的单位，最多 20 家；点一根柱看这家单位的总览。"),
    columns=(
        Column(lazy_gettext("单位"), lambda row, _: row.name, href=_overview_of),
        Column(lazy_gettext("区划"), lambda row, ask: ask.place(row.district)),
        number(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.fills),
    ),
    draw=_draw_most,
    wide=True,
)
PAGE = Page(
    key="fills",
    title=lazy_gettext("充装趋势"),
    icon="chart-bar",
    filters=(PERIOD, MEDIUM),
    charts=(DAILY, MASS, MOST),
)
