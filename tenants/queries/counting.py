"""Which totals answer a question about a place, and over which days: the district's own, or an enterprise's.

`district` is a six-digit code inside the jurisdiction (zeros at the end mean everything below), or nine digits for one enterprise;
`medium` is a key. Without them it is the whole jurisdiction and every medium. Days are those of Asia/Shanghai, first and last included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ARRAY, CHAR, ColumnElement, TableClause, and_, cast, func, literal, select, true
from sqlalchemy.orm import Session

from tenants.models import Medium, Tenant
from tenants.queries.totals import ALL_MEDIA, BY_DISTRICT, BY_TENANT

EACH_MEDIUM = select(Medium.key).distinct().union_all(select(literal("")))  # and what has none


@dataclass(frozen=True, slots=True)
class Counted:
    """The totals of a place: a table, what makes a row belong to the place, and the medium, None for all together."""

    totals: TableClause
    place: ColumnElement[bool]
    medium: str | None

    def of(self, *metrics: str, grain: str = "day") -> ColumnElement[bool]:
        """Rows of these metrics in one grain."""
        c = self.totals.c
        return and_(
            c.grain == grain, c.metric.in_(metrics), c.medium_id == (self.medium or ALL_MEDIA), self.place
        )

    def apart(self, metric: str) -> ColumnElement[bool]:
        """Days of a metric with each medium in rows of its own, or those of the one medium."""
        c = self.totals.c
        media = c.medium_id == self.medium if self.medium else c.medium_id.in_(EACH_MEDIUM)
        return and_(c.grain == "day", c.metric == metric, media, self.place)


def below(district: str) -> tuple[str, str]:
    """The first and last code of a district and everything in it: 370500 → 370500, 370599."""
    prefix = place_of(district)
    return prefix.ljust(6, "0"), prefix.ljust(6, "9")


def place_of(district: str) -> str:
    """How totals name all that lies in a district: 370000 → 37, 370500 → 3705, 370502 → 370502."""
    return (
        district[:2] if district.endswith("0000") else district[:4] if district.endswith("00") else district
    )


def enterprises_in(session: Session, district: str | None) -> list[int] | None:
    """The ids of the enterprises of a district; None where the wall alone decides."""
    if district is None:
        return None
    first, last = below(district[:6])
    where: list[ColumnElement[bool]] = [Tenant.district.between(first, last)]
    if len(district) > 6:
        where.append(Tenant.enterprise == district[6:])
    return list(session.scalars(select(Tenant.id).where(*where)))


def counted(session: Session, district: str | None, medium: str | None) -> Counted:
    """The totals that answer for a place as a whole."""
    if district is not None and len(district) > 6:
        return Counted(BY_TENANT, BY_TENANT.c.tenant_id.in_(enterprises_in(session, district) or []), medium)
    place = (
        literal(place_of(district)) if district else select(func.gas.current_jurisdiction()).scalar_subquery()
    )
    return Counted(BY_DISTRICT, BY_DISTRICT.c.district == cast(place, CHAR(6)), medium)


def counted_places(places: Sequence[str], medium: str | None) -> Counted:
    """The totals of several places, apart; each as `place_of` or a district of registration names it."""
    wanted = BY_DISTRICT.c.district == func.any(literal(list(places), ARRAY(CHAR(6))))
    return Counted(BY_DISTRICT, wanted, medium)


def counted_each(district: str | None, medium: str | None) -> Counted:
    """The totals of every enterprise of a place, apart."""
    c = BY_TENANT.c
    place: ColumnElement[bool] = true()
    if district is not None:
        place = c.district.between(*below(district[:6]))
    if district is not None and len(district) > 6:
        ids = select(Tenant.id).where(Tenant.district == district[:6], Tenant.enterprise == district[6:])
        place = and_(place, c.tenant_id.in_(ids))
    return Counted(BY_TENANT, place, medium)


def days(since: date, until: date) -> Sequence[date]:
    """Every day of a period."""
    return [since + timedelta(days=offset) for offset in range((until - since).days + 1)]


def month_after(day: date, later: int) -> date:
    """The first day of the month so many months later."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def pieces(since: date, until: date) -> tuple[tuple[str, date, date], ...]:
    """A period as grains with their first and last `day`: whole months, at both ends whole weeks (from Monday), then days."""
    first, last = month_after(since - timedelta(days=1), 1), (until + timedelta(days=1)).replace(day=1)
    if first >= last:
        return tuple(_weeks(since, until))
    months = ("month", first, last - timedelta(days=1))
    return (*_weeks(since, first - timedelta(days=1)), months, *_weeks(last, until))


def _weeks(since: date, until: date) -> Iterator[tuple[str, date, date]]:
    first = since + timedelta(days=-since.weekday() % 7)
    after = until + timedelta(days=1)
    last = after - timedelta(days=after.weekday())
    if first >= last:
        first = last = after
    for grain, begins, ends in (("day", since, first), ("week", first, last), ("day", last, after)):
        if begins < ends:
            yield (grain, begins, ends - timedelta(days=1))
