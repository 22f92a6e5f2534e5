"""The totals beside a recount of the rows they count; the two must always be equal."""

# ruff: noqa: S608 - put together from constants of this file
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

# (day in Asia/Shanghai, metric, key, medium) → value
Totals = Mapping[tuple[date, str, str, str], Decimal]

# A cylinder's state is kept since the day it changed and can be counted only as it is now: its days are put together.
_SIDES = """
  kept AS (SELECT CASE WHEN metric = 'cylinders' THEN date '0001-01-01' ELSE day END AS day, metric, key, medium_id, sum(value) AS value
           FROM gas.total_of_tenant WHERE grain = 'day' AND medium_id <> '*' GROUP BY 1, 2, 3, 4),
  recounted AS (SELECT CASE WHEN metric = 'cylinders' THEN date '0001-01-01' ELSE day END AS day, metric, key, medium_id,
                sum(value) AS value FROM gas.counted GROUP BY 1, 2, 3, 4),
  wrong AS (SELECT day, metric, key, medium_id, coalesce(kept.value, 0) - coalesce(recounted.value, 0) AS excess
            FROM kept FULL JOIN recounted USING (day, metric, key, medium_id)
            WHERE coalesce(kept.value, 0) <> coalesce(recounted.value, 0))
"""
_DRIFT = text(f"WITH {_SIDES} SELECT day, metric, key, medium_id, excess FROM wrong ORDER BY 1, 2, 3, 4")
_MEND = text(f"""
  WITH {_SIDES} INSERT INTO gas.total_change (day, metric, key, medium_id, value)
  SELECT CASE WHEN metric = 'cylinders' THEN (now() AT TIME ZONE 'Asia/Shanghai')::date ELSE day END, metric, key, medium_id, -excess
  FROM wrong""")


def drift(session: Session) -> Totals:
    """Kept minus recounted, where they differ, of one enterprise; empty means that nothing was lost or counted twice."""
    return {(row.day, row.metric, row.key, row.medium_id): row.excess for row in session.execute(_DRIFT)}


def mend(session: Session) -> int:
    """Note what makes the totals of one enterprise equal to the recount; how many numbers were wrong."""
    return int(session.execute(_MEND).rowcount)  # type: ignore[attr-defined]


def fold(session: Session, most: int = 100_000) -> int:
    """Fold changes into the totals, in `relay_scope()`; how many, 0 while somebody else does it."""
    return int(session.execute(text("SELECT gas.fold_totals(:most)"), {"most": most}).scalar_one())


def waiting(session: Session) -> bool:
    """Whether any change waits to be folded, in `relay_scope()`."""
    return bool(session.execute(text("SELECT EXISTS (SELECT 1 FROM gas.total_change)")).scalar_one())


def astray(session: Session) -> int:
    """How many folded numbers the enterprises' days don't bear out, in `relay_scope()`."""
    return int(session.execute(text("SELECT gas.totals_astray()")).scalar_one())


def rebuild(session: Session) -> None:
    """Make every other grain anew from the enterprises' days, in `relay_scope()`; readers wait for nothing."""
    session.execute(text("SELECT gas.rebuild_totals()"))
