"""What an authority's dashboards show: daily totals and small tables, never the fills themselves.

`district` is a six-digit code inside the jurisdiction (zeros at the end mean everything below), or nine digits for one enterprise;
`medium` is a key. Without them it is the whole jurisdiction and every medium. Days are those of Asia/Shanghai, first and last included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, DailyTotal, DistrictAlias, Tenant
from tenants.queries import due
from tenants.rules.states import CylinderStatus


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
    """How often a refusal was given; one refused fill may have several reasons."""

    refusal: str
    count: int


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
    """Cylinders in use now, those past their inspection, and those that run out within 60 days."""

    in_use: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One enterprise in a period; `days` are its fills day by day. The numbers of cylinders are those of today."""

    id: int
    name: str
    district: str
    enterprise: str
    lon: float | None
    lat: float | None
    sums: Sums
    stock: Stock
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """Enterprises counted under one place of the map; the code is empty for those that lie in none of the places."""

    code: str
    enterprises: int
    sums: Sums
    stock: Stock


def below(district: str) -> tuple[str, str]:
    """The first and last code of a district and everything in it: 370500 → 370500, 370599."""
    prefix = (
        district[:2] if district.endswith("0000") else district[:4] if district.endswith("00") else district
    )
    return prefix.ljust(6, "0"), prefix.ljust(6, "9")


def enterprises_in(session: Session, district: str | None) -> list[int] | None:
    """The ids of the enterprises of a district; None where the wall alone decides."""
    if district is None:
        return None
    first, last = below(district[:6])
    where: list[ColumnElement[bool]] = [Tenant.district.between(first, last)]
    if len(district) > 6:
        where.append(Tenant.enterprise == district[6:])
    return list(session.scalars(select(Tenant.id).where(*where)))


def _in_days(since: date, until: date, tenants: list[int] | None) -> ColumnElement[bool]:
    days = DailyTotal.day.between(since, until)
    return days if tenants is None else and_(days, DailyTotal.tenant_id.in_(tenants))


def _of_medium(medium: str | None) -> ColumnElement[bool]:
    counted = DailyTotal.metric.in_(("fills", "net_kg"))
    return counted if medium is None else and_(counted, DailyTotal.key == medium)


def media_filled(session: Session, since: date, until: date, district: str | None = None) -> Sequence[str]:
    """The media that were filled, the most frequent first."""
    rows = session.execute(
        select(DailyTotal.key, func.sum(DailyTotal.value).label("fills"))
        .where(_in_days(since, until, enterprises_in(session, district)), DailyTotal.metric == "fills", DailyTotal.key != "")
        .group_by(DailyTotal.key)
        .order_by(func.sum(DailyTotal.value).desc(), DailyTotal.key)
    )  # fmt: skip
    return tuple(row.key for row in rows)


def fills_by_day(
    session: Session, since: date, until: date, district: str | None = None, medium: str | None = None
) -> Sequence[DayFills]:
    """Every day of the period, also those without a fill."""
    where = (_in_days(since, until, enterprises_in(session, district)), _of_medium(medium))
    found = _by_day_and_metric(session, *where)
    return tuple(
        DayFills(day, int(found.get((day, "fills"), 0)), found.get((day, "net_kg"), Decimal(0)))
        for day in _days(since, until)
    )


def refused_by_day(
    session: Session, since: date, until: date, district: str | None = None
) -> Sequence[DayRefusals]:
    """Every day of the period, also those on which nothing was refused."""
    tenants = enterprises_in(session, district)
    found = _by_day_and_metric(session, _in_days(since, until, tenants), DailyTotal.metric == "refused_fills")
    return tuple(DayRefusals(day, int(found.get((day, "refused_fills"), 0))) for day in _days(since, until))


def _by_day_and_metric(session: Session, *where: ColumnElement[bool]) -> Mapping[tuple[date, str], Decimal]:
    rows = session.execute(
        select(DailyTotal.day, DailyTotal.metric, func.sum(DailyTotal.value).label("value"))
        .where(*where)
        .group_by(DailyTotal.day, DailyTotal.metric)
    )
    return {(row.day, row.metric): row.value for row in rows}


def _days(since: date, until: date) -> Sequence[date]:
    return [since + timedelta(days=offset) for offset in range((until - since).days + 1)]


def refusals_by_kind(
    session: Session, since: date, until: date, district: str | None = None
) -> Sequence[KindCount]:
    """Reasons for refusals, the most frequent first."""
    total = func.sum(DailyTotal.value)
    rows = session.execute(
        select(DailyTotal.key, total)
        .where(_in_days(since, until, enterprises_in(session, district)), DailyTotal.metric == "refusals")
        .group_by(DailyTotal.key)
        .order_by(total.desc(), DailyTotal.key)
    )
    return tuple(KindCount(row[0], int(row[1])) for row in rows)


def sums(
    session: Session, since: date, until: date, district: str | None = None, medium: str | None = None
) -> Sums:
    """The period in three numbers; refusals are of every medium, because a code that can't be read has none."""
    found = _by_tenant(session, since, until, enterprises_in(session, district), medium)
    return _added(found.values())


def _added(parts: Iterable[Sums]) -> Sums:
    listed = list(parts)
    return Sums(
        sum(part.fills for part in listed),
        sum((part.net_kg for part in listed), Decimal(0)),
        sum(part.refused for part in listed),
    )


def _by_tenant(
    session: Session, since: date, until: date, tenants: list[int] | None, medium: str | None
) -> Mapping[int, Sums]:
    counted = _of_medium(medium) | (DailyTotal.metric == "refused_fills")
    rows = session.execute(
        select(DailyTotal.tenant_id, DailyTotal.metric, func.sum(DailyTotal.value).label("value"))
        .where(_in_days(since, until, tenants), counted)
        .group_by(DailyTotal.tenant_id, DailyTotal.metric)
    )
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        found[row.tenant_id][row.metric] = row.value
    return {
        tenant: Sums(
            int(one.get("fills", 0)), one.get("net_kg", Decimal(0)), int(one.get("refused_fills", 0))
        )
        for tenant, one in found.items()
    }


def in_stock(tenants: list[int] | None, medium: str | None) -> list[ColumnElement[bool]]:
    """What makes a cylinder count: in use, of these enterprises, for this medium."""
    where = [Cylinder.status == CylinderStatus.IN_USE.value]
    if tenants is not None:
        where.append(Cylinder.tenant_id.in_(tenants))
    if medium is not None:
        where.append(Cylinder.medium_id == medium)
    return where


NEXT = (Cylinder.next_inspection_on, Cylinder.next_inspection_precision)


def _stocks(
    session: Session, today: date, tenants: list[int] | None, medium: str | None
) -> Mapping[int, Stock]:
    rows = session.execute(
        select(
            Cylinder.tenant_id,
            func.count(),
            func.count(case((due.past(*NEXT, today), 1))),
            func.count(case((due.soon(*NEXT, today), 1))),
        )
        .where(*in_stock(tenants, medium))
        .group_by(Cylinder.tenant_id)
    )
    return {row[0]: Stock(row[1], row[2], row[3]) for row in rows}


def stock(session: Session, today: date, district: str | None = None, medium: str | None = None) -> Stock:
    """The cylinders of the district as they are today."""
    return _stocked(_stocks(session, today, enterprises_in(session, district), medium).values())


def _stocked(parts: Iterable[Stock]) -> Stock:
    listed = list(parts)
    return Stock(
        sum(one.in_use for one in listed), sum(one.overdue for one in listed), sum(one.soon for one in listed)
    )


def due_by_month(
    session: Session, first: date, months: int, district: str | None = None, medium: str | None = None
) -> Sequence[MonthDue]:
    """So many months from the one of `first` on; a month without a cylinder counts 0."""
    starts = [month_after(first, offset) for offset in range(months + 1)]
    on = Cylinder.next_inspection_on
    tenants = enterprises_in(session, district)
    month = func.date_trunc("month", on)
    rows = session.execute(
        select(month, func.count())
        .where(on >= starts[0], on < starts[-1], *in_stock(tenants, medium))
        .group_by(month)
    )
    found = {row[0].date(): row[1] for row in rows}
    return tuple(MonthDue(start, found.get(start, 0)) for start in starts[:-1])


def month_after(day: date, later: int) -> date:
    """The first day of the month so many months later."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def enterprises(
    session: Session,
    since: date,
    until: date,
    today: date,
    district: str | None = None,
    medium: str | None = None,
) -> Sequence[EnterpriseRow]:
    """Every enterprise of the district, the one with the most fills first."""  # fmt: skip
    tenants = enterprises_in(session, district)
    found = _by_tenant(session, since, until, tenants, medium)
    stocks = _stocks(session, today, tenants, medium)
    days = _fills_of_each(session, since, until, tenants, medium)
    listed = select(
        Tenant.id, Tenant.name, Tenant.district, Tenant.enterprise,
        func.ST_X(Tenant.position).label("lon"), func.ST_Y(Tenant.position).label("lat"),
    )  # fmt: skip
    if tenants is not None:
        listed = listed.where(Tenant.id.in_(tenants))
    nothing, empty = Sums(0, Decimal(0), 0), Stock(0, 0, 0)
    rows = [
        EnterpriseRow(row.id, row.name, row.district, row.enterprise, row.lon, row.lat, found.get(row.id, nothing),
                      stocks.get(row.id, empty), tuple(days[row.id].get(day, 0) for day in _days(since, until)))
        for row in session.execute(listed)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.sums.fills, row.district, row.enterprise)))


def _fills_of_each(
    session: Session, since: date, until: date, tenants: list[int] | None, medium: str | None
) -> Mapping[int, Mapping[date, int]]:
    rows = session.execute(
        select(DailyTotal.tenant_id, DailyTotal.day, func.sum(DailyTotal.value).label("value"))
        .where(_in_days(since, until, tenants), _of_medium(medium), DailyTotal.metric == "fills")
        .group_by(DailyTotal.tenant_id, DailyTotal.day)
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for row in rows:
        found[row.tenant_id][row.day] = int(row.value)
    return found


def by_district(
    session: Session, rows: Sequence[EnterpriseRow], drawn: Sequence[str]
) -> Sequence[DistrictRow]:
    """Enterprises added up by the place of the map in which they are counted; every place is there, also those without one.

    A district without a boundary is counted under its alias or the next district above that is drawn.
    """
    wanted = {row.district for row in rows}
    aliases = dict(
        session.execute(
            select(DistrictAlias.code, DistrictAlias.target).where(DistrictAlias.code.in_(wanted))
        ).all()
    )
    parts: dict[str, list[EnterpriseRow]] = {code: [] for code in drawn}
    for row in rows:
        target = aliases.get(row.district, row.district)
        steps = (target, f"{target[:4]}00", f"{target[:2]}0000")
        parts.setdefault(next((step for step in steps if step in parts), ""), []).append(row)
    return tuple(
        DistrictRow(code, len(part), _added(row.sums for row in part), _stocked(row.stock for row in part))
        for code, part in parts.items()
    )
