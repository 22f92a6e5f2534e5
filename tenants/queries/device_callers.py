"""Who calls the device API: one look by the token's hash, before any scope of an enterprise is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.rules.states import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """A device, its enterprise, and what the verdict cache must not be asked about; all read in one moment."""

    device_id: UUID
    tenant_id: int
    role: Role
    last_seen_at: datetime | None
    epoch: int
    waiting: tuple[str, ...]


def find_caller(session: Session, token_hash: str) -> Caller | None:
    """The device with this token (SHA-256, hex), or None for an unknown or revoked one; needs `device_key_scope`."""
    found = session.scalar(text("SELECT gas.device_by_token(:hash)"), {"hash": token_hash})
    if found is None:
        return None
    seen = found["last_seen_at"]
    return Caller(
        device_id=UUID(found["device_id"]),
        tenant_id=found["tenant_id"],
        role=Role(found["role"]),
        last_seen_at=datetime.fromisoformat(seen) if seen else None,
        epoch=found["epoch"] or 0,
        waiting=tuple(found["waiting"]),
    )
