"""The rows behind an authority's numbers: refused fills and cylinders by their next inspection, a page at a time.

`district` and `medium` are those of `counting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Tenant, Violation
from tenants.queries import due
from tenants.queries.counting import enterprises_in, month_after
from tenants.queries.home import day_begins
from tenants.queries.paging import Found, Wanted, count, page_of
from tenants.rules.states import CylinderStatus

NEXT = (Cylinder.next_inspection_on, Cylinder.next_inspection_precision)


def _in_stock(tenants: list[int] | None, medium: str | None) -> list[ColumnElement[bool]]:
    """What makes a cylinder count: in use, of these enterprises, for this medium."""
    where = [Cylinder.status == CylinderStatus.IN_USE.value]
    if tenants is not None:
        where.append(Cylinder.tenant_id.in_(tenants))
    if medium is not None:
        where.append(Cylinder.medium_id == medium)
    return where


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One refused fill, its reasons gravest first."""

    at: datetime
    enterprise: str
    district: str
    label_code: str
    refusals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueRow:
    """One cylinder in use with the date of its next inspection."""

    id: UUID
    enterprise: str
    district: str
    serial_no: str
    maker: str
    medium_id: str
    next_inspection_on: date
    precision: str


def refusal_rows(
    session: Session,
    since: date,
    until: date,
    district: str | None,
    medium: str | None,
    refusal: str | None,
    wanted: Wanted,
) -> Found[RefusalRow]:
    """Refused fills one by one, the latest first; `refusal` is one of the reasons."""
    where = [
        Violation.kind == "fill",
        Violation.at >= day_begins(since),
        Violation.at < day_begins(until + timedelta(days=1)),
    ]
    tenants = enterprises_in(session, district)
    if tenants is not None:
        where.append(Violation.tenant_id.in_(tenants))
    if medium is not None:
        where.append(Violation.medium_id == medium)
    if refusal:
        where.append(Violation.refusals.contains([refusal]))
    listed = (
        select(Violation.at, Tenant.name, Tenant.district, Violation.label_code, Violation.scanned, Violation.refusals)
        .join(Tenant, Tenant.id == Violation.tenant_id)
        .where(*where)
        .order_by(Violation.at.desc(), Violation.id)
    )  # fmt: skip
    rows = tuple(
        RefusalRow(row.at, row.name, row.district, row.label_code or row.scanned, tuple(row.refusals))
        for row in session.execute(page_of(listed, wanted))
    )
    return Found(rows, count(session, Violation, where))


def due_rows(
    session: Session,
    first: date | None,
    today: date,
    district: str | None,
    medium: str | None,
    wanted: Wanted,
) -> Found[DueRow]:
    """Cylinders in use, by date: due in the month that begins on `first`, or without it those that are overdue."""
    where = _in_stock(enterprises_in(session, district), medium)
    if first is None:
        where.append(due.past(*NEXT, today))
    else:
        where += [Cylinder.next_inspection_on >= first, Cylinder.next_inspection_on < month_after(first, 1)]
    listed = (
        select(Cylinder.id, Tenant.name, Tenant.district, Cylinder.serial_no, Cylinder.maker, Cylinder.medium_id,
               Cylinder.next_inspection_on, Cylinder.next_inspection_precision)
        .join(Tenant, Tenant.id == Cylinder.tenant_id)
        .where(*where)
        .order_by(Cylinder.next_inspection_on, Cylinder.id)
    )  # fmt: skip
    rows = tuple(DueRow(*row) for row in session.execute(page_of(listed, wanted)))
    return Found(rows, count(session, Cylinder, where))
