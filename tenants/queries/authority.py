"""What a supervision authority sees of its district: the enterprises, with their cylinders, what is overdue and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tenants.models import District, Licence, Tenant
from tenants.queries import supervision_places

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

    @property
    def stopped(self) -> bool:
        """Whether it may not fill at the moment, by the platform's word or its licence's."""
        return self.status != "active" or self.licence_state not in ("valid", "")


def enterprises(session: Session, today: date) -> Sequence[EnterpriseLine]:
    """Every enterprise in the district, the one with the most overdue cylinders first; the numbers are totals."""
    since = today - timedelta(days=DAYS - 1)
    numbers = {row.id: row for row in supervision_places.enterprises(session, since, today, today)}
    licences = _licences(session)
    lines = []
    for row in session.execute(
        select(Tenant.id, Tenant.district, Tenant.enterprise, Tenant.name, Tenant.status, District.name.label("place"))
        .outerjoin(District, District.code == Tenant.district)
    ):  # fmt: skip
        one = numbers[row.id]
        lines.append(
            EnterpriseLine(row.id, row.district, row.place or row.district, row.enterprise, row.name, row.status,
                           *licences.get(row.id, ("", None, "")), one.stock.in_use, one.stock.overdue, one.sums.refused)
        )  # fmt: skip
    return tuple(
        sorted(lines, key=lambda line: (-line.overdue, -line.refusals, line.district, line.enterprise))
    )


def _licences(session: Session) -> dict[int, tuple[str, date | None, str]]:
    rows = session.execute(
        select(Licence.tenant_id, Licence.number, Licence.expires_on, Licence.state)
        .ext(distinct_on(Licence.tenant_id))
        .order_by(Licence.tenant_id, Licence.recorded_at.desc())
    )
    return {row.tenant_id: (row.number, row.expires_on, row.state) for row in rows}
