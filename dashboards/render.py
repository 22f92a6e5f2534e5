"""A declared page as Dash components: the way through the districts, filters, key figures, charts with their tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dash import html
from flask_babel import gettext, lazy_gettext

from dashboards.ask import ZONE, Ask, enterprise_name
from dashboards.graph import graph
from dashboards.numbers import change, full, percent, short
from dashboards.page import Chart, Column, Figure, Filter, Option, Page, Rows
from tenants.queries import districts
from tenants.queries.paging import PAGE

WALL = Filter("wall", lazy_gettext("大屏"), lambda _: [Option("", ""), Option("1", "")], shown=False)
_SIGNS = {1: "▲", -1: "▼", 0: "＝"}


def chosen(page: Page, ask: Ask, wanted: dict[str, str]) -> Ask:
    """The ask with every filter's value checked against its options."""
    for one in (*page.filters, WALL):
        value = wanted.get(one.key, "")
        options = {option.value for option in one.options(ask)} if value else {""}
        if value not in options:
            said = gettext("地址里的“%(filter)s”不是可以选的一项，已按默认显示。", filter=one.title)
            ask, value = replace(ask, unknown=(*ask.unknown, said)), ""
        ask = replace(ask, values={**ask.values, one.key: value})
    page_asked = wanted.get("p", "")
    if page_asked.isascii() and page_asked.isdigit() and len(page_asked) <= 5:
        ask = replace(ask, values={**ask.values, "p": page_asked})
    return replace(ask, values={key: value for key, value in ask.values.items() if value})


def rendered(page: Page, ask: Ask) -> html.Div:
    """The whole page."""
    return html.Div(
        [
            html.Div([html.H1(str(page.title)), _way(ask), _wall(ask)], className="page-head"),
            *[html.P(said, className="notice is-warn") for said in ask.unknown],
            html.Div([_filter(one, ask) for one in page.filters if one.shown], className="dash-filters"),
            _figures(page, ask),
            html.Div([_chart(chart, ask) for chart in page.charts], className="charts"),
        ]
    )


def _way(ask: Ask) -> html.Nav:
    """From the jurisdiction down to where one stands; every step above leads back."""
    steps = [
        (row.code, row.name)
        for row in districts.path_of(ask.session, ask.district[:6])
        if row.code >= ask.home and len(row.code.rstrip("0")) >= len(ask.home.rstrip("0"))
    ]
    if len(ask.district) > 6:
        steps.append((ask.district, enterprise_name(ask.session, ask.district)))
    steps = steps or [(ask.home, ask.home)]
    items = []
    for code, name in steps:
        if code == ask.district:
            items.append(html.Li(html.Span(name, **{"aria-current": "true"})))
        else:
            items.append(html.Li(html.A(name, href=ask.link(d="" if code == ask.home else code, p=""))))
    return html.Nav(html.Ol(items), className="way", **{"aria-label": gettext("区划")})


def _wall(ask: Ask) -> html.Div:
    """In and out of the view for a large screen."""
    if ask.values.get("wall"):
        way = html.A(gettext("退出大屏"), href=ask.link(wall=""), className="button is-small")
    else:
        way = html.A(gettext("大屏"), href=ask.link(wall="1"), className="button is-small")
    return html.Div(way, className="actions")


def _filter(one: Filter, ask: Ask) -> html.Div:
    here = ask.values.get(one.key, "")
    links = [
        html.A(option.label, href=ask.link(**{one.key: option.value, "p": ""}), className="chip",
               **({"aria-current": "true"} if option.value == here else {}))
        for option in one.options(ask)
    ]  # fmt: skip
    return html.Div(
        [html.Span(str(one.title), className="quiet"), *links], className="chips", role="group",
        **{"aria-label": str(one.title)},
    )  # fmt: skip


def _figures(page: Page, ask: Ask) -> html.Div | None:
    if page.figures is None:
        return None
    return html.Div([_figure(one, ask) for one in page.figures(ask)], className="figures")


def _figure(one: Figure, ask: Ask) -> Any:
    value = (
        percent(one.value) if one.percent else "—" if one.value is None else short(one.value, ask.language)
    )
    exact = full(one.value) if one.value is not None and not one.percent else None
    inside = [
        html.Span(str(one.title)),
        html.Strong(value, title=exact),
        html.Small(str(one.unit)) if one.unit else None,
        html.Em(_change(one, ask), className=f"change {_tone(one)}") if one.before is not None else None,
        html.Em(one.note, className="change quiet") if one.note else None,
    ]
    name = f"figure {f'is-{one.tone}' if one.tone else ''}"
    return html.A(inside, href=one.href, className=name) if one.href else html.Div(inside, className=name)


def _moved(one: Figure) -> float:
    before, now = one.before or 0.0, one.value or 0.0
    return now - before


def _change(one: Figure, ask: Ask) -> str:
    moved = _moved(one)
    sign = _SIGNS[(moved > 0) - (moved < 0)]
    if not moved:
        return f"{sign} " + gettext("与前 %(n)s 天相同", n=ask.days)
    if not one.before:
        return f"{sign} " + gettext("前 %(n)s 天是 0", n=ask.days)
    relative = percent(abs(change(one.value or 0, one.before) or 0))
    text = f"{full(abs(moved))} {one.unit}" if relative == "0.0%" else relative
    return f"{sign} {text} " + gettext("较前 %(n)s 天", n=ask.days)


def _tone(one: Figure) -> str:
    moved = _moved(one) * one.good
    if one.good:
        return "is-better" if moved > 0 else "is-worse" if moved < 0 else ""
    return "is-more" if _moved(one) > 0 else "is-less" if _moved(one) < 0 else ""


def _chart(chart: Chart, ask: Ask) -> html.Section:
    rows = chart.load(ask)
    total = chart.total(ask, rows) if chart.total else len(rows)
    title = chart.title(ask, rows)
    parts: list[Any] = [
        html.H2(title, id=f"title-{chart.key}"),
        html.P(str(chart.explains), className="quiet explains"),
    ]
    if not rows:
        parts.append(_nothing(chart, total, ask))
    elif chart.draw is None:
        paging = _paging(total, ask) if chart.total else None
        parts += [_table(chart, rows, title, ask), paging, _file(chart, title, ask)]
    else:
        parts += [graph(chart.key, chart.draw(ask, rows)), _twin(chart, rows, title, ask)]
    parts.append(html.P(_source(chart, ask), className="source"))
    wide = " is-wide" if chart.wide or chart.draw is None else ""
    return html.Section(
        parts, className=f"panel chart chart-{chart.key}{wide}", **{"aria-labelledby": f"title-{chart.key}"}
    )


def _nothing(chart: Chart, total: int, ask: Ask) -> html.P:
    """Why there is nothing to see, and what to do."""
    if total:
        first = html.A(gettext("回到第一页"), href=ask.link(p=""))
        return html.P([gettext("这一页后面没有更多记录了。"), " ", first], className="empty")
    said = str(chart.empty) or gettext("这一期间没有数据。可以放宽期间或回到上一级区划。")
    return html.P(said, className="empty")


def _source(chart: Chart, ask: Ask) -> list[Any]:
    time = ask.now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    own = gettext("数据来源: %(basis)s · 截至 %(time)s", basis=chart.basis, time=time)
    return [own, html.Br(), chart.source(ask)] if chart.source else [own]


def _twin(chart: Chart, rows: Rows, title: str, ask: Ask) -> html.Div:
    table = html.Details(
        [html.Summary(gettext("看数据表"), className="button is-small"), _table(chart, rows, title, ask)],
        className="twin",
    )
    return html.Div([table, _file(chart, title, ask)], className="twins")


def _file(chart: Chart, title: str, ask: Ask) -> html.A:
    said, href = gettext("下载 CSV"), ask.link(f"{ask.page}.csv", chart=chart.key, p="")
    return html.A(said, href=href, className="button is-small", **{"aria-label": f"{said} · {title}"})


def _table(chart: Chart, rows: Rows, title: str, ask: Ask) -> html.Div:
    head = html.Tr([_head(column) for column in chart.columns])
    body = [html.Tr(list(_cells(chart.columns, row, ask))) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="sheet")
    return html.Div(
        table, className="scroll is-high", tabIndex="0", role="region",
        **{"aria-label": title + " · " + gettext("数据表")},
    )  # fmt: skip


def _head(column: Column) -> html.Th:
    unit = [" ", html.Small(f"({column.unit})")] if column.unit else []
    return html.Th([str(column.title), *unit], scope="col", className="right" if column.right else None)


def _cells(columns: Sequence[Column], row: Any, ask: Ask) -> Iterator[html.Td]:
    for column in columns:
        inside = column.cell(row, ask)
        href = column.href(row, ask) if column.href else None
        yield html.Td(
            html.A(inside, href=href) if href else inside, className="right num" if column.right else None
        )


def _paging(total: int, ask: Ask) -> html.Nav:
    page, last = ask.page_number, max(1, -(-total // PAGE))
    before = html.A(
        gettext("上一页"), href=ask.link(p=str(page - 1) if page > 2 else ""), className="button is-small"
    )
    after = html.A(gettext("下一页"), href=ask.link(p=str(page + 1)), className="button is-small")
    return html.Nav(
        [
            html.Span(gettext("共 %(n)s 条", n=full(total))),
            before if page > 1 else None,
            html.Span(f"{page} / {last}", className="num"),
            after if page < last else None,
        ],
        className="paging",
        **{"aria-label": gettext("分页")},
    )  # fmt: skip
