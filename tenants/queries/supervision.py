"""What an authority's dashboards and an enterprise's start page show of a place: totals, never the fills themselves.

`district`, `medium` and days are those of `counting`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from tenants.queries.counting import Counted, counted, days, month_after
from tenants.queries.due import SOON_DAYS
from tenants.rules.states import CylinderStatus

IN_USE = CylinderStatus.IN_USE.value


@dataclass(frozen=True, slots=True)
class DayFills:
    """Fills of one day, and the mass of gas in kg where it was weighed."""

    day: date
    fills: int
    net_kg: Decimal


@dataclass(frozen=True, slots=True)
class DayRefusals:
    """Refused fills of one day."""

    day: date
    refused: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """How often a refusal was given, and for which media (none where no code was read); one refused fill may have several."""

    refusal: str
    count: int
    media: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonthDue:
    """Cylinders in use whose inspection runs out in the month that begins on `month`."""

    month: date
    cylinders: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The totals of a period."""

    fills: int
    net_kg: Decimal
    refused: int

    @property
    def refused_share(self) -> float | None:
        """Refused fills among all that were tried."""
        tried = self.fills + self.refused
        return self.refused / tried if tried else None


@dataclass(frozen=True, slots=True)
class Stock:
    """Cylinders in use now, those past their inspection, and those that run out within 60 days.

    Where a period was asked for: how many were in use before it, and how many of those overdue now have fallen due in it.
    """

    in_use: int
    overdue: int
    soon: int
    in_use_before: int | None = None
    newly_overdue: int | None = None


def media_filled(session: Session, since: date, until: date, district: str | None = None) -> Sequence[str]:
    """The media that were filled, the most frequent first."""
    place = counted(session, district, None)
    c = place.totals.c
    rows = session.execute(
        select(c.medium_id, func.sum(c.value))
        .where(place.apart("fills"), c.day.between(since, until))
        .group_by(c.medium_id)
        .order_by(func.sum(c.value).desc(), c.medium_id)
    )  # fmt: skip
    return tuple(row[0] for row in rows if row[0])


def fills_by_day(
    session: Session, since: date, until: date, district: str | None = None, medium: str | None = None
) -> Sequence[DayFills]:
    """Every day of the period, also those without a fill."""
    found = _by_day(session, counted(session, district, medium), since, until, "fills", "net_kg")
    return tuple(
        DayFills(day, int(found.get((day, "fills"), 0)), found.get((day, "net_kg"), Decimal(0)))
        for day in days(since, until)
    )


def refused_by_day(
    session: Session, since: date, until: date, district: str | None = None, medium: str | None = None
) -> Sequence[DayRefusals]:
    """Every day of the period, also those on which nothing was refused."""
    found = _by_day(session, counted(session, district, medium), since, until, "refused_fills")
    return tuple(DayRefusals(day, int(found.get((day, "refused_fills"), 0))) for day in days(since, until))


def _by_day(
    session: Session, place: Counted, since: date, until: date, *metrics: str
) -> Mapping[tuple[date, str], Decimal]:
    c = place.totals.c
    rows = session.execute(
        select(c.day, c.metric, func.sum(c.value))
        .where(place.of(*metrics), c.day.between(since, until))
        .group_by(c.day, c.metric)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def refusals_by_kind(
    session: Session, since: date, until: date, district: str | None = None, medium: str | None = None
) -> Sequence[KindCount]:
    """Reasons for refusals, the most frequent first."""
    place = counted(session, district, medium)
    c = place.totals.c
    rows = session.execute(
        select(c.key, c.medium_id, func.sum(c.value))
        .where(place.apart("refusals"), c.day.between(since, until))
        .group_by(c.key, c.medium_id)
    )  # fmt: skip
    media: dict[str, dict[str, int]] = defaultdict(dict)
    for refusal, its_medium, number in rows:
        media[refusal][its_medium] = int(number)
    kinds = (KindCount(refusal, sum(parts.values()), parts) for refusal, parts in media.items())
    return tuple(sorted(kinds, key=lambda kind: (-kind.count, kind.refusal)))


def sums(
    session: Session, since: date, until: date, district: str | None = None, medium: str | None = None
) -> Sums:
    """The period in three numbers; a refused fill counts for its cylinder's medium, and for none when the code could not be read."""
    place = counted(session, district, medium)
    c = place.totals.c
    rows = session.execute(
        select(c.metric, func.sum(c.value))
        .where(place.of("fills", "net_kg", "refused_fills"), c.day.between(since, until))
        .group_by(c.metric)
    )
    return summed({row[0]: row[1] for row in rows})


def summed(one: Mapping[str, Decimal]) -> Sums:
    """The three numbers out of their metrics."""
    return Sums(int(one.get("fills", 0)), one.get("net_kg", Decimal(0)), int(one.get("refused_fills", 0)))


def stock(
    session: Session,
    today: date,
    district: str | None = None,
    medium: str | None = None,
    since: date | None = None,
) -> Stock:
    """The cylinders of the place as they are today, and compared with the day before `since`."""
    place = counted(session, district, medium)
    c = place.totals.c
    in_use = session.scalar(
        select(func.sum(c.value)).where(place.of("cylinders", grain="ever"), c.key == IN_USE)
    )
    overdue, soon, fresh = due_sums(session, place, today, since)
    if since is None:
        return Stock(int(in_use or 0), overdue, soon)
    changed = session.scalar(
        select(func.sum(c.value)).where(place.of("cylinders"), c.key == IN_USE, c.day >= since)
    )
    return Stock(int(in_use or 0), overdue, soon, int((in_use or 0) - (changed or 0)), fresh)


def due_sums(session: Session, place: Counted, today: date, since: date | None) -> tuple[int, int, int]:
    """Overdue, due within 60 days, and overdue since a day."""
    c = place.totals.c
    past = c.day < today
    row = session.execute(
        select(
            func.sum(case((past, c.value))),
            func.sum(case((c.day >= today, c.value))),
            func.sum(case((past & (c.day >= (since or today) - timedelta(days=1)), c.value))),
        ).where(place.of("due"), c.day <= today + timedelta(days=SOON_DAYS))
    ).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


def due_by_month(
    session: Session, first: date, months: int, district: str | None = None, medium: str | None = None
) -> Sequence[MonthDue]:
    """So many months from the one of `first` on; a month without a cylinder counts 0."""
    starts = [month_after(first, offset) for offset in range(months + 1)]
    place = counted(session, district, medium)
    c = place.totals.c
    month = func.date_trunc("month", c.day)
    rows = session.execute(
        select(month, func.sum(c.value))
        .where(place.of("due"), c.day >= starts[0], c.day < starts[-1])
        .group_by(month)
    )
    found = {row[0].date(): int(row[1]) for row in rows}
    return tuple(MonthDue(start, found.get(start, 0)) for start in starts[:-1])
