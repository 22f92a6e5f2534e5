"""An enterprise's day on one page: stock, what is due, labels, fills of two weeks, what was refused today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Label, Tenant, Violation
from tenants.queries import supervision
from tenants.rules.states import CylinderStatus, LabelState

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 14
LIVE = (CylinderStatus.IN_USE.value, CylinderStatus.SUSPENDED.value)


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal of today."""

    at: datetime
    refusals: tuple[str, ...]
    scanned: str
    label_code: str | None
    cylinder_id: UUID | None


@dataclass(frozen=True, slots=True)
class EnterpriseDesk:
    """The figures; `labelled` counts cylinders in use or suspended that carry a bound label."""

    by_status: dict[str, int]
    by_stage: dict[str, int]
    overdue: int
    soon: int
    due_this_month: int
    labelled: int
    refused_today: int
    refusals: Sequence[Refused]
    days: Sequence[supervision.DayFills]

    @property
    def live(self) -> int:
        """Cylinders in use or suspended."""
        return sum(self.by_status.get(status, 0) for status in LIVE)

    @property
    def label_rate(self) -> float | None:
        """发卡率: the share of live cylinders with a bound label."""
        return self.labelled / self.live if self.live else None


def day_begins(day: date) -> datetime:
    """Midnight in Asia/Shanghai, as UTC."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def enterprise_desk(session: Session, today: date) -> EnterpriseDesk:
    """Everything on the enterprise's start page, in its own scope; its totals are those that its authority sees."""
    own = session.scalars(select(Tenant.district + Tenant.enterprise)).one()
    stock = supervision.stock(session, today, own)
    return EnterpriseDesk(
        by_status=_counts(session, Cylinder.status),
        by_stage=_counts(session, Cylinder.stage, Cylinder.status == CylinderStatus.IN_USE.value),
        overdue=stock.overdue,
        soon=stock.soon,
        due_this_month=supervision.due_by_month(session, today, 1, own)[0].cylinders,
        labelled=labelled_cylinders(session),
        refused_today=supervision.sums(session, today, today, own).refused,
        refusals=_refused(session, today),
        days=supervision.fills_by_day(session, today - timedelta(days=DAYS - 1), today, own),
    )


def labelled_cylinders(session: Session) -> int:
    """Live cylinders that carry at least one bound label."""
    bound = exists().where(
        Label.tenant_id == Cylinder.tenant_id,
        Label.cylinder_id == Cylinder.id,
        Label.state == LabelState.BOUND.value,
    )
    wanted = select(func.count()).select_from(Cylinder).where(Cylinder.status.in_(LIVE), bound)
    return session.scalar(wanted) or 0


def _counts(session: Session, column: object, *conditions: object) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))  # type: ignore[call-overload]
    return {row[0]: row[1] for row in rows}


def _refused(session: Session, today: date) -> Sequence[Refused]:
    rows = session.execute(
        select(
            Violation.at, Violation.refusals, Violation.scanned, Violation.label_code, Violation.cylinder_id
        )
        .where(Violation.at >= day_begins(today))
        .order_by(Violation.at.desc())
        .limit(8)
    )
    return tuple(
        Refused(row.at, tuple(row.refusals), row.scanned, row.label_code, row.cylinder_id) for row in rows
    )
