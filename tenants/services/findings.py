"""Findings: an inspector stops a cylinder, or lets it go again; done in the inspector's scope and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants import events
from tenants.errors import Conflict, Invalid, NotAllowed, NotFound
from tenants.models import Cylinder, Finding, Label, TraceEvent
from tenants.permissions import Actor
from tenants.rules.findings import HAZARDS, MOST_WORDS, STOPPING, may_lift
from tenants.rules.states import Disposition, EventKind, LabelState


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspector says; `client_ref` lets it be said twice and counted once."""

    code: str
    hazard: int
    disposition: Disposition
    client_ref: UUID
    words: str = ""
    at: datetime | None = None  # when it was found; now, unless it is said later


def make_finding(session: Session, actor: Actor, found: Found) -> Finding:
    """Keep a finding, and stop the cylinder or let it go.

    Raises NotFound for a cylinder outside the district, Invalid, Conflict when nothing stands that could be lifted, and NotAllowed when
    another authority's measure would be lifted.
    """
    if actor.jurisdiction == "":
        raise NotAllowed
    _check(found)
    cylinder = _locked(session, found.code)
    if earlier := _earlier(session, cylinder, found.client_ref):
        return earlier
    if found.disposition is Disposition.LIFTED:
        _check_lifting(session, cylinder, actor)
    kept = _keep(session, actor, cylinder, found)
    _mark(session, cylinder, kept)
    return kept


def standing(session: Session, cylinder: Cylinder) -> list[Finding]:
    """What forbids filling this cylinder, in the order that the server learned of it: a lifting ends what was known when it was made.

    A finding that is said late, of a moment before the lifting, stands: who lifted didn't know of it.
    """
    kept = select(Finding).where(Finding.tenant_id == cylinder.tenant_id, Finding.cylinder_id == cylinder.id)
    found: list[Finding] = []
    for finding in session.scalars(kept.order_by(Finding.received_at, Finding.id)):
        if finding.disposition == Disposition.LIFTED:
            found.clear()
        elif finding.disposition in STOPPING:
            found.append(finding)
    return found


def _check(found: Found) -> None:
    if len(found.words) > MOST_WORDS:
        raise Invalid(fields={"words": "too_long"})
    if found.hazard not in HAZARDS:
        raise Invalid(fields={"hazard": "unknown"})


def _locked(session: Session, code: str) -> Cylinder:
    """The cylinder that bears this label, locked."""
    bearing = (Cylinder.tenant_id == Label.tenant_id) & (Cylinder.id == Label.cylinder_id)
    wanted = select(Cylinder).join(Label, bearing).where(Label.code == code)
    bound_first = wanted.order_by((Label.state == LabelState.BOUND.value).desc(), Label.created_at.desc())
    locking = bound_first.limit(1).with_for_update(of=Cylinder).execution_options(populate_existing=True)
    cylinder = session.scalars(locking).one_or_none()
    if cylinder is None:
        raise NotFound
    return cylinder


def _earlier(session: Session, cylinder: Cylinder, client_ref: UUID) -> Finding | None:
    same = select(Finding).where(Finding.tenant_id == cylinder.tenant_id, Finding.client_ref == client_ref)
    return session.scalars(same).one_or_none()


def _check_lifting(session: Session, cylinder: Cylinder, actor: Actor) -> None:
    bars = standing(session, cylinder)
    if not bars:
        raise Conflict(code_hint="nothing_to_lift")
    if not all(may_lift(bar.jurisdiction, actor.jurisdiction) for bar in bars):
        raise NotAllowed(code_hint="another_authority")


def _keep(session: Session, actor: Actor, cylinder: Cylinder, found: Found) -> Finding:
    now = _after_all_before(session, cylinder)
    kept = Finding(
        tenant_id=cylinder.tenant_id, cylinder_id=cylinder.id, label_code=found.code, at=found.at or now, received_at=now,
        authority_id=actor.authority_id, jurisdiction=actor.jurisdiction, inspector=actor.username,
        hazard=found.hazard, disposition=found.disposition.value, words=found.words, client_ref=found.client_ref,
    )  # fmt: skip
    step = TraceEvent(
        tenant_id=cylinder.tenant_id, at=kept.at, received_at=now, cylinder_id=cylinder.id, label_code=found.code,
        kind=EventKind.FINDING.value, from_stage=cylinder.stage, to_stage=cylinder.stage,
        detail={"hazard": found.hazard, "disposition": found.disposition.value, "note": found.words},
    )  # fmt: skip
    session.add_all((kept, step))
    session.flush()
    return kept


def _after_all_before(session: Session, cylinder: Cylinder) -> datetime:
    """Now, but never before what is kept already, whichever server's clock that came from; the cylinder is locked."""
    last = select(func.max(Finding.received_at))
    before = session.scalar(
        last.where(Finding.tenant_id == cylinder.tenant_id, Finding.cylinder_id == cylinder.id)
    )
    now = datetime.now(UTC)
    return now if before is None else max(now, before + timedelta(microseconds=1))


def _mark(session: Session, cylinder: Cylinder, kept: Finding) -> None:
    """What the verdict reads; the relay carries the change to every copy."""
    cylinder.seen_at = max(cylinder.seen_at or kept.at, kept.at)
    if kept.disposition == Disposition.NOTED:
        return
    cylinder.stopped_at = None if kept.disposition == Disposition.LIFTED else cylinder.stopped_at or kept.at
    cylinder.facts_version += 1
    events.record(session, events.Event.CYLINDER_CHANGED, cylinder.id, cylinder.tenant_id)
