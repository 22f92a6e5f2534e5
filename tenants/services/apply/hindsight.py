"""What was true when a late event happened: a device that comes back after weeks is judged by the facts of that day.

What people changed in the archive meanwhile, and the enterprise's own state, are taken as they are now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from tenants.models import Cylinder, Fill, FillCheck, Finding, Label, LabelIssue, TraceEvent
from tenants.rules.facts import CylinderFacts, LabelFacts, StampedDate
from tenants.rules.findings import STOPPING
from tenants.rules.states import CylinderStatus, Disposition, EventKind, LabelState
from tenants.services.apply.book import Book


def is_late(cylinder: Cylinder, at: datetime) -> bool:
    """Whether something that happened after this moment is known of the cylinder already."""
    return cylinder.seen_at is not None and at < cylinder.seen_at


def as_of(book: Book, at: datetime, cylinder: Cylinder, known: CylinderFacts) -> CylinderFacts:
    """The cylinder as it was: its last check and fill before, its due date before later inspections, its status and labels."""
    book.write_records()
    check = book.session.execute(
        select(FillCheck.at, FillCheck.passed)
        .where(FillCheck.cylinder_id == known.id, FillCheck.stage == "before", FillCheck.at <= at)
        .order_by(FillCheck.at.desc())
        .limit(1)
    ).first()
    filled = select(Fill.at).where(Fill.cylinder_id == known.id, Fill.at < at)
    retired_since = cylinder.status_changed_at is not None and cylinder.status_changed_at > at
    return replace(
        known,
        checked_at=check.at if check else None,
        check_passed=check.passed if check else None,
        filled_at=book.session.scalar(filled.order_by(Fill.at.desc()).limit(1)),
        next_inspection=_due(book, at, known),
        status=CylinderStatus.IN_USE if retired_since else known.status,
        labels=_labels(book, at, known),
        stopped=_stopped(book, at, known),
    )


def _stopped(book: Book, at: datetime, known: CylinderFacts) -> bool:
    """Whether a finding forbade filling then; one that was only noted changes nothing."""
    decided = select(Finding.disposition).where(
        Finding.cylinder_id == known.id, Finding.at <= at, Finding.disposition != Disposition.NOTED.value
    )
    return book.session.scalar(decided.order_by(Finding.at.desc(), Finding.id.desc()).limit(1)) in STOPPING


def _due(book: Book, at: datetime, known: CylinderFacts) -> StampedDate | None:
    """The due date that the first inspection after this moment replaced."""
    later = book.session.scalar(
        select(TraceEvent.detail)
        .where(
            TraceEvent.cylinder_id == known.id,
            TraceEvent.kind == EventKind.INSPECT.value,
            TraceEvent.at > at,
        )
        .order_by(TraceEvent.at)
        .limit(1)
    )
    was = (later or {}).get("before") or {}
    if known.next_inspection is None or not was.get("next_inspection_on"):
        return known.next_inspection
    return StampedDate(date.fromisoformat(was["next_inspection_on"]), known.next_inspection.precision)


def _labels(book: Book, at: datetime, known: CylinderFacts) -> tuple[LabelFacts, ...]:
    """Labels that were lost, voided or disputed only afterwards were in order then."""
    codes = [label.code for label in known.labels]
    rows = book.session.execute(
        select(Label.code, LabelIssue.action)
        .join(LabelIssue, LabelIssue.label_id == Label.id)
        .where(Label.code.in_(codes), LabelIssue.at > at)
    )
    since: dict[str, set[str]] = {}
    for code, action in rows:
        since.setdefault(code, set()).add(action)
    return tuple(_before(label, since.get(label.code, set())) for label in known.labels)


def _before(label: LabelFacts, since: set[str]) -> LabelFacts:
    retired_since = bool(since & {"lose", "void"})
    return replace(
        label,
        state=LabelState.BOUND if retired_since else label.state,
        disputed=label.disputed and "dispute" not in since,
    )
