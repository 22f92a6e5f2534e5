"""Devices of an enterprise: issuing a bearer token, which is shown once, and revoking it. Both need the enterprise's scope."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Device
from tenants.permissions import GRANTS, Actor, Permission
from tenants.rules.states import Role
from tenants.sentences import say

TOKEN_BYTES = 32
DEVICE_ROLES = GRANTS[Permission.DEVICE_UPLOAD].roles


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new device and its token, which nobody can read again."""

    device_id: UUID
    token: str


def hash_token(token: str) -> str:
    """What is kept of a token: its SHA-256, hex."""
    return sha256(token.encode()).hexdigest()


def issue_token(session: Session, actor: Actor, role: Role, name: str = "") -> IssuedToken:
    """A device with this role and a fresh token; raises Conflict when the name is taken, Invalid when a device can't have the role."""
    if role not in DEVICE_ROLES:
        raise Invalid(f"A device can't have the role {role.value}.")
    name = name.strip() or free_name(session, role)
    if session.scalar(select(Device.id).where(Device.name == name)) is not None:
        raise Conflict(f"There is a device called {name} already.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    device = Device(name=name, role=role.value, token_hash=hash_token(token), created_by=actor.username)
    session.add(device)
    session.flush()
    audit.write(
        session,
        actor,
        audit.Action.DEVICE_TOKEN_ISSUED,
        str(device.id),
        tenant_id=device.tenant_id,
        name=name,
        role=role.value,
    )
    return IssuedToken(device.id, token)


def revoke_device(session: Session, actor: Actor, device_id: UUID, reason: str = "") -> Device:
    """From the commit on, the device's token and key are worth nothing; raises NotFound, or Conflict when it was revoked before."""
    device = _locked(session, device_id)
    if device.revoked_at is not None:
        raise Conflict(f"The device {device.name} was revoked before.")
    device.revoked_at, device.token_hash, device.revoked_reason = datetime.now(UTC), None, reason
    audit.write(
        session,
        actor,
        audit.Action.DEVICE_REVOKED,
        str(device.id),
        tenant_id=device.tenant_id,
        name=device.name,
        reason=reason,
    )
    return device


def rename_device(session: Session, actor: Actor, device_id: UUID, name: str) -> None:
    """Give a device another name; raises NotFound, Invalid (field `name`) and Conflict when the name is taken."""
    device = _locked(session, device_id)
    if not name.strip():
        raise Invalid(fields={"name": say("请填写名称")})
    if (
        session.scalar(select(Device.id).where(Device.name == name.strip(), Device.id != device_id))
        is not None
    ):
        raise Conflict(say("已有同名设备"))
    before, device.name = device.name, name.strip()
    audit.write(session, actor, audit.Action.DEVICE_RENAMED, str(device_id), before=before, name=device.name)


def see_device(
    session: Session,
    device_id: UUID,
    at: datetime,
    app_version: str | None = None,
    battery: int | None = None,
) -> None:
    """Note when a device was last there and what it said of itself; gives up (OperationalError) rather than wait for a lock."""
    told: dict[str, Any] = {"app_version": app_version, "battery": battery}
    session.execute(text("SET LOCAL lock_timeout = '100ms'"))
    session.execute(
        update(Device)
        .where(Device.id == device_id)
        .values(last_seen_at=at, **{name: value for name, value in told.items() if value is not None})
        .execution_options(synchronize_session=False)
    )


def free_name(session: Session, role: Role) -> str:
    """A name that says what the device is for, with the next free number."""
    used = set(session.scalars(select(Device.name)))
    return next(name for number in count(len(used) + 1) if (name := f"{role.value}-{number}") not in used)


def _locked(session: Session, device_id: UUID) -> Device:
    device = session.scalars(select(Device).where(Device.id == device_id).with_for_update()).one_or_none()
    if device is None:
        raise NotFound(f"There is no device {device_id}.")
    return device
