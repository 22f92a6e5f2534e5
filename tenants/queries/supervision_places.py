"""What an authority's dashboards show place by place: the districts of a map, and the enterprises.

`district`, `medium` and days are those of `counting`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnClause, case, func, select, union_all
from sqlalchemy.orm import Session

from tenants.models import DistrictAlias, Tenant
from tenants.queries.counting import (
    Counted,
    counted,
    counted_each,
    counted_places,
    days,
    enterprises_in,
    pieces,
)
from tenants.queries.due import SOON_DAYS
from tenants.queries.supervision import IN_USE, Stock, Sums, summed

K = TypeVar("K", str, int)
METRICS = ("fills", "net_kg", "refused_fills")
NOTHING, EMPTY = Sums(0, Decimal(0), 0), Stock(0, 0, 0)


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One enterprise in a period; `days` are its fills day by day, where asked for. The numbers of cylinders are those of today."""

    id: int
    name: str
    district: str
    enterprise: str
    lon: float | None
    lat: float | None
    sums: Sums
    stock: Stock
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Filler:
    """One enterprise by its fills in a period."""

    name: str
    district: str
    enterprise: str
    fills: int


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """Enterprises counted under one place of the map; the code is empty for those that lie in none of the places."""

    code: str
    enterprises: int
    sums: Sums
    stock: Stock


def by_district(
    session: Session,
    since: date,
    until: date,
    today: date,
    drawn: Sequence[str],
    district: str | None = None,
    medium: str | None = None,
) -> Sequence[DistrictRow]:
    """The totals by the place of the map in which enterprises are counted; every place is there, also those without one.

    A district without a boundary is counted under its alias or the next district above that is drawn.
    """
    registered = _registered(session, district)
    target = _places_of(session, registered, drawn)
    one = district is not None and len(district) > 6
    read = list(target) if one else _fewest(target)
    place = counted(session, district, medium) if one else counted_places(read, medium)
    by = place.totals.c.district
    found = _sums_by(session, place, by, pieces(since, until), *METRICS)
    stocks = _stocks_by(session, place, by, today)
    parts: dict[str, list[str]] = {code: [] for code in drawn}
    numbers: dict[str, int] = defaultdict(int)
    for code, counted_under in target.items():
        numbers[counted_under] += registered[code]
    for code in sorted(read):
        under = target.get(code, f"{code}00")
        parts.setdefault(under, []).append(code)
    return tuple(
        DistrictRow(
            code,
            numbers[code],
            added([found[one] for one in part if one in found]),
            stocked([stocks[one] for one in part if one in stocks]),
        )
        for code, part in parts.items()
    )


def _fewest(target: Mapping[str, str]) -> list[str]:
    """What to read: a drawn prefecture as a whole where all that is registered in it is counted there, other districts one by one."""
    whole = {
        code[:4]
        for code in set(target.values())
        if code.endswith("00") and all(target[one] == code for one in target if one[:4] == code[:4])
    }
    return sorted({code[:4] if code[:4] in whole else code for code in target})


def sums_by_county(session: Session, since: date, until: date, medium: str | None = None) -> dict[str, Sums]:
    """The totals of every county of the jurisdiction in which enterprises are registered."""
    place = counted_places(list(_registered(session, None)), medium)
    return _sums_by(session, place, place.totals.c.district, pieces(since, until), *METRICS)


def _registered(session: Session, district: str | None) -> dict[str, int]:
    """How many enterprises are registered in each district."""
    wanted = select(Tenant.district, func.count()).group_by(Tenant.district)
    ids = enterprises_in(session, district)
    return dict(session.execute(wanted if ids is None else wanted.where(Tenant.id.in_(ids))).all())


def _places_of(session: Session, codes: Iterable[str], drawn: Sequence[str]) -> dict[str, str]:
    """The drawn place under which each district is counted; empty where there is none."""
    wanted, known = set(codes), set(drawn)
    aliases = dict(
        session.execute(
            select(DistrictAlias.code, DistrictAlias.target).where(DistrictAlias.code.in_(wanted))
        ).all()
    )
    found = {}
    for code in wanted:
        target = aliases.get(code, code)
        steps = (target, f"{target[:4]}00", f"{target[:2]}0000")
        found[code] = next((step for step in steps if step in known), "")
    return found


def added(parts: Iterable[Sums]) -> Sums:
    """Periods of several places as one."""
    listed = list(parts)
    return Sums(
        sum(part.fills for part in listed),
        sum((part.net_kg for part in listed), Decimal(0)),
        sum(part.refused for part in listed),
    )


def stocked(parts: Iterable[Stock]) -> Stock:
    """Stocks of several places as one."""
    listed = list(parts)
    return Stock(
        sum(one.in_use for one in listed), sum(one.overdue for one in listed), sum(one.soon for one in listed)
    )


def _unpadded(key: K) -> K:
    """A place of two or four digits as we write it: the database pads it to six."""
    return key.rstrip() if isinstance(key, str) else key


def _sums_by(
    session: Session,
    place: Counted,
    by: ColumnClause[K],
    parts: Iterable[tuple[str, date, date]],
    *metrics: str,
) -> dict[K, Sums]:
    c = place.totals.c
    kept = union_all(
        *(
            select(by.label("by"), c.metric, c.value).where(
                place.of(*metrics, grain=grain), c.day.between(first, last)
            )
            for grain, first, last in parts
        )
    ).subquery()
    rows = session.execute(
        select(kept.c.by, kept.c.metric, func.sum(kept.c.value)).group_by(kept.c.by, kept.c.metric)
    )
    found: dict[K, dict[str, Decimal]] = defaultdict(dict)
    for key, metric, value in rows:
        found[_unpadded(key)][metric] = value
    return {key: summed(one) for key, one in found.items()}


def _stocks_by(session: Session, place: Counted, by: ColumnClause[K], today: date) -> dict[K, Stock]:
    c = place.totals.c
    in_use = session.execute(
        select(by, func.sum(c.value)).where(place.of("cylinders", grain="ever"), c.key == IN_USE).group_by(by)
    )
    due = session.execute(
        select(by, func.sum(case((c.day < today, c.value))), func.sum(case((c.day >= today, c.value))))
        .where(place.of("due"), c.day <= today + timedelta(days=SOON_DAYS))
        .group_by(by)
    )
    ran_out = {_unpadded(row[0]): (int(row[1] or 0), int(row[2] or 0)) for row in due}
    stocks = {
        _unpadded(row[0]): Stock(int(row[1]), *ran_out.get(_unpadded(row[0]), (0, 0))) for row in in_use
    }
    return stocks | {key: Stock(0, *numbers) for key, numbers in ran_out.items() if key not in stocks}


def enterprises(
    session: Session,
    since: date,
    until: date,
    today: date,
    district: str | None = None,
    medium: str | None = None,
) -> Sequence[EnterpriseRow]:
    """Every enterprise of the district, the one with the most fills first, without masses; `with_days` adds their days."""
    place = counted_each(district, medium)
    by = place.totals.c.tenant_id
    found = _sums_by(session, place, by, pieces(since, until), "fills", "refused_fills")
    stocks = _stocks_by(session, place, by, today)
    listed = select(
        Tenant.id, Tenant.name, Tenant.district, Tenant.enterprise,
        func.ST_X(Tenant.position).label("lon"), func.ST_Y(Tenant.position).label("lat"),
    )  # fmt: skip
    ids = enterprises_in(session, district)
    if ids is not None:
        listed = listed.where(Tenant.id.in_(ids))
    rows = [
        EnterpriseRow(
            row.id,
            row.name,
            row.district,
            row.enterprise,
            row.lon,
            row.lat,
            found.get(row.id, NOTHING),
            stocks.get(row.id, EMPTY),
        )
        for row in session.execute(listed)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.sums.fills, row.district, row.enterprise)))


def most_fills(
    session: Session,
    since: date,
    until: date,
    most: int,
    district: str | None = None,
    medium: str | None = None,
) -> Sequence[Filler]:
    """The enterprises of the district with the most fills, at most so many; those without a fill aren't among them."""
    place = counted_each(district, medium)
    c = place.totals.c
    kept = union_all(
        *(
            select(c.tenant_id, c.value).where(place.of("fills", grain=grain), c.day.between(first, last))
            for grain, first, last in pieces(since, until)
        )
    ).subquery()
    fills = func.sum(kept.c.value)
    first = (
        select(kept.c.tenant_id, fills.label("fills"))
        .group_by(kept.c.tenant_id)
        .having(fills > 0)
        .order_by(fills.desc(), kept.c.tenant_id)
        .limit(most)
        .subquery()
    )
    listed = (
        select(Tenant.name, Tenant.district, Tenant.enterprise, first.c.fills)
        .join(first, first.c.tenant_id == Tenant.id)
        .order_by(first.c.fills.desc(), first.c.tenant_id)
    )
    return [Filler(row.name, row.district, row.enterprise, int(row.fills)) for row in session.execute(listed)]


def with_days(
    session: Session, rows: Sequence[EnterpriseRow], since: date, until: date, medium: str | None = None
) -> Sequence[EnterpriseRow]:
    """These enterprises with their fills day by day; ask for those that are shown, not for a province."""
    place = counted_each(None, medium)
    c = place.totals.c
    listed = session.execute(
        select(c.tenant_id, c.day, func.sum(c.value))
        .where(place.of("fills"), c.day.between(since, until), c.tenant_id.in_([row.id for row in rows]))
        .group_by(c.tenant_id, c.day)
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for tenant_id, day, value in listed:
        found[tenant_id][day] = int(value)
    every = days(since, until)
    return tuple(replace(row, days=tuple(found[row.id].get(day, 0) for day in every)) for row in rows)
