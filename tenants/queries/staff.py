"""The workers of an enterprise as its manager sees them: certificate, and whether they can sign in on a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tenants.models import Certificate, Staff, StaffPin
from tenants.queries.paging import Found, Wanted, count, ordered, page_of

SORTS = {"code": Staff.code, "name": Staff.name}
FILLING = "P"  # the certificate's item for filling cylinders
PINS = ("set", "none")


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One worker; `certified_until` is the last day of the certificate for filling."""

    id: UUID
    code: str
    name: str
    kinds: tuple[str, ...]
    certified_until: date | None
    pin_set_at: datetime | None
    left_on: date | None


def staff_list(session: Session, wanted: Wanted) -> Found[StaffLine]:
    """A page of workers, those who left too."""
    conditions = _conditions(wanted)
    until = (
        select(func.max(Certificate.expires_on))
        .where(
            Certificate.tenant_id == Staff.tenant_id,
            Certificate.staff_id == Staff.id,
            Certificate.item == FILLING,
        )
        .scalar_subquery()
    )
    statement = (
        select(Staff, until.label("until"), StaffPin.set_at)
        .outerjoin(StaffPin, and_(StaffPin.tenant_id == Staff.tenant_id, StaffPin.id == Staff.id))
        .where(*conditions)
        .order_by(ordered(SORTS.get(wanted.sort, Staff.code), wanted.descending), Staff.id)
    )
    lines = tuple(
        StaffLine(person.id, person.code, person.name, tuple(person.kinds), last, set_at, person.left_on)
        for person, last, set_at in session.execute(page_of(statement, wanted))
    )
    return Found(lines, count(session, Staff, conditions))


def names_of_staff(session: Session, ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
    """Code and name of chosen workers; another enterprise's are not found."""
    rows = session.execute(select(Staff.id, Staff.code, Staff.name).where(Staff.id.in_(ids)))
    return [(row.id, f"{row.code} {row.name}") for row in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    has_pin = Staff.id.in_(select(StaffPin.id).where(StaffPin.tenant_id == Staff.tenant_id).correlate(Staff))
    if wanted.filters.get("pin") == "set":
        found.append(has_pin)
    if wanted.filters.get("pin") == "none":
        found.append(~has_pin)
    if wanted.search:
        typed = wanted.search.strip()
        found.append(or_(Staff.code == typed, Staff.name.contains(typed, autoescape=True)))
    return found
