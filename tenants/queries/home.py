"""An enterprise's day on one page: stock, what is due, labels, fills of two weeks, what was refused today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, DailyTotal, Label, Violation
from tenants.queries import due
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
class DayFills:
    """How many cylinders were filled on a day."""

    day: date
    fills: int


@dataclass(frozen=True, slots=True)
class EnterpriseDesk:
    """The figures; `labelled` counts cylinders in use or suspended that carry a bound label."""

    by_status: dict[str, int]
    by_stage: dict[str, int]
    overdue: int
    soon: int
    labelled: int
    refused_today: int
    refusals: Sequence[Refused]
    days: Sequence[DayFills]

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
    """Everything on the enterprise's start page."""
    in_use = Cylinder.status == CylinderStatus.IN_USE.value
    next_inspection = (Cylinder.next_inspection_on, Cylinder.next_inspection_precision, today)
    refused = _refused(session, today)
    return EnterpriseDesk(
        by_status=_counts(session, Cylinder.status),
        by_stage=_counts(session, Cylinder.stage, Cylinder.status == CylinderStatus.IN_USE.value),
        overdue=session.scalar(
            select(func.count()).select_from(Cylinder).where(in_use, due.past(*next_inspection))
        )
        or 0,
        soon=session.scalar(
            select(func.count()).select_from(Cylinder).where(in_use, due.soon(*next_inspection))
        )
        or 0,
        labelled=labelled_cylinders(session),
        refused_today=session.scalar(select(func.count()).where(Violation.at >= day_begins(today))) or 0,
        refusals=refused,
        days=_days(session, today),
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


def _days(session: Session, today: date) -> Sequence[DayFills]:
    first = today - timedelta(days=DAYS - 1)
    rows = session.execute(
        select(DailyTotal.day, func.sum(DailyTotal.value))
        .where(DailyTotal.day >= first, DailyTotal.day <= today, DailyTotal.metric == "fills")
        .group_by(DailyTotal.day)
    )
    found: dict[date, Decimal] = {row[0]: row[1] for row in rows}
    days = (first + timedelta(days=offset) for offset in range(DAYS))
    return tuple(DayFills(day, int(found.get(day, 0))) for day in days)
