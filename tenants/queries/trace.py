"""The whole life of one cylinder on one screen (气瓶充装追溯): steps, refused fills and what happened to its labels, newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Fill, FillCheck, Finding, Label, LabelIssue, TraceEvent, Violation
from tenants.rules.states import Disposition, EventKind, Stage

MOST = 100


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One line: `kind` is an event's kind, or the action of a label's issue record (`label` then has its code)."""

    at: datetime
    received_at: datetime
    kind: EventKind | str
    from_stage: Stage | None = None
    to_stage: Stage | None = None
    label: str | None = None
    operator: str | None = None
    place: str | None = None
    event_id: UUID | None = None
    implausible: bool = False
    suspect_time: bool = False
    refusals: tuple[str, ...] = ()
    passed: bool | None = None
    net_kg: Decimal | None = None
    gun: str | None = None
    batch: str | None = None
    note: str = ""
    disposition: Disposition | None = None  # of a finding, with its hazard
    hazard: int | None = None
    claimed: bool = False  # a device said that something was found, and no authority keeps it

    @property
    def late(self) -> bool:
        """Received more than an hour after it happened."""
        return (self.received_at - self.at).total_seconds() > 3600


def cylinder_steps(
    session: Session, cylinder: Cylinder, before: datetime | None = None
) -> Sequence[TraceStep]:
    """The newest hundred steps, those before a moment when one is given."""
    traced = _traced(session, cylinder, before)
    known = {step.event_id for step in traced if step.event_id is not None}
    others = [*_refused(session, cylinder, before), *_labels(session, cylinder, before)]
    steps = [*traced, *(step for step in others if step.event_id is None or step.event_id not in known)]
    return tuple(sorted(steps, key=lambda step: step.at, reverse=True)[:MOST])


def _of(model: Any, cylinder: Cylinder, before: datetime | None) -> Any:
    wanted = select(model).where(model.cylinder_id == cylinder.id)
    return (
        (wanted if before is None else wanted.where(model.at < before)).order_by(model.at.desc()).limit(MOST)
    )


def _traced(session: Session, cylinder: Cylinder, before: datetime | None) -> list[TraceStep]:
    events = session.scalars(_of(TraceEvent, cylinder, before)).all()
    fills = {fill.event_id or fill.at: fill for fill in session.scalars(_of(Fill, cylinder, before))}
    checks = {
        check.event_id or check.at: check for check in session.scalars(_of(FillCheck, cylinder, before))
    }
    kept = set(session.scalars(select(Finding.client_ref).where(Finding.cylinder_id == cylinder.id)))
    steps = []
    for event in events:
        step = TraceStep(
            at=event.at, received_at=event.received_at, kind=EventKind(event.kind), from_stage=Stage(event.from_stage),
            to_stage=Stage(event.to_stage), label=event.label_code, operator=event.operator_code, place=event.place,
            event_id=event.event_id, implausible=event.implausible, suspect_time=event.time_trust != "good",
            refusals=tuple(event.detail.get("refused") or ()), passed=event.detail.get("passed"),
            note=str(event.detail.get("reason") or event.detail.get("note") or ""),
        )  # fmt: skip
        key = event.event_id or event.at
        if step.kind is EventKind.FILL and key in fills:
            fill = fills[key]
            step = replace(step, net_kg=fill.net_kg, gun=fill.gun, batch=fill.batch)
        if step.kind is EventKind.FINDING:
            step = replace(step, **_found(event, kept))
        if key in checks:
            step = replace(step, passed=checks[key].passed, note=checks[key].note or step.note)
        steps.append(step)
    return steps


def _found(event: TraceEvent, kept: Collection[UUID]) -> dict[str, Any]:
    """What an authority decided; what a device alone says is told as that."""
    if event.event_id is not None and event.event_id not in kept:
        return {"claimed": True}
    decided = event.detail.get("disposition")
    return {"disposition": decided and Disposition(decided), "hazard": event.detail.get("hazard")}


def _refused(session: Session, cylinder: Cylinder, before: datetime | None) -> list[TraceStep]:
    return [
        TraceStep(at=row.at, received_at=row.received_at, kind=EventKind(row.kind), label=row.label_code, operator=row.operator_code,
                  place=row.place, event_id=row.event_id, refusals=tuple(row.refusals), suspect_time=row.time_trust != "good")
        for row in session.scalars(_of(Violation, cylinder, before))
    ]  # fmt: skip


def _labels(session: Session, cylinder: Cylinder, before: datetime | None) -> list[TraceStep]:
    wanted = (
        select(LabelIssue, Label.code)
        .join(Label, (Label.tenant_id == LabelIssue.tenant_id) & (Label.id == LabelIssue.label_id))
        .where(LabelIssue.cylinder_id == cylinder.id)
        .order_by(LabelIssue.at.desc())
        .limit(MOST)
    )
    rows = session.execute(wanted if before is None else wanted.where(LabelIssue.at < before))
    return [
        TraceStep(at=issue.at, received_at=issue.recorded_at, kind=issue.action, label=code, operator=issue.by,
                  event_id=issue.event_id, note=issue.reason)
        for issue, code in rows
    ]  # fmt: skip
