"""How the inbox is doing: what waits, for how long, and what became of everything so far (relay scope)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

_WAITING = text("""
SELECT count(*) AS depth, coalesce(extract(epoch FROM now() - min(received_at)), 0) AS oldest_s,
       count(*) FILTER (WHERE attempts > 1) AS tried_again
FROM gas.upload WHERE state <> 'done'
""")


_CHECKED = text("""
SELECT coalesce(sum(wrong), 0) AS wrong, coalesce(extract(epoch FROM now() - min(at)), 0) AS age_s, count(*) AS enterprises
FROM (SELECT DISTINCT ON (tenant_id) wrong, at FROM gas.total_check ORDER BY tenant_id, at DESC) newest
""")


@dataclass(frozen=True, slots=True)
class TotalsFigures:
    """The newest comparison of each enterprise's totals with a recount: numbers that were wrong, and the age of the oldest in seconds."""

    wrong: int
    age_s: float
    enterprises: int


def totals_figures(session: Session) -> TotalsFigures:
    """Over all enterprises."""
    row = session.execute(_CHECKED).one()
    return TotalsFigures(int(row.wrong), float(row.age_s), row.enterprises)


@dataclass(frozen=True, slots=True)
class InboxFigures:
    """Uploads that wait, the age of the oldest in seconds, how many were tried before; events by result since the beginning."""

    depth: int
    oldest_s: float
    tried_again: int
    applied: int
    refused: int
    rejected: int


def inbox_figures(session: Session) -> InboxFigures:
    """The inbox as it is now, over all enterprises."""
    row = session.execute(_WAITING).one()
    counted = {
        r.state: int(r.events) for r in session.execute(text("SELECT state, events FROM gas.event_figures()"))
    }
    return InboxFigures(
        depth=row.depth,
        oldest_s=float(row.oldest_s),
        tried_again=row.tried_again,
        **{state: counted.get(state, 0) for state in ("applied", "refused", "rejected")},
    )
