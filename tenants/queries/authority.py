"""What a supervision authority sees of its district: the enterprises, with their cylinders, what is overdue and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tenants.models import Cylinder, District, Licence, Tenant, Violation
from tenants.queries import due
from tenants.queries.home import day_begins
from tenants.rules.states import CylinderStatus

DAYS = 30


@dataclass(frozen=True, slots=True)
class EnterpriseLine:
    """One enterprise; `refusals` are those of the last 30 days."""

    id: int
    district: str
    district_name: str
    enterprise: str
    name: str
    status: str
    licence_no: str
    licence_expires_on: date | None
    licence_state: str
    cylinders: int
    overdue: int
    refusals: int

    @property
    def overdue_share(self) -> float:
        """The share of cylinders in use that are past their inspection."""
        return self.overdue / self.cylinders if self.cylinders else 0.0


def enterprises(session: Session, today: date) -> Sequence[EnterpriseLine]:
    """Every enterprise in the district, the one with the most overdue cylinders first."""
    cylinders = _cylinders(session, today)
    since = day_begins(today - timedelta(days=DAYS - 1))
    refused = session.execute(
        select(Violation.tenant_id, func.count()).where(Violation.at >= since).group_by(Violation.tenant_id)
    )
    refusals = {row[0]: row[1] for row in refused}
    licences = _licences(session)
    lines = (
        EnterpriseLine(row.id, row.district, row.place or row.district, row.enterprise, row.name, row.status,
                       *licences.get(row.id, ("", None, "")), *cylinders.get(row.id, (0, 0)), refusals.get(row.id, 0))
        for row in session.execute(
            select(Tenant.id, Tenant.district, Tenant.enterprise, Tenant.name, Tenant.status, District.name.label("place"))
            .outerjoin(District, District.code == Tenant.district)
        )
    )  # fmt: skip
    return tuple(
        sorted(lines, key=lambda line: (-line.overdue, -line.refusals, line.district, line.enterprise))
    )


def _cylinders(session: Session, today: date) -> dict[int, tuple[int, int]]:
    overdue = due.past(Cylinder.next_inspection_on, Cylinder.next_inspection_precision, today)
    rows = session.execute(
        select(Cylinder.tenant_id, func.count(), func.count(case((overdue, 1))))
        .where(Cylinder.status == CylinderStatus.IN_USE.value)
        .group_by(Cylinder.tenant_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _licences(session: Session) -> dict[int, tuple[str, date | None, str]]:
    rows = session.execute(
        select(Licence.tenant_id, Licence.number, Licence.expires_on, Licence.state)
        .ext(distinct_on(Licence.tenant_id))
        .order_by(Licence.tenant_id, Licence.recorded_at.desc())
    )
    return {row.tenant_id: (row.number, row.expires_on, row.state) for row in rows}
