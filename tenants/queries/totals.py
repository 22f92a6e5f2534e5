"""The daily totals beside a recount of the rows they count; the two must always be equal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tenants.models import DailyTotal

Totals = Mapping[tuple[date, str, str], Decimal]

_RECOUNT = text("""
WITH counted(at, metric, key, value) AS (
  SELECT at, 'fills', medium_id, 1 FROM gas.fill
  UNION ALL SELECT at, 'net_kg', medium_id, net_kg FROM gas.fill WHERE net_kg IS NOT NULL
  UNION ALL SELECT at, 'refused_fills', '', 1 FROM gas.violation WHERE kind = 'fill'
  UNION ALL SELECT at, 'refusals', code, 1 FROM gas.violation, jsonb_array_elements_text(refusals) AS code WHERE kind = 'fill'
  UNION ALL SELECT received_at, 'events', state, 1 FROM gas.device_event WHERE state <> 'pending'
  UNION ALL SELECT at, 'checks', CASE WHEN passed THEN 'passed' ELSE 'failed' END, 1 FROM gas.fill_check)
SELECT (at AT TIME ZONE 'Asia/Shanghai')::date AS day, metric, key, sum(value) AS value FROM counted GROUP BY 1, 2, 3
""")


def kept_totals(session: Session) -> Totals:
    """What the totals say: (day in Asia/Shanghai, metric, key) → value."""
    rows = session.execute(select(DailyTotal.day, DailyTotal.metric, DailyTotal.key, DailyTotal.value))
    return {(row.day, row.metric, row.key): row.value for row in rows}


def recounted_totals(session: Session) -> Totals:
    """What they must say: counted from fills, violations, checks and receipts."""
    return {(row.day, row.metric, row.key): Decimal(row.value) for row in session.execute(_RECOUNT)}


def drift(session: Session) -> Totals:
    """Kept minus recounted, where they differ; empty means that nothing was lost or counted twice."""
    kept, counted = kept_totals(session), recounted_totals(session)
    differences = {key: kept.get(key, Decimal(0)) - counted.get(key, Decimal(0)) for key in {*kept, *counted}}
    return {key: difference for key, difference in differences.items() if difference}
