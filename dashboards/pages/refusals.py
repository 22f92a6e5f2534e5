"""Refused fills: by reason and by day, and one by one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
from flask_babel import gettext, lazy_gettext

from dashboards import figures
from dashboards.ask import ZONE, Ask
from dashboards.numbers import full, short
from dashboards.page import RECORDS, Chart, Column, Filter, Option, Page, Rows
from dashboards.words import MEDIUM, PERIOD, compared, number, refusal_name, sentence
from tenants.queries import supervision, supervision_rows
from tenants.queries.paging import Wanted
from tenants.rules.refusal import Refusal

SHOWN = 8
ROWS_PAGE = "refusals/rows"


def _kinds(ask: Ask) -> Rows:
    return supervision.refusals_by_kind(ask.session, ask.since, ask.today, ask.within, ask.medium)


def _days(ask: Ask) -> Rows:
    rows = supervision.refused_by_day(ask.session, ask.since, ask.today, ask.within, ask.medium)
    return rows if any(row.refused for row in rows) else ()


def _kind_title(ask: Ask, rows: Rows) -> str:
    if not rows:
        return gettext("%(period)s没有拒绝充装", period=ask.period())
    first = [row for row in rows if row.count == rows[0].count]
    words = {"reason": refusal_name(rows[0].refusal, ask), "n": short(rows[0].count, ask.language)}
    if len(rows) == 1:
        return gettext("拒充原因只有“%(reason)s”，%(n)s 次", **words)
    if len(first) > 1:
        return gettext("“%(reason)s”等 %(tied)s 种拒充原因并列最多，各 %(n)s 次", tied=len(first), **words)
    return gettext("最常见的拒充原因是“%(reason)s”，%(n)s 次", **words)


def _media(row: Any, ask: Ask) -> str:
    """How often for which medium, the most frequent first."""
    parts = sorted(row.media.items(), key=lambda part: (-part[1], part[0]))
    between = ", " if ask.language == "en" else "，"
    return between.join(f"{_medium(key, ask)} {full(count)}" for key, count in parts)


def _medium(key: str, ask: Ask) -> str:
    return ask.medium_name(key) if key else gettext("没有读出编码")


def _day_title(ask: Ask, rows: Rows) -> str:
    if not rows:
        return gettext("%(period)s没有拒绝充装", period=ask.period())
    total = sum(row.refused for row in rows)
    before = supervision.sums(ask.session, *ask.before, ask.within, ask.medium).refused
    said = gettext("%(period)s拒绝充装 %(n)s 次", period=ask.period(), n=short(total, ask.language))
    return sentence(said, compared(ask, total, before), ask)


def _draw_kinds(ask: Ask, rows: Rows) -> go.Figure:
    top = rows[:SHOWN]
    return figures.ranked([refusal_name(row.refusal, ask) for row in top], [row.count for row in top], unit=gettext("次"),
                          palette=ask.palette, language=ask.language,
                          hrefs=[ask.link(ROWS_PAGE, kind=row.refusal) for row in top],
                          notes=[_media(row, ask) for row in top])  # fmt: skip


def _draw_days(ask: Ask, rows: Rows) -> go.Figure:
    return figures.bars([row.day for row in rows], [row.refused for row in rows], unit=gettext("次"),
                        palette=ask.palette, language=ask.language)  # fmt: skip


KINDS = Chart(
    key="kinds",
    load=_kinds,
    title=_kind_title,
    explains=lazy_gettext("图中是最多的 8 种原因在这一期间出现的次数；一次拒充可以有几个原因。点一根柱看逐条记录，表里按介质分开。"),
    columns=(
        Column(lazy_gettext("原因"), lambda row, ask: refusal_name(row.refusal, ask)),
        number(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.count,
               lambda row, ask: ask.link(ROWS_PAGE, kind=row.refusal)),
        Column(lazy_gettext("其中各介质"), _media, lazy_gettext("次")),
    ),
    draw=_draw_kinds,
)  # fmt: skip
DAILY = Chart(
    key="refused",
    load=_days,
    title=_day_title,
    explains=lazy_gettext("每根柱是一天里被拒绝的充装次数，同一只气瓶每试一次算一次。"),
    columns=(
        Column(lazy_gettext("日期"), lambda row, _: row.day.isoformat()),
        number(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.refused),
    ),
    draw=_draw_days,
)
PAGE = Page(
    key="refusals",
    title=lazy_gettext("拒绝充装"),
    icon="ban",
    filters=(PERIOD, MEDIUM),
    charts=(KINDS, DAILY),
)


def _reasons(ask: Ask) -> list[Option]:
    return [Option("", gettext("全部")), *(Option(one.value, refusal_name(one, ask)) for one in Refusal)]


def _found(ask: Ask, size: int | None = None) -> supervision_rows.Found[supervision_rows.RefusalRow]:
    wanted = Wanted(page=ask.page_number) if size is None else Wanted(size=size)
    return supervision_rows.refusal_rows(
        ask.session, ask.since, ask.today, ask.within, ask.medium, ask.values.get("kind"), wanted
    )


def _rows_title(ask: Ask, rows: Rows) -> str:
    del rows
    kind = ask.values.get("kind")
    return gettext("%(period)s因“%(reason)s”拒绝的充装", period=ask.period(), reason=refusal_name(kind, ask)) if kind else gettext(
        "%(period)s拒绝的充装", period=ask.period()
    )  # fmt: skip


LISTED = Chart(
    key="refusal_rows",
    basis=RECORDS,
    load=lambda ask: _found(ask).rows,
    total=lambda ask, _: _found(ask, 0).total,
    everything=lambda ask, most: _found(ask, most).rows,
    title=_rows_title,
    explains=lazy_gettext("每行是一次被拒绝的充装，最近的在前；原因按严重程度排列。"),
    columns=(
        Column(lazy_gettext("时间"), lambda row, _: row.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")),
        Column(lazy_gettext("单位"), lambda row, _: row.enterprise),
        Column(lazy_gettext("区划"), lambda row, ask: ask.place(row.district)),
        Column(lazy_gettext("扫到的编码"), lambda row, _: row.label_code or "—",
               href=lambda row, _: row.label_code and f"/authority/cylinders?{urlencode({'q': row.label_code})}"),
        Column(lazy_gettext("原因"), lambda row, ask: ("; " if ask.language == "en" else "；").join(
            refusal_name(code, ask) for code in row.refusals)),
    ),
)  # fmt: skip
ROWS = Page(
    key=ROWS_PAGE,
    title=lazy_gettext("拒绝充装记录"),
    filters=(PERIOD, MEDIUM, Filter("kind", lazy_gettext("原因"), _reasons, shown=False)),
    charts=(LISTED,),
)
