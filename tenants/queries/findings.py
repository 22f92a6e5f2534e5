"""Findings as a list: an authority's of its district, an enterprise's of its own cylinders; the wall decides which rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from tenants.errors import NotFound
from tenants.models import Cylinder, District, Finding, Tenant
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.queries.seek import meant_by
from tenants.rules.findings import HAZARDS, STOPPING
from tenants.rules.states import Disposition
from tenants.sentences import say


class Standing(StrEnum):
    """Where a finding stands today."""

    STANDS = "stands"  # forbids filling
    ENDED = "ended"  # a later lifting ended it
    NOTED = "noted"  # forbade nothing
    LIFTING = "lifting"  # ended others


PERIODS = (7, 30, 90, 365)
_LATER = aliased(Finding)
_STOPS = Finding.disposition.in_([each.value for each in STOPPING])
_ENDED = exists().where(
    _LATER.tenant_id == Finding.tenant_id,
    _LATER.cylinder_id == Finding.cylinder_id,
    _LATER.disposition == Disposition.LIFTED.value,
    tuple_(_LATER.received_at, _LATER.id) > tuple_(Finding.received_at, Finding.id),
)
_WHERE: dict[Standing, ColumnElement[bool]] = {
    Standing.STANDS: and_(_STOPS, ~_ENDED),
    Standing.ENDED: and_(_STOPS, _ENDED),
    Standing.NOTED: Finding.disposition == Disposition.NOTED.value,
    Standing.LIFTING: Finding.disposition == Disposition.LIFTED.value,
}
_STANDING = case(*((condition, literal(key.value)) for key, condition in _WHERE.items()))
_OFFICE = func.rpad(Finding.jurisdiction, 6, "0")
SORTS: dict[str, Any] = {"at": Finding.at, "hazard": Finding.hazard, "enterprise": Tenant.name}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding; `office` is the name of the jurisdiction that made it, or its digits."""

    id: UUID
    cylinder_id: UUID
    at: datetime
    received_at: datetime
    label_code: str
    serial_no: str
    enterprise: str
    district: str
    place: str
    hazard: int
    disposition: Disposition
    standing: Standing
    words: str
    jurisdiction: str
    office: str
    inspector: str


def finding_list(session: Session, now: datetime, wanted: Wanted) -> Found[FindingLine]:
    """A page of findings, the latest first unless another order is wanted."""
    where = _conditions(now, wanted)
    column = SORTS.get(wanted.sort, Finding.at)
    descending = wanted.descending if wanted.sort in SORTS else True
    listed = _lines().where(*where).order_by(ordered(column, descending), Finding.id.desc())
    rows = session.execute(page_of(listed, wanted))
    kept = Finding.__table__.join(Cylinder.__table__, _BEARS).join(Tenant.__table__, _OF)
    return Found(tuple(_line(row) for row in rows), count(session, kept, where))


def get_finding(session: Session, finding_id: UUID) -> FindingLine:
    """One of them; raises NotFound for another's as for none."""
    row = session.execute(_lines().where(Finding.id == finding_id)).one_or_none()
    if row is None:
        raise NotFound(say("没有这条监察记录"))
    return _line(row)


def findings_of(session: Session, cylinder: Cylinder) -> Sequence[FindingLine]:
    """Everything found at one cylinder, the latest first."""
    listed = _lines().where(Finding.tenant_id == cylinder.tenant_id, Finding.cylinder_id == cylinder.id)
    rows = session.execute(listed.order_by(Finding.at.desc(), Finding.received_at.desc(), Finding.id.desc()))
    return tuple(_line(row) for row in rows)


def places_found(session: Session) -> Sequence[tuple[str, str]]:
    """Districts of enterprises that something was found at, with their names."""
    listed = select(Tenant.district, func.coalesce(District.name, Tenant.district)).select_from(Tenant)
    named = listed.outerjoin(District, District.code == Tenant.district).where(_FOUND_AT).distinct()
    return tuple((row[0], row[1]) for row in session.execute(named.order_by(Tenant.district)))


def enterprises_found(session: Session) -> Sequence[tuple[str, str]]:
    """Enterprises that something was found at, by name."""
    listed = select(Tenant.id, Tenant.name).where(_FOUND_AT).order_by(Tenant.name, Tenant.id)
    return tuple((str(row.id), row.name) for row in session.execute(listed))


_BEARS = and_(Cylinder.tenant_id == Finding.tenant_id, Cylinder.id == Finding.cylinder_id)
_OF = Tenant.id == Finding.tenant_id
_FOUND_AT = exists().where(Finding.tenant_id == Tenant.id)


def _lines() -> Select[*tuple[Any, ...]]:
    place = aliased(District)
    return (
        select(Finding.id, Finding.cylinder_id, Finding.at, Finding.received_at, Finding.label_code, Cylinder.serial_no,
               Tenant.name.label("enterprise"), Tenant.district, func.coalesce(place.name, Tenant.district).label("place"),
               Finding.hazard, Finding.disposition, _STANDING.label("standing"), Finding.words, Finding.jurisdiction,
               func.coalesce(District.name, Finding.jurisdiction).label("office"), Finding.inspector)
        .join(Cylinder, _BEARS)
        .join(Tenant, _OF)
        .outerjoin(place, place.code == Tenant.district)
        .outerjoin(District, District.code == _OFFICE)
    )  # fmt: skip


def _line(row: Any) -> FindingLine:
    values = dict(row._mapping)
    values |= {"disposition": Disposition(row.disposition), "standing": Standing(row.standing)}
    return FindingLine(**values)


def _conditions(now: datetime, wanted: Wanted) -> list[ColumnElement[bool]]:
    filters = wanted.filters
    found = [_WHERE[standing] for standing in Standing if standing.value == filters.get("standing")]
    if filters.get("disposition") in set(Disposition):
        found.append(Finding.disposition == filters["disposition"])
    for key, column, most in (
        ("hazard", Finding.hazard, HAZARDS[-1]),
        ("enterprise", Finding.tenant_id, 2**31 - 1),
    ):
        number = filters.get(key, "")
        if number.isascii() and number.isdecimal() and int(number) <= most:
            found.append(column == int(number))
    if district := filters.get("district"):
        found.append(Tenant.district == district)
    if filters.get("days") in {str(days) for days in PERIODS}:
        found.append(Finding.at >= now - timedelta(days=int(filters["days"])))
    if wanted.search:
        found.append(meant_by(wanted.search))
    return found
