"""One upload, one transaction: all its events are applied together; only when that fails is it taken apart.

A plain error in one event (its data, a row that isn't there) never fails the others: it is rejected with a reason. An error that
nobody foresaw, or the death of the worker, leads to applying the events one by one, each try counted before it is made, so that the
event at fault is put aside and every other one is applied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.faults import CrashPoint, crash_point
from tenants.models import Device, DeviceEvent, Tenant, Upload
from tenants.permissions import Actor
from tenants.rules.states import EventKind, Role
from tenants.services.apply.book import Book, CachedFacts, add_totals, open_book
from tenants.services.apply.event import SHANGHAI, Incoming, read_event
from tenants.services.apply.fills import fill
from tenants.services.apply.inbox import LEASE, TRIES_ALONE, TRIES_TOGETHER, Claim, lock_upload
from tenants.services.apply.outcome import Outcome, Rejected, bad_data
from tenants.services.apply.steps import STEPS

log = structlog.get_logger(__name__)


def apply_claimed(claim: Claim, cache: CachedFacts) -> int:
    """Apply what is pending of a claimed upload; the number of events done. Raises when the database is away: the lease then ends."""
    if claim.attempts <= TRIES_TOGETHER:
        try:
            with scope.worker_scope(claim.tenant_id) as session:
                done = _apply(session, claim, cache)
                crash_point(CrashPoint.BEFORE_APPLY_COMMIT)
            crash_point(CrashPoint.AFTER_APPLY_COMMIT)
            return done
        except Exception as problem:  # whatever it is, it must not stop the other events
            if is_passing(problem):
                raise
            log.warning("upload_taken_apart", upload=str(claim.upload_id), problem=type(problem).__name__)
    return _apply_one_by_one(claim, cache)


def is_passing(problem: BaseException) -> bool:
    """Whether trying again later may help: the connection is gone, a deadlock, a full disk, a shutdown."""
    if isinstance(problem, DBAPIError):
        state = str(getattr(problem.orig, "pgcode", None) or "")
        return (
            problem.connection_invalidated or not state or state[:2] in {"08", "40", "53", "55", "57", "58"}
        )
    return isinstance(problem, SQLAlchemyError | ConnectionError | TimeoutError | MemoryError)


def _apply(session: Session, claim: Claim, cache: CachedFacts, only: UUID | None = None) -> int:
    upload = lock_upload(session, claim.upload_id)
    if upload is None:
        return 0
    pending = set(_pending(session, claim.upload_id))
    bodies = [
        body for body in upload.events if UUID(body["id"]) in pending and only in (None, UUID(body["id"]))
    ]
    outcomes = _apply_bodies(session, claim.tenant_id, upload, bodies, cache) if bodies else {}
    if only is None or len(pending) == len(outcomes):
        upload.state, upload.done_at = "done", datetime.now(UTC)
    return len(outcomes)


def _pending(session: Session, upload_id: UUID) -> Sequence[UUID]:
    """What nobody has dealt with yet, in the order sent."""
    wanted = select(DeviceEvent.id).where(DeviceEvent.upload_id == upload_id, DeviceEvent.state == "pending")
    return session.scalars(wanted.order_by(DeviceEvent.position)).all()


def _apply_bodies(
    session: Session, tenant_id: int, upload: Upload, bodies: Sequence[dict[str, Any]], cache: CachedFacts
) -> dict[UUID, Outcome]:
    actor = _actor(session, tenant_id, upload.device_id)
    incoming, outcomes = _read_all(session, tenant_id, upload.device_id, upload.received_at, bodies)
    codes = [event.code.code for event in incoming if event.code]
    uids = [event.uid for event in incoming if event.uid]
    bindings = [event for event in incoming if event.kind is EventKind.BIND_LABEL]
    book = open_book(session, actor, tenant_id, codes, uids, cache, bindings)
    for event in incoming:
        outcomes[event.id] = apply_event(book, event)
        crash_point(CrashPoint.MID_APPLY)
    for (day, state), number in _remember(session, outcomes).items():
        book.count(day, "events", state, number)
    book.close()
    return outcomes


def apply_event(book: Book, event: Incoming) -> Outcome:
    """Apply one event to the book; a foreseen problem is an outcome, not an exception."""
    try:
        return fill(book, event) if event.kind is EventKind.FILL else STEPS[event.kind](book, event)
    except Rejected as rejected:
        return rejected.outcome
    except ValueError as problem:
        return bad_data(str(problem)[:200]).outcome


def _read_all(
    session: Session, tenant_id: int, device_id: UUID, received_at: datetime, bodies: Sequence[dict[str, Any]]
) -> tuple[list[Incoming], dict[UUID, Outcome]]:
    district = session.scalars(select(Tenant.district).where(Tenant.id == tenant_id)).one()
    incoming: list[Incoming] = []
    outcomes: dict[UUID, Outcome] = {}
    for body in bodies:
        try:
            incoming.append(read_event(body, device_id, received_at, district))
        except (ValueError, KeyError, TypeError) as problem:
            outcomes[UUID(body["id"])] = bad_data(str(problem)[:200]).outcome
    return incoming, outcomes


def _actor(session: Session, tenant_id: int, device_id: UUID) -> Actor:
    role = session.scalars(select(Device.role).where(Device.id == device_id)).one()
    return Actor(role=Role(role), tenant_id=tenant_id, device_id=device_id)


def _remember(session: Session, outcomes: dict[UUID, Outcome]) -> Counter[tuple[date, str]]:
    """Write the results onto the receipts that are still open; how many there were, by day received and state."""
    rows = [
        {
            "id": str(event_id), "state": found.state, "refusals": list(found.refusals), "code": found.code,
            "message": {"zh": found.zh, "en": found.en}, "cylinder_id": str(found.cylinder_id) if found.cylinder_id else None,
        }
        for event_id, found in outcomes.items()
    ]  # fmt: skip
    remembered = session.execute(_REMEMBER, {"rows": rows})
    return Counter((row.received_at.astimezone(SHANGHAI).date(), row.state) for row in remembered)


_REMEMBER = text("""
    UPDATE gas.device_event e
    SET state = r.state, refusals = r.refusals, code = r.code, message = r.message, cylinder_id = r.cylinder_id
    FROM jsonb_to_recordset(:rows) AS r(id uuid, state text, refusals jsonb, code text, message jsonb, cylinder_id uuid)
    WHERE e.id = r.id AND e.state = 'pending'
    RETURNING e.received_at, e.state
""").bindparams(bindparam("rows", type_=JSONB))


def _apply_one_by_one(claim: Claim, cache: CachedFacts) -> int:
    done = 0
    with scope.worker_scope(claim.tenant_id) as session:
        todo = _pending(session, claim.upload_id)
    for event_id in todo:
        if _tries(claim, event_id) > TRIES_ALONE:
            problem: BaseException | None = None
        else:
            try:
                with scope.worker_scope(claim.tenant_id) as session:
                    done += _apply(session, claim, cache, only=event_id)
                continue
            except Exception as unforeseen:
                if is_passing(unforeseen):
                    raise
                problem = unforeseen
        _put_aside(claim, event_id, problem)
        done += 1
    with scope.worker_scope(claim.tenant_id) as session:
        _apply(session, claim, cache)  # closes the upload: nothing is pending any more
    return done


def _tries(claim: Claim, event_id: UUID) -> int:
    """Count a try and commit, before it is made; the lease begins anew."""
    with scope.worker_scope(claim.tenant_id) as session:
        session.execute(update(Upload).where(Upload.id == claim.upload_id).values(due_at=func.now() + LEASE))
        counted = session.scalar(
            update(DeviceEvent)
            .where(DeviceEvent.id == event_id)
            .values(attempts=DeviceEvent.attempts + 1)
            .returning(DeviceEvent.attempts)
        )
    return int(counted or 0)


def _put_aside(claim: Claim, event_id: UUID, problem: BaseException | None) -> None:
    name = type(problem).__name__ if problem else "the worker ended"
    log.error(
        "event_put_aside", event_id=str(event_id), upload=str(claim.upload_id), problem=name, exc_info=problem
    )
    outcome = Outcome(
        "rejected",
        code="quarantined",
        zh=f"系统无法处理该记录,已隔离待人工核查({name})",
        en=f"The system could not process this event; it is put aside for a person ({name})",
    )
    with scope.worker_scope(claim.tenant_id) as session:
        counted = _remember(session, {event_id: outcome})
        add_totals(session, {(day, "events", state): Decimal(n) for (day, state), n in counted.items()})
