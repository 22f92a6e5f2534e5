"""The enterprises side by side, each with its days as a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext, lazy_gettext

from dashboards.ask import Ask, enterprise_name
from dashboards.numbers import full
from dashboards.page import TOTALS_AND_ARCHIVE, Chart, Column, Filter, Option, Page, Rows
from dashboards.words import MEDIUM, PERIOD, number, sentence, share, sparkline
from tenants.queries import supervision_places
from tenants.queries.paging import PAGE as LINES


def load(ask: Ask) -> Rows:
    """Every enterprise of the district, the one with the most fills first."""
    asked = (ask.session, ask.since, ask.today, ask.today, ask.within, ask.medium)
    return ask.once("enterprises", lambda: supervision_places.enterprises(*asked))


def code_of(row: Any) -> str:
    """The nine digits by which an address names an enterprise."""
    return f"{row.district}{row.enterprise}"


def _line(row: Any, ask: Ask) -> Any:
    return sparkline(
        row.days,
        gettext(
            "%(period)s每天的充装次数，最多 %(n)s 次", period=ask.period(), n=full(max(row.days, default=0))
        ),
        ask,
    )


ORDERS: dict[str, tuple[object, Callable[[Any], float]]] = {
    "": (lazy_gettext("充装"), lambda row: row.sums.fills),
    "refused": (lazy_gettext("拒充"), lambda row: row.sums.refused),
    "share": (lazy_gettext("拒充率"), lambda row: row.sums.refused_share or 0),
    "overdue": (lazy_gettext("超期未检"), lambda row: row.stock.overdue),
    "cylinders": (lazy_gettext("在用气瓶"), lambda row: row.stock.in_use),
}
ORDER = Filter(
    "order", lazy_gettext("排序"), lambda _: [Option(key, str(one[0])) for key, one in ORDERS.items()]
)


def _ordered(ask: Ask) -> Rows:
    value = ORDERS[ask.values.get("order", "")][1]
    return sorted(load(ask), key=lambda row: -value(row))


def _on_page(ask: Ask) -> Rows:
    first = (ask.page_number - 1) * LINES
    return _with_days(ask, _ordered(ask)[first : first + LINES])


def _with_days(ask: Ask, rows: Rows) -> Rows:
    return supervision_places.with_days(ask.session, rows, ask.since, ask.today, ask.medium)


def _title(ask: Ask, rows: Rows) -> str:
    del rows
    count = len(load(ask))
    if not count:
        return gettext("%(place)s还没有充装单位", place=ask.place(ask.district[:6]))
    if len(ask.district) > 6:
        return enterprise_name(ask.session, ask.district)
    idle = sum(not row.sums.fills for row in load(ask))
    said = gettext("%(place)s有 %(n)s 家充装单位", place=ask.place(ask.district), n=full(count))
    return sentence(
        said, gettext("%(n)s 家在%(period)s没有充装", n=full(idle), period=ask.period()) if idle else "", ask
    )


LISTED = Chart(
    key="enterprises",
    basis=TOTALS_AND_ARCHIVE,
    load=_on_page,
    total=lambda ask, _: len(load(ask)),
    everything=lambda ask, most: _with_days(ask, _ordered(ask)[:most]),
    title=_title,
    explains=lazy_gettext("每行是一家单位，按所选的一列从多到少；小图是这一期间每天的充装次数。点数字看背后的记录。"),
    empty=lazy_gettext("登记了充装单位后会显示在这里。"),
    columns=(
        Column(lazy_gettext("单位"), lambda row, _: row.name, href=lambda row, ask: ask.link("overview", d=code_of(row))),
        Column(lazy_gettext("区划"), lambda row, ask: ask.place(row.district)),
        Column(lazy_gettext("每天充装"), _line, plain=lambda row, _: " ".join(map(str, row.days))),
        number(lazy_gettext("充装"), lazy_gettext("次"), lambda row: row.sums.fills,
               lambda row, ask: ask.link("fills", d=code_of(row))),
        number(lazy_gettext("拒充"), lazy_gettext("次"), lambda row: row.sums.refused,
               lambda row, ask: ask.link("refusals/rows", d=code_of(row))),
        share(lazy_gettext("拒充率"), lambda row: row.sums.refused_share),
        number(lazy_gettext("在用气瓶"), lazy_gettext("只"), lambda row: row.stock.in_use),
        number(lazy_gettext("超期未检"), lazy_gettext("只"), lambda row: row.stock.overdue,
               lambda row, ask: ask.link("due/rows", d=code_of(row))),
    ),
)  # fmt: skip
PAGE = Page(
    key="enterprises",
    title=lazy_gettext("充装单位"),
    icon="building-factory-2",
    filters=(ORDER, PERIOD, MEDIUM),
    charts=(LISTED,),
)
