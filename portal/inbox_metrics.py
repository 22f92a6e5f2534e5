"""The inbox in figures for Prometheus, read from the database whenever somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from tenants.queries.inbox import InboxFigures, TotalsFigures, inbox_figures, totals_figures
from tenants.scope import relay_scope


class InboxCollector(Collector):
    """What waits and what became of the rest; without a database the figures are missing, and the answer comes all the same."""

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        try:
            with relay_scope() as session:
                figures, checked = inbox_figures(session), totals_figures(session)
        except SQLAlchemyError:
            return
        yield from _families(figures)
        yield from _totals(checked)

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked of the database only to register."""
        yield from ()


def _families(figures: InboxFigures) -> Iterator[Metric]:
    yield GaugeMetricFamily("inbox_uploads_waiting", "Uploads not applied yet", figures.depth)
    yield GaugeMetricFamily(
        "inbox_uploads_tried_again", "Of these, tried more than once", figures.tried_again
    )
    yield GaugeMetricFamily("inbox_oldest_seconds", "Age of the oldest upload that waits", figures.oldest_s)
    events = CounterMetricFamily("inbox_events", "Events by what became of them", labels=["state"])
    for state in ("applied", "refused", "rejected"):
        events.add_metric([state], getattr(figures, state))
    yield events


def _totals(checked: TotalsFigures) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "totals_wrong", "Numbers that differed from a recount at the newest check", checked.wrong
    )
    yield GaugeMetricFamily("totals_check_age_seconds", "Age of the oldest of these checks", checked.age_s)


INBOX = CollectorRegistry()
INBOX.register(InboxCollector())
