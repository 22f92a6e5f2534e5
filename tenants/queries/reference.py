"""The reference tables, for reading."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.models import FillingLimit, InspectionCycle, Medium, ViolationKind

_TABLES: dict[str, Any] = {
    "media": Medium,
    "inspection_cycles": InspectionCycle,
    "violations": ViolationKind,
    "filling_limits": FillingLimit,
}


def table_counts(session: Session) -> dict[str, int]:
    """How many rows are in force in each table."""
    return {
        name: session.scalar(select(func.count()).select_from(table).where(table.valid_to.is_(None))) or 0
        for name, table in _TABLES.items()
    }


def show_table(session: Session, name: str, *, history: bool = False) -> tuple[dict[str, Any], ...]:
    """The rows in force by key, with `history` the closed ones too; raises KeyError for a table that isn't there."""
    table = _TABLES[name]
    wanted = select(*table.__table__.columns).order_by(table.key, table.valid_from)
    rows = session.execute(wanted if history else wanted.where(table.valid_to.is_(None))).mappings()
    return tuple(dict(row) for row in rows)
