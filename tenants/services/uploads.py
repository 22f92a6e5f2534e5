"""The inbox: receiving what a device sends, and the receipts it can ask for later.

`receive` writes one upload row and a receipt per event in the caller's transaction; only after that commit may the device be told
"accepted". Nothing here judges an event: that is `apply.py`, done by a worker.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants import events
from tenants.errors import NotFound
from tenants.models import DeviceEvent, Staff, Upload
from tenants.models.base import new_id
from tenants.models.inbox import HELD
from tenants.services import held

MOST_EVENTS = 500
AS_PENDING: dict[str, Any] = {"state": "pending", "code": "", "message": {}}
AS_HELD: dict[str, Any] = {"state": "pending", "code": HELD, "message": held.SAID}


@dataclass(frozen=True, slots=True)
class Sent:
    """One well-formed event: where it stood in the call, and its body as it will be kept."""

    index: int
    id: UUID
    seq: int
    kind: str
    body: dict[str, Any]

    @property
    def body_hash(self) -> str:
        """SHA-256 (hex) of the body in one fixed spelling."""
        text = json.dumps(self.body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a call: the upload to ask for, how many are new, how many came before, whose id was used for another body."""

    upload_id: UUID
    accepted: int
    duplicates: int
    reused: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventResult:
    """What became of one event."""

    id: UUID
    state: str
    code: str
    refusals: tuple[str, ...]
    message: dict[str, str]


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What became of an upload; `done` when no event of it is pending."""

    id: UUID
    done: bool
    results: tuple[EventResult, ...]


def receive(session: Session, device_id: UUID, sent: Sequence[Sent], *, hold: bool = False) -> Receipt:
    """Put a call into the inbox; an event that came before is counted and not taken again. Held ones wait for a manager (held.py)."""
    first = {event.id: event for event in reversed(sent)}  # of a repeated id, the first in the call counts
    known = _known_hashes(session, list(first))
    new = [event for event in sent if event.id not in known and first[event.id] is event]
    hashes = known | {event.id: event.body_hash for event in new}
    reused = tuple(event.index for event in sent if event.body_hash != hashes[event.id])
    upload = Upload(
        id=new_id(),
        device_id=device_id,
        event_ids=[str(event.id) for event in sent if event.index not in reused],
        events=[event.body for event in new],
        state="queued" if new and not hold else "done",
    )
    session.add(upload)
    session.flush()
    taken = _take(session, upload, new, AS_HELD if hold else AS_PENDING)
    if len(taken) < len(new):  # another call brought some of them in since we looked: what it said counts
        hashes |= _known_hashes(session, [event.id for event in new if event.id not in taken])
        reused = tuple(event.index for event in sent if event.body_hash != hashes[event.id])
    if taken and not hold:
        events.record(session, events.Event.UPLOAD_RECEIVED, upload.id)
    return Receipt(upload.id, len(taken), len(sent) - len(taken) - len(reused), reused)


def of_unknown_operators(session: Session, sent: Sequence[Sent]) -> list[int]:
    """Where in the call events name somebody whom this enterprise doesn't employ; another enterprise's staff look the same."""
    named = {str(event.body["operator"]) for event in sent if event.body.get("operator")}
    if not named:
        return []
    known = set(session.scalars(select(Staff.code).where(Staff.code.in_(named))))
    return [event.index for event in sent if event.body.get("operator") in named - known]


def _take(session: Session, upload: Upload, new: Sequence[Sent], begins: dict[str, Any]) -> set[UUID]:
    """Write the receipts and say which ones; an event that another call brought in at the same moment stays with that call."""
    rows = [
        {
            "id": event.id, "upload_id": upload.id, "position": event.index, "device_id": upload.device_id, "seq": event.seq,
            "kind": event.kind, "body_hash": event.body_hash, "refusals": [], **begins,
        }
        for event in sorted(new, key=lambda event: event.id)  # in one order, so that two calls can't wait for each other
    ]  # fmt: skip
    if not rows:
        return set()
    return set(session.scalars(insert(DeviceEvent).on_conflict_do_nothing().returning(DeviceEvent.id), rows))


def _known_hashes(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = session.execute(select(DeviceEvent.id, DeviceEvent.body_hash).where(DeviceEvent.id.in_(ids)))
    return {row.id: row.body_hash for row in rows}


def upload_report(session: Session, upload_id: UUID, device_id: UUID) -> UploadReport:
    """What became of an upload of this device; raises NotFound for another's."""
    upload = session.scalars(
        select(Upload).where(Upload.id == upload_id, Upload.device_id == device_id)
    ).one_or_none()
    if upload is None:
        raise NotFound(f"upload {upload_id}")
    ids = [UUID(text) for text in upload.event_ids]
    found = {row.id: row for row in session.scalars(select(DeviceEvent).where(DeviceEvent.id.in_(ids)))}
    results = tuple(
        EventResult(
            row.id,
            row.state,
            row.code,
            tuple(row.refusals),
            {key: str(value) for key, value in row.message.items()},
        )
        for row in (found[event_id] for event_id in dict.fromkeys(ids))
    )
    return UploadReport(upload_id, all(result.state != "pending" for result in results), results)
