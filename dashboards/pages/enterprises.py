"""The enterprises side by side, each with its days as a line."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from dashboards.ask import Ask
from dashboards.numbers import full
from dashboards.page import TOTALS_AND_ARCHIVE, Chart, Column, Page, Rows
from dashboards.words import MEDIUM, PERIOD, number, share, sparkline
from tenants.queries import supervision_places
from tenants.queries.paging import PAGE as LINES


def load(ask: Ask) -> Rows:
    """Every enterprise of the district, the one with the most fills first."""
    asked = (ask.session, ask.since, ask.today, ask.today, ask.within, ask.medium)
    return ask.once("enterprises", lambda: supervision_places.enterprises(*asked))


def _shown(ask: Ask) -> Rows:
    """The page of enterprises that is looked at, with their days."""
    first = (ask.page_number - 1) * LINES
    rows = load(ask)[first : first + LINES]
    return supervision_places.with_days(ask.session, rows, ask.since, ask.today, ask.medium)


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


LISTED = Chart(
    key="enterprises",
    basis=TOTALS_AND_ARCHIVE,
    load=_shown,
    total=lambda ask, _: len(load(ask)),
    title=lambda ask, _: gettext("辖区内有 %(n)s 家充装单位", n=full(len(load(ask)))),
    explains=lazy_gettext("每行是一家单位，这一期间充装最多的在前；小图是它每天的充装次数。"),
    columns=(
        Column(lazy_gettext("单位"), lambda row, _: row.name, href=lambda row, ask: ask.link("overview", d=code_of(row))),
        Column(lazy_gettext("区划"), lambda row, ask: ask.place(row.district)),
        Column(lazy_gettext("每天充装"), _line),
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
    filters=(PERIOD, MEDIUM),
    charts=(LISTED,),
)
