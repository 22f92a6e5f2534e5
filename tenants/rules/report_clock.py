"""The legal clock of a report: until which day something must have happened, from `tenants/reference/report_deadlines.csv`.

Working days are Monday to Friday; public holidays aren't known here and are not taken off, so a day told is never later than the law's
but for weeks in which a weekend is worked.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from tenants.rules.reports import ReportKind, ReportState
from tenants.rules.states import Names

FILE = Path(__file__).parents[1] / "reference" / "report_deadlines.csv"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One line of the table."""

    kind: ReportKind
    step: str  # decide: from the day it was received; settle: from the day it was accepted
    working_days: int
    name: Names
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Due:
    """What must have happened by which day."""

    deadline: Deadline
    on: date


@cache
def deadlines() -> dict[tuple[ReportKind, str], Deadline]:
    """The table."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [
            Deadline(
                ReportKind(row["kind"]),
                row["step"],
                int(row["working_days"]),
                Names(row["name_zh"], row["name_en"]),
                row["source"],
                row["confidence"],
            )
            for row in csv.DictReader(file)
        ]
    return {(row.kind, row.step): row for row in rows}


def due(kind: ReportKind, state: ReportState, received_on: date, accepted_on: date | None) -> Due | None:
    """The clock that runs now; None when none does."""
    step, since = ("decide", received_on) if state is ReportState.RECEIVED else ("settle", accepted_on)
    deadline = deadlines().get((kind, step))
    if deadline is None or since is None or state in (ReportState.DECLINED, ReportState.CLOSED):
        return None
    return Due(deadline, after(since, deadline.working_days))


def after(day: date, working_days: int) -> date:
    """The last day of so many working days; the day itself doesn't count."""
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5
    return day


def late_before(working_days: int, today: date) -> date:
    """What began before this day is late today."""
    day = today
    while after(day, working_days) >= today:
        day -= timedelta(days=1)
    return day + timedelta(days=1)
