"""Inspections: when they fall due, and the cylinders behind the numbers."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
from flask_babel import gettext, lazy_gettext

from dashboards import figures
from dashboards.ask import Ask
from dashboards.numbers import full, short
from dashboards.page import ARCHIVE, Chart, Column, Figure, Filter, Option, Page, Rows
from dashboards.words import MEDIUM, month_of, number
from tenants.queries import supervision, supervision_rows
from tenants.queries.counting import month_after
from tenants.queries.paging import Wanted
from tenants.rules.states import DatePrecision

MONTHS = 24
ROWS_PAGE = "due/rows"
AHEAD = 60  # months that the list of rows can be asked for


def _load(ask: Ask) -> Rows:
    rows = supervision.due_by_month(ask.session, ask.today, MONTHS, ask.within, ask.medium)
    return rows if any(row.cylinders for row in rows) else ()


def _behind(month: date, ask: Ask) -> str:
    return ask.link(ROWS_PAGE, month=month_of(month))


def _title(ask: Ask, rows: Rows) -> str:
    if not rows:
        return gettext("今后 %(n)s 个月没有气瓶到期", n=MONTHS)
    most = max(rows, key=lambda row: row.cylinders)
    return gettext("今后 %(n)s 个月里 %(month)s 到期最多，%(count)s 只", n=MONTHS, month=month_of(most.month),
                   count=short(most.cylinders, ask.language))  # fmt: skip


def _draw(ask: Ask, rows: Rows) -> go.Figure:
    return figures.bars([row.month for row in rows], [row.cylinders for row in rows], unit=gettext("只"), months=True,
                        palette=ask.palette, language=ask.language, hrefs=[_behind(row.month, ask) for row in rows])  # fmt: skip


def stock_figures(ask: Ask) -> tuple[Figure, ...]:
    """Cylinders in use, overdue and soon due, as they are today and against the period before."""
    stock = supervision.stock(ask.session, ask.today, ask.within, ask.medium, ask.since)
    return (
        Figure(lazy_gettext("在用气瓶"), stock.in_use, lazy_gettext("只"), stock.in_use_before,
               href=ask.link("enterprises", order="cylinders")),
        Figure(lazy_gettext("超期未检"), stock.overdue, lazy_gettext("只"), tone="stop" if stock.overdue else "",
               note=_fresh(stock, ask), href=ask.link(ROWS_PAGE)),
        Figure(lazy_gettext("60 天内到期"), stock.soon, lazy_gettext("只"), tone="warn" if stock.soon else "",
               note=gettext("今天起算"), href=ask.link("due")),
    )  # fmt: skip


def _fresh(stock: supervision.Stock, ask: Ask) -> str:
    if not stock.overdue:
        return gettext("全部在检验有效期内") if stock.in_use else ""
    part = f"{stock.overdue / stock.in_use * 100:.1f}%" if stock.in_use else "—"
    return gettext(
        "占在用 %(share)s，%(period)s新增 %(n)s 只",
        share=part,
        period=ask.period(),
        n=full(stock.newly_overdue),
    )


BY_MONTH = Chart(
    key="due",
    basis=ARCHIVE,
    load=_load,
    title=_title,
    empty=lazy_gettext("可以换一种介质，或回到上一级区划。"),
    explains=lazy_gettext("每根柱是检验有效期在该月截止的在用气瓶数。点一根柱看是哪些气瓶。"),
    columns=(
        Column(lazy_gettext("月份"), lambda row, _: month_of(row.month)),
        number(lazy_gettext("到期气瓶"), lazy_gettext("只"), lambda row: row.cylinders, lambda row, ask: _behind(row.month, ask)),
    ),
    draw=_draw,
    wide=True,
)  # fmt: skip
PAGE = Page(
    key="due",
    title=lazy_gettext("检验到期"),
    icon="calendar-due",
    filters=(MEDIUM,),
    figures=stock_figures,
    charts=(BY_MONTH,),
)


def _months(ask: Ask) -> list[Option]:
    listed = (month_of(month_after(ask.today, later)) for later in range(AHEAD))
    return [Option("", ""), *(Option(month, month) for month in listed)]


def _month(ask: Ask) -> date | None:
    month = ask.values.get("month")
    return date.fromisoformat(f"{month}-01") if month else None


def _found(ask: Ask, size: int | None = None) -> supervision_rows.Found[supervision_rows.DueRow]:
    wanted = Wanted(page=ask.page_number) if size is None else Wanted(size=size)
    return supervision_rows.due_rows(ask.session, _month(ask), ask.today, ask.within, ask.medium, wanted)


def _rows_title(ask: Ask, rows: Rows) -> str:
    del rows
    total, month = full(_found(ask, 0).total), ask.values.get("month")
    if month:
        return gettext("%(month)s 有 %(n)s 只在用气瓶到期", month=month, n=total)
    return gettext("有 %(n)s 只在用气瓶超期未检", n=total)


LISTED = Chart(
    key="due_rows",
    basis=ARCHIVE,
    load=lambda ask: _found(ask).rows,
    total=lambda ask, _: _found(ask, 0).total,
    everything=lambda ask, most: _found(ask, most).rows,
    title=_rows_title,
    explains=lazy_gettext("每行是一只在用气瓶，检验有效期最早的在前；只到月份的日期到月末为止。"),
    columns=(
        Column(lazy_gettext("检验有效期至"), lambda row, _: row.next_inspection_on.strftime(
            "%Y-%m" if row.precision == DatePrecision.MONTH.value else "%Y-%m-%d")),
        Column(lazy_gettext("单位"), lambda row, _: row.enterprise),
        Column(lazy_gettext("区划"), lambda row, ask: ask.place(row.district)),
        Column(lazy_gettext("出厂编号"), lambda row, _: row.serial_no, href=lambda row, _: f"/authority/cylinders/{row.id}"),
        Column(lazy_gettext("制造单位"), lambda row, _: row.maker or "—"),
        Column(lazy_gettext("介质"), lambda row, ask: ask.medium_name(row.medium_id)),
    ),
)  # fmt: skip
ROWS = Page(
    key=ROWS_PAGE,
    title=lazy_gettext("气瓶清单"),
    filters=(MEDIUM, Filter("month", lazy_gettext("月份"), _months, shown=False)),
    charts=(LISTED,),
)
