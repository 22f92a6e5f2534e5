"""Who did what. An entry is written in the transaction of the deed; the database numbers and chains it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from tenants.models import Audit
from tenants.permissions import Actor

PLATFORM_CHAIN = 0


class Action(StrEnum):
    """The audit's vocabulary; a value is never renamed."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    CYLINDER_ADDED = "cylinder_added"
    CYLINDER_EDITED = "cylinder_edited"
    CYLINDER_STATUS_CHANGED = "cylinder_status_changed"
    LIST_EXPORTED = "list_exported"
    IMPORT_RECEIVED = "import_received"
    IMPORT_APPLIED = "import_applied"
    IMPORT_UNDONE = "import_undone"
    LABELS_ORDERED = "labels_ordered"
    LABELS_MADE = "labels_made"
    LABELS_FETCHED = "labels_fetched"
    LABELS_SPOILT = "labels_spoilt"
    LABEL_BOUND = "label_bound"
    LABEL_RETIRED = "label_retired"
    DEVICE_TOKEN_ISSUED = "device_token_issued"  # noqa: S105
    DEVICE_REVOKED = "device_revoked"
    ENROLMENT_OPENED = "enrolment_opened"
    DEVICE_ENROLLED = "device_enrolled"
    TAG_SIGNED = "tag_signed"
    DEVICE_RENAMED = "device_renamed"
    PIN_SET = "pin_set"
    PIN_LOCKED = "pin_locked"
    EVENT_ACCEPTED = "event_accepted"
    EVENT_DECLINED = "event_declined"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    TENANT_CREATED = "tenant_created"
    AUTHORITY_CREATED = "authority_created"
    ACCOUNT_CREATED = "account_created"
    REFERENCE_CHANGED = "reference_changed"
    LICENCE_CHANGED = "licence_changed"
    STAFF_CHANGED = "staff_changed"
    CUSTOMER_ADDED = "customer_added"
    ORDER_PLACED = "order_placed"
    ORDER_MOVED = "order_moved"
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_MOVED = "recovery_moved"
    REPORT_PHONE_READ = "report_phone_read"


def write(
    session: Session, actor: Actor, action: Action, subject: str, tenant_id: int | None = None, **detail: Any
) -> None:
    """Add an entry to the enterprise's chain, or to the platform's (0) when there is no enterprise. No personal data in `detail`."""
    chain = tenant_id if tenant_id is not None else actor.tenant_id
    who = actor.username or (f"device:{actor.device_id}" if actor.device_id else actor.role.value)
    session.flush()
    session.execute(
        insert(Audit).inline(),
        [
            {
                "tenant_id": PLATFORM_CHAIN if chain is None else chain,
                "seq": 0,
                "at": datetime.now(UTC),  # the trigger puts its own clock here
                "actor": who,
                "action": action.value,
                "subject": subject,
                "detail": detail,
                "previous_hash": "",
                "hash": "",
            }
        ],
    )


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of one chain found."""

    tenant_id: int
    entries: int
    head: str
    broken_at: int | None


def verify(session: Session) -> list[ChainReport]:
    """Recompute every chain that this scope can read; `broken_at` is the first number that doesn't fit."""
    rows = session.execute(
        text("""
        SELECT tenant_id, count(*) AS entries, (array_agg(hash ORDER BY seq DESC))[1] AS head,
               min(seq) FILTER (WHERE hash <> right_hash OR previous_hash <> before OR seq <> place) AS broken_at
        FROM (SELECT tenant_id, seq, hash, previous_hash, gas.audit_hash(a) AS right_hash,
                     lag(hash, 1, '') OVER w AS before, row_number() OVER w AS place
              FROM gas.audit a WINDOW w AS (PARTITION BY tenant_id ORDER BY seq)) entries
        GROUP BY tenant_id ORDER BY tenant_id""")
    )
    return [ChainReport(*row) for row in rows]
