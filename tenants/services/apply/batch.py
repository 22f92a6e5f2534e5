"""What is claimed, in one transaction or a few: all events are applied together; only when that fails are they taken apart.

A plain error in one event (its data, a row that isn't there) never fails the others: it is rejected with a reason. An error that
nobody foresaw, or the death of the worker, leads to applying the events one by one, each try counted before it is made, so that the
event at fault is put aside and every other one is applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.faults import CrashPoint, crash_point
from tenants.models import Device, DeviceEvent, Tenant, Upload
from tenants.models.inbox import HELD
from tenants.permissions import Actor
from tenants.rules.states import EventKind, Role
from tenants.services.apply.book import Book, CachedFacts, open_book
from tenants.services.apply.event import Incoming, read_event
from tenants.services.apply.fills import fill
from tenants.services.apply.inbox import LEASE, TRIES_ALONE, TRIES_TOGETHER, Claim, lock_uploads
from tenants.services.apply.outcome import Outcome, Rejected, bad_data
from tenants.services.apply.steps import STEPS

MOST_EVENTS = 500  # in one transaction, unless a single upload has more

log = structlog.get_logger(__name__)


def apply_claimed(claim: Claim, cache: CachedFacts) -> int:
    """Apply what is pending of what is claimed; the number of events done. Raises when the database is away: the lease then ends."""
    if claim.attempts <= TRIES_TOGETHER:
        try:
            return sum(_apply_together(claim.tenant_id, chunk, cache) for chunk in _chunks(claim))
        except Exception as problem:  # whatever it is, it must not stop the other events
            if is_passing(problem):
                raise
            log.warning("upload_taken_apart", upload=str(claim.upload_ids[0]), problem=type(problem).__name__)
    if len(claim.upload_ids) > 1:
        return sum(apply_claimed(replace(claim, upload_ids=(one,)), cache) for one in claim.upload_ids)
    return _apply_one_by_one(claim.tenant_id, claim.upload_ids[0], cache)


def _chunks(claim: Claim) -> Iterator[Sequence[UUID]]:
    """The uploads claimed, in order, so many at once that a transaction stays short."""
    if len(claim.upload_ids) == 1:
        yield claim.upload_ids
        return
    with scope.worker_scope(claim.tenant_id) as session:
        lengths = select(Upload.id, func.jsonb_array_length(Upload.events)).where(
            Upload.id.in_(claim.upload_ids)
        )
        length = {row[0]: row[1] for row in session.execute(lengths)}
    chunk: list[UUID] = []
    for upload_id in claim.upload_ids:
        if chunk and sum(length[one] for one in (*chunk, upload_id)) > MOST_EVENTS:
            yield chunk
            chunk = []
        chunk.append(upload_id)
    yield chunk


def _apply_together(tenant_id: int, upload_ids: Sequence[UUID], cache: CachedFacts) -> int:
    with scope.worker_scope(tenant_id) as session:
        done = _apply(session, tenant_id, upload_ids, cache)
        crash_point(CrashPoint.BEFORE_APPLY_COMMIT)
    crash_point(CrashPoint.AFTER_APPLY_COMMIT)
    return done


def is_passing(problem: BaseException) -> bool:
    """Whether trying again later may help: the connection is gone, a deadlock, a full disk, a shutdown."""
    if isinstance(problem, DBAPIError):
        state = str(getattr(problem.orig, "pgcode", None) or "")
        return (
            problem.connection_invalidated or not state or state[:2] in {"08", "40", "53", "55", "57", "58"}
        )
    return isinstance(problem, SQLAlchemyError | ConnectionError | TimeoutError | MemoryError)


def _apply(
    session: Session, tenant_id: int, upload_ids: Sequence[UUID], cache: CachedFacts, only: UUID | None = None
) -> int:
    uploads = lock_uploads(session, upload_ids)
    pending = set(_pending(session, [upload.id for upload in uploads])) if uploads else set()
    wanted = pending if only is None else pending & {only}
    incoming, outcomes = _read_all(session, tenant_id, uploads, wanted) if wanted else ([], {})
    if wanted:
        _apply_all(session, tenant_id, incoming, outcomes, cache)
    if only is None or pending == wanted:
        for upload in uploads:
            upload.state, upload.done_at = "done", datetime.now(UTC)
    return len(outcomes)


def _pending(session: Session, upload_ids: Sequence[UUID]) -> Sequence[UUID]:
    """What nobody has dealt with yet and no manager must decide about; of one upload, in the order sent."""
    wanted = select(DeviceEvent.id).where(
        DeviceEvent.upload_id.in_(upload_ids), DeviceEvent.state == "pending", DeviceEvent.code != HELD
    )
    return session.scalars(wanted.order_by(DeviceEvent.position)).all()


def _apply_all(
    session: Session,
    tenant_id: int,
    incoming: Sequence[Incoming],
    outcomes: dict[UUID, Outcome],
    cache: CachedFacts,
) -> None:
    """Apply the events to one book, in order; what became of them is added to `outcomes`."""
    actors = _actors(session, tenant_id, {event.device_id for event in incoming})
    codes = [event.code.code for event in incoming if event.code]
    uids = [event.uid for event in incoming if event.uid]
    bindings = [event for event in incoming if event.kind is EventKind.BIND_LABEL]
    book = open_book(
        session, Actor(role=Role.FILLER, tenant_id=tenant_id), tenant_id, codes, uids, cache, bindings
    )
    for event in incoming:
        book.actor = actors[event.device_id]
        outcomes[event.id] = apply_event(book, event)
        crash_point(CrashPoint.MID_APPLY)
    _remember(session, outcomes)
    book.close()


def apply_event(book: Book, event: Incoming) -> Outcome:
    """Apply one event to the book; a foreseen problem is an outcome, not an exception."""
    try:
        return fill(book, event) if event.kind is EventKind.FILL else STEPS[event.kind](book, event)
    except Rejected as rejected:
        return rejected.outcome
    except ValueError as problem:
        return bad_data(str(problem)[:200]).outcome


def _read_all(
    session: Session, tenant_id: int, uploads: Sequence[Upload], wanted: Set[UUID]
) -> tuple[list[Incoming], dict[UUID, Outcome]]:
    """The events wanted, typed and in order, and what became of those that can't be read."""
    district = session.scalars(select(Tenant.district).where(Tenant.id == tenant_id)).one()
    incoming: list[Incoming] = []
    outcomes: dict[UUID, Outcome] = {}
    for upload in uploads:
        for body in upload.events:
            if UUID(body["id"]) in wanted:
                try:
                    incoming.append(read_event(body, upload.device_id, upload.received_at, district))
                except (ValueError, KeyError, TypeError) as problem:
                    outcomes[UUID(body["id"])] = bad_data(str(problem)[:200]).outcome
    return incoming, outcomes


def _actors(session: Session, tenant_id: int, device_ids: Set[UUID]) -> dict[UUID, Actor]:
    roles = session.execute(select(Device.id, Device.role).where(Device.id.in_(device_ids)))
    return {row.id: Actor(role=Role(row.role), tenant_id=tenant_id, device_id=row.id) for row in roles}


def _remember(session: Session, outcomes: dict[UUID, Outcome]) -> None:
    """Write the results onto the receipts that are still open."""
    rows = [
        {
            "id": str(event_id), "state": found.state, "refusals": list(found.refusals), "code": found.code,
            "message": {"zh": found.zh, "en": found.en}, "cylinder_id": str(found.cylinder_id) if found.cylinder_id else None,
        }
        for event_id, found in outcomes.items()
    ]  # fmt: skip
    session.execute(_REMEMBER, {"rows": rows})


_REMEMBER = text("""
    UPDATE gas.device_event e
    SET state = r.state, refusals = r.refusals, code = r.code, message = r.message, cylinder_id = r.cylinder_id
    FROM jsonb_to_recordset(:rows) AS r(id uuid, state text, refusals jsonb, code text, message jsonb, cylinder_id uuid)
    WHERE e.id = r.id AND e.state = 'pending'
""").bindparams(bindparam("rows", type_=JSONB))


def _apply_one_by_one(tenant_id: int, upload_id: UUID, cache: CachedFacts) -> int:
    done = 0
    with scope.worker_scope(tenant_id) as session:
        todo = _pending(session, [upload_id])
    for event_id in todo:
        if _tries(tenant_id, upload_id, event_id) > TRIES_ALONE:
            problem: BaseException | None = None
        else:
            try:
                with scope.worker_scope(tenant_id) as session:
                    done += _apply(session, tenant_id, [upload_id], cache, only=event_id)
                continue
            except Exception as unforeseen:
                if is_passing(unforeseen):
                    raise
                problem = unforeseen
        _put_aside(tenant_id, event_id, problem)
        done += 1
    with scope.worker_scope(tenant_id) as session:
        _apply(session, tenant_id, [upload_id], cache)  # closes the upload: nothing is pending any more
    return done


def _tries(tenant_id: int, upload_id: UUID, event_id: UUID) -> int:
    """Count a try and commit, before it is made; the lease begins anew."""
    with scope.worker_scope(tenant_id) as session:
        session.execute(update(Upload).where(Upload.id == upload_id).values(due_at=func.now() + LEASE))
        counted = session.scalar(
            update(DeviceEvent)
            .where(DeviceEvent.id == event_id)
            .values(attempts=DeviceEvent.attempts + 1)
            .returning(DeviceEvent.attempts)
        )
    return int(counted or 0)


def _put_aside(tenant_id: int, event_id: UUID, problem: BaseException | None) -> None:
    name = type(problem).__name__ if problem else "the worker ended"
    log.error("event_put_aside", event_id=str(event_id), problem=name, exc_info=problem)
    outcome = Outcome(
        "rejected",
        code="quarantined",
        zh=f"系统无法处理该记录，已隔离待人工核查({name})",
        en=f"The system could not process this event; it is put aside for a person ({name})",
    )
    with scope.worker_scope(tenant_id) as session:
        _remember(session, {event_id: outcome})
