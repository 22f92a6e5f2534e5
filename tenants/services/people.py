"""The staff of an enterprise and their certificates. Needs the enterprise's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, NotFound
from tenants.models import Certificate, Staff
from tenants.permissions import Actor
from tenants.services.touch import touch_enterprise


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """A certificate as it is entered; the last day is inclusive, None when it isn't known."""

    item: str
    expires_on: date | None
    number: str = ""
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A worker as entered; `code` is what a device sends as the operator."""

    code: str
    name: str
    kinds: tuple[str, ...]
    phone: str = ""
    left_on: date | None = None
    certificates: tuple[NewCertificate, ...] = ()


def add_staff(session: Session, actor: Actor, wanted: Sequence[NewStaff]) -> tuple[Staff, ...]:
    """Workers of the scope's enterprise with their certificates; raises Conflict when a code is taken."""
    taken = session.scalars(select(Staff.code).where(Staff.code.in_([each.code for each in wanted]))).all()
    if taken:
        raise Conflict(f"There is a worker with the code {taken[0]} already.")
    people = tuple(
        Staff(code=each.code, name=each.name, kinds=list(each.kinds), phone=each.phone, left_on=each.left_on)
        for each in wanted
    )
    session.add_all(people)
    session.flush()
    for person, each in zip(people, wanted, strict=True):
        session.add_all(
            Certificate(
                staff_id=person.id,
                item=one.item,
                number=one.number,
                issued_on=one.issued_on,
                expires_on=one.expires_on,
            )
            for one in each.certificates
        )
    session.flush()
    if people:
        tenant_id = people[0].tenant_id
        touch_enterprise(session, tenant_id)
        audit.write(
            session,
            actor,
            audit.Action.STAFF_CHANGED,
            f"{len(people)}",
            tenant_id=tenant_id,
            codes=[each.code for each in wanted],
        )
    return people


def set_left(session: Session, actor: Actor, staff_id: UUID, left_on: date | None) -> None:
    """A worker has left, or is back (None); raises NotFound for another enterprise's."""
    person = session.scalars(select(Staff).where(Staff.id == staff_id).with_for_update()).one_or_none()
    if person is None:
        raise NotFound
    if person.left_on == left_on:
        return
    person.left_on = left_on
    session.flush()
    touch_enterprise(session, person.tenant_id)
    audit.write(
        session,
        actor,
        audit.Action.STAFF_CHANGED,
        person.code,
        tenant_id=person.tenant_id,
        left_on=left_on.isoformat() if left_on else None,
    )
