"""Make the months to come: fills and trace events are kept by month, and a month that isn't there falls into the default."""

from __future__ import annotations

from sqlalchemy import text

from tenants import scope

BACK, AHEAD = 1, 3  # months


def keep_partitions() -> int:
    """The partitions of last month to three months ahead are there; how many were made."""
    with scope.relay_scope() as session:
        wanted = text("SELECT gas.keep_partitions(:back, :ahead)")
        return int(session.scalar(wanted, {"back": BACK, "ahead": AHEAD}) or 0)
