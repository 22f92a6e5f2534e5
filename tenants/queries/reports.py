"""Citizens' reports as a list: an authority's of its district, an enterprise's own; the wall decides which rows there are.

The phone number is in no row of this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tenants.errors import NotFound
from tenants.models import District, Report, ReportAnswer, Tenant
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.rules.report_clock import Due, deadlines, due, late_before
from tenants.rules.reports import ReportAct, ReportKind, ReportMatter, ReportState
from tenants.sentences import say

CHINA = ZoneInfo("Asia/Shanghai")
PERIODS = (7, 30, 90, 365)
SORTS: dict[str, Any] = {"at": Report.received_at, "number": Report.number}
_SINCE = {"decide": Report.received_at, "settle": Report.accepted_at}
_RUNS = {"decide": (ReportState.RECEIVED,), "settle": (ReportState.ACCEPTED, ReportState.ANSWERED)}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report; `clock` is the legal clock that runs, `late` whether it has run out."""

    id: UUID
    number: str
    at: datetime
    kind: ReportKind
    matter: ReportMatter
    state: ReportState
    label_code: str
    words: str
    district: str
    place: str
    enterprise: str
    has_photo: bool
    clock: Due | None
    late: bool

    @property
    def due_on(self) -> date | None:
        """The day of the clock."""
        return self.clock.on if self.clock else None

    @property
    def whom(self) -> str:
        """The enterprise; the place where nobody issued the code."""
        return self.enterprise or self.place


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line of its history."""

    at: datetime
    act: ReportAct
    by: str
    words: str


def report_list(session: Session, now: datetime, wanted: Wanted) -> Found[ReportLine]:
    """A page of reports, the latest first unless another order is wanted."""
    where = _conditions(now, wanted)
    column = SORTS.get(wanted.sort, Report.received_at)
    descending = wanted.descending if wanted.sort in SORTS else True
    listed = _lines().where(*where).order_by(ordered(column, descending), Report.id.desc())
    rows = session.execute(page_of(listed, wanted))
    return Found(tuple(_line(row, now) for row in rows), count(session, Report.__table__, where))


def get_report_line(session: Session, report_id: UUID, now: datetime) -> ReportLine:
    """One of them; raises NotFound for another's as for none."""
    row = session.execute(_lines().where(Report.id == report_id)).one_or_none()
    if row is None:
        raise NotFound(say("没有这条投诉举报"))
    return _line(row, now)


def answers_of(session: Session, report_id: UUID, acts: Sequence[ReportAct]) -> Sequence[AnswerLine]:
    """Its history, of these kinds, the oldest first."""
    listed = select(ReportAnswer.at, ReportAnswer.act, ReportAnswer.by, ReportAnswer.words).where(
        ReportAnswer.report_id == report_id, ReportAnswer.act.in_([act.value for act in acts])
    )
    rows = session.execute(listed.order_by(ReportAnswer.at, ReportAnswer.id))
    return tuple(AnswerLine(row.at, ReportAct(row.act), row.by, row.words) for row in rows)


def photo_of(session: Session, report_id: UUID) -> bytes:
    """Its photo, a JPEG; raises NotFound when there is none."""
    photo = session.scalar(select(Report.photo).where(Report.id == report_id))
    if photo is None:
        raise NotFound(say("没有这条投诉举报"))
    return photo


def places_reported(session: Session) -> Sequence[tuple[str, str]]:
    """Districts that something was reported from, with their names."""
    listed = select(Report.district, func.coalesce(District.name, Report.district)).select_from(Report)
    named = listed.outerjoin(District, District.code == Report.district).distinct()
    return tuple((row[0], row[1]) for row in session.execute(named.order_by(Report.district)))


def enterprises_reported(session: Session) -> Sequence[tuple[str, str]]:
    """Enterprises that something was reported of, by name."""
    listed = select(Tenant.id, Tenant.name).where(Tenant.id.in_(select(Report.about)))
    rows = session.execute(listed.order_by(Tenant.name, Tenant.id))
    return tuple((str(row.id), row.name) for row in rows)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(Report.id, Report.number, Report.received_at, Report.accepted_at, Report.kind, Report.matter, Report.state,
               Report.label_code, Report.words, Report.district, func.coalesce(District.name, Report.district).label("place"),
               func.coalesce(Tenant.name, "").label("enterprise"), Report.photo.is_not(None).label("has_photo"))
        .outerjoin(Tenant, Tenant.id == Report.about)
        .outerjoin(District, District.code == Report.district)
    )  # fmt: skip


def _line(row: Any, now: datetime) -> ReportLine:
    kind, state = ReportKind(row.kind), ReportState(row.state)
    accepted_on = row.accepted_at.astimezone(CHINA).date() if row.accepted_at else None
    clock = due(kind, state, row.received_at.astimezone(CHINA).date(), accepted_on)
    return ReportLine(
        id=row.id, number=row.number, at=row.received_at, kind=kind, matter=ReportMatter(row.matter), state=state,
        label_code=row.label_code, words=row.words, district=row.district, place=row.place, enterprise=row.enterprise,
        has_photo=row.has_photo, clock=clock, late=clock is not None and clock.on < now.astimezone(CHINA).date(),
    )  # fmt: skip


def _late(now: datetime) -> ColumnElement[bool]:
    """Where the clock has run out."""
    today = now.astimezone(CHINA).date()
    return or_(
        *(
            and_(
                Report.kind == kind.value,
                Report.state.in_([state.value for state in _RUNS[step]]),
                _SINCE[step]
                < datetime.combine(late_before(line.working_days, today), datetime.min.time(), CHINA),
            )
            for (kind, step), line in deadlines().items()
        )
    )


def _conditions(now: datetime, wanted: Wanted) -> list[ColumnElement[bool]]:
    filters = wanted.filters
    found: list[ColumnElement[bool]] = []
    for key, column, known in (
        ("state", Report.state, set(ReportState)),
        ("kind", Report.kind, set(ReportKind)),
        ("matter", Report.matter, set(ReportMatter)),
    ):
        if filters.get(key) in known:
            found.append(column == filters[key])
    enterprise = filters.get("enterprise", "")
    if enterprise.isascii() and enterprise.isdecimal() and int(enterprise) < 2**31:
        found.append(Report.about == int(enterprise))
    if district := filters.get("district"):
        found.append(Report.district == district)
    if filters.get("days") in {str(days) for days in PERIODS}:
        found.append(Report.received_at >= now - timedelta(days=int(filters["days"])))
    if filters.get("clock") == "late":
        found.append(_late(now))
    if wanted.search:
        said = "".join(wanted.search.split()).replace("-", "")
        found.append(or_(Report.number == said[:14], Report.label_code == said[:17]))
    return found
