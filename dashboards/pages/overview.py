"""The period in a row of figures, the map beside the ranking, then time."""

from __future__ import annotations

from flask_babel import lazy_gettext

from dashboards.ask import Ask
from dashboards.page import Figure, Page
from dashboards.pages import due, fills, places, refusals
from dashboards.words import MEDIUM, PERIOD
from tenants.queries import supervision


def _figures(ask: Ask) -> tuple[Figure, ...]:
    now = supervision.sums(ask.session, ask.since, ask.today, ask.within, ask.medium)
    before = supervision.sums(ask.session, *ask.before, ask.within, ask.medium)
    return (
        Figure(lazy_gettext("充装"), now.fills, lazy_gettext("次"), before.fills, href=ask.link("fills")),
        Figure(lazy_gettext("充入气体"), float(now.net_kg) / 1000, lazy_gettext("吨"), float(before.net_kg) / 1000,
               href=ask.link("fills")),
        Figure(lazy_gettext("拒绝充装"), now.refused, lazy_gettext("次"), before.refused, good=-1,
               href=ask.link("refusals/rows")),
        *due.stock_figures(ask),
    )  # fmt: skip


PAGE = Page(
    key="overview",
    title=lazy_gettext("监管总览"),
    icon="layout-dashboard",
    filters=(PERIOD, MEDIUM),
    figures=_figures,
    charts=(places.MAP, places.RANKING, fills.DAILY, refusals.KINDS, refusals.DAILY, due.BY_MONTH),
)
