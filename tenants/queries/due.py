"""When a stamped date is past: a month holds to its end, so this month's is not yet overdue. Every condition can use an index."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from tenants.rules.states import DatePrecision

SOON_DAYS = 60
DateColumn = InstrumentedAttribute[date | None]
PrecisionColumn = InstrumentedAttribute[str]


def past(on: DateColumn, precision: PrecisionColumn, day: date) -> ColumnElement[bool]:
    """The last legal day lies before `day`."""
    this_month = day.replace(day=1)
    return and_(on < day, or_(precision == DatePrecision.DAY.value, on < this_month))


def between(on: DateColumn, precision: PrecisionColumn, first: date, last: date) -> ColumnElement[bool]:
    """The last legal day is one of first…last."""
    return and_(
        on >= first.replace(day=1), ~past(on, precision, first), past(on, precision, last + timedelta(days=1))
    )


def soon(on: DateColumn, precision: PrecisionColumn, day: date) -> ColumnElement[bool]:
    """It runs out within 60 days, today included."""
    return between(on, precision, day, day + timedelta(days=SOON_DAYS))


def last_day(on: date, precision: str) -> date:
    """The last day on which a stamped date still holds."""
    if precision == DatePrecision.DAY.value:
        return on
    return on.replace(day=calendar.monthrange(on.year, on.month)[1])


def tone(on: date | None, precision: str, day: date) -> str:
    """overdue, soon, fine or unknown."""
    if on is None:
        return "unknown"
    last = last_day(on, precision)
    if last < day:
        return "overdue"
    return "soon" if last <= day + timedelta(days=SOON_DAYS) else "fine"
