"""The legal clock of a report runs on working days, from the table that names its sources."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tenants.rules.report_clock import after, deadlines, due, late_before
from tenants.rules.reports import MOVES, ReportAct, ReportKind, ReportState, dialled

FRIDAY = date(2026, 11, 20)


def test_weekends_do_not_count() -> None:
    assert after(FRIDAY, 1) == date(2026, 11, 23)
    assert after(FRIDAY, 7) == date(2026, 12, 1)


@pytest.mark.parametrize("days", [7, 15, 45])
@pytest.mark.parametrize("past", range(7))
def test_late_is_what_is_past_its_day(days: int, past: int) -> None:
    today = FRIDAY + timedelta(days=past)
    border = late_before(days, today)
    assert after(border, days) >= today
    assert after(border - timedelta(days=1), days) < today


def test_each_clock_runs_while_its_step_is_open() -> None:
    complaint = ReportKind.COMPLAINT
    waiting = due(complaint, ReportState.RECEIVED, FRIDAY, None)
    assert waiting is not None
    assert waiting.deadline.step == "decide"
    settling = due(complaint, ReportState.ACCEPTED, FRIDAY, FRIDAY)
    assert settling is not None
    assert settling.deadline.working_days == 45
    assert due(complaint, ReportState.CLOSED, FRIDAY, FRIDAY) is None
    assert due(ReportKind.TIP, ReportState.ACCEPTED, FRIDAY, FRIDAY) is None


def test_every_figure_names_its_source() -> None:
    assert all(line.source and line.confidence in ("S1", "S2", "M", "U") for line in deadlines().values())


def test_what_is_over_stays_over() -> None:
    assert set(MOVES) == set(ReportState)
    assert not MOVES[ReportState.CLOSED]
    assert not MOVES[ReportState.DECLINED]
    assert not any(ReportAct.REPLIED in moves for moves in MOVES.values())


@pytest.mark.parametrize(
    ("typed", "number"),
    [("138 0000-0000", "13800000000"), ("+86 (546) 1234567", "+865461234567"), ("x", None), ("12", None)],
)
def test_a_phone_is_read_however_it_is_typed(typed: str, number: str | None) -> None:
    assert dialled(typed) == number
