"""Who calls the device API: one look by the token's hash or the key's id, before any scope of an enterprise is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
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
    key_id: UUID | None = None  # of one that signs
    public_key: bytes | None = None
    revoked: bool = False


def find_caller(session: Session, token_hash: str) -> Caller | None:
    """The device with this token (SHA-256, hex), or None for an unknown or revoked one; needs `device_key_scope`."""
    found = session.scalar(text("SELECT gas.device_by_token(:hash)"), {"hash": token_hash})
    return None if found is None else _caller(found)


def find_caller_by_key(session: Session, key_id: UUID) -> Caller | None:
    """The device that enrolled this key, revoked ones too, or None; needs `device_key_scope`."""
    found = session.scalar(text("SELECT gas.device_by_key(:key)"), {"key": key_id})
    if found is None:
        return None
    public_key = bytes.fromhex(found["public_key"])
    return replace(
        _caller(found), key_id=key_id, public_key=public_key, revoked=found["revoked_at"] is not None
    )


def _caller(found: dict[str, Any]) -> Caller:
    seen = found["last_seen_at"]
    return Caller(
        device_id=UUID(found["device_id"]),
        tenant_id=found["tenant_id"],
        role=Role(found["role"]),
        last_seen_at=datetime.fromisoformat(seen) if seen else None,
        epoch=found["epoch"] or 0,
        waiting=tuple(found["waiting"]),
    )
