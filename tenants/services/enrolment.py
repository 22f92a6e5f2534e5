"""Enrolment: a one-time token, shown once, becomes a device with a key that it made itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, TraceabilityError
from tenants.models import Device, DeviceKey, Enrolment, Tenant
from tenants.models.base import new_id
from tenants.models.keys import DEVICE_KIDS
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.devices import DEVICE_ROLES, free_name, hash_token

HOLDS = timedelta(minutes=10)
TOKEN_BYTES = 16
LONGEST_NAME = 64


class EnrolmentUsed(TraceabilityError):
    """The token has made its device."""

    code = "enrolment_used"


class EnrolmentExpired(TraceabilityError):
    """The token is too old."""

    code = "enrolment_expired"


class EnrolmentUnknown(TraceabilityError):
    """Nobody gave out this token."""

    code = "enrolment_unknown"


@dataclass(frozen=True, slots=True)
class OpenedEnrolment:
    """A token that nobody can read again, and until when it may be used."""

    enrolment_id: UUID
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device that has its key."""

    device_id: UUID
    key_id: UUID
    kid: int
    tenant: str
    role: Role
    name: str


def open_enrolment(
    session: Session, actor: Actor, role: Role, now: datetime, name: str = ""
) -> OpenedEnrolment:
    """A one-time token for a device with this role; raises Invalid when a device can't have the role."""
    if role not in DEVICE_ROLES:
        raise Invalid(f"A device can't have the role {role.value}.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    opened = Enrolment(
        token_hash=hash_token(token),
        role=role.value,
        name=clean_name(name),
        created_by=actor.username,
        expires_at=now + HOLDS,
    )
    session.add(opened)
    session.flush()
    audit.write(
        session,
        actor,
        audit.Action.ENROLMENT_OPENED,
        str(opened.id),
        tenant_id=opened.tenant_id,
        role=role.value,
    )
    return OpenedEnrolment(opened.id, token, opened.expires_at)


def enrolment_url(origin: str, token: str) -> str:
    """Where the handheld opens with the token; what stands behind # reaches no server's log."""
    return f"{origin}/handheld/#enrol={token}"


def tenant_of_token(session: Session, token: str) -> int | None:
    """The enterprise that a token is for, or None; needs `device_key_scope`."""
    found: int | None = session.scalar(
        text("SELECT gas.tenant_by_enrolment(:hash)"), {"hash": hash_token(token)}
    )
    return found


def enrol(session: Session, token: str, public_key: bytes, name: str, model: str, now: datetime) -> Enrolled:
    """Turn a token into a device; of two that try at once, one wins. The same token with the same key gives the same answer again.

    Raises EnrolmentUnknown, EnrolmentUsed, EnrolmentExpired; Conflict (`field` name or public_key) leaves the token unused.
    """
    opened = session.execute(
        select(
            Enrolment.id,
            Enrolment.role,
            Enrolment.name,
            Enrolment.expires_at,
            Enrolment.used_at,
            Enrolment.device_id,
        )
        .where(Enrolment.token_hash == hash_token(token))
        .with_for_update(key_share=True)
    ).one_or_none()
    if opened is None:
        raise EnrolmentUnknown
    if opened.used_at is not None:
        return _enrolled_before(session, opened.device_id, public_key)
    if opened.expires_at <= now:
        raise EnrolmentExpired
    role = Role(opened.role)
    device_id = _add_device(session, role, clean_name(name) or opened.name, model, str(opened.id))
    key_id, kid = _add_key(session, device_id, public_key)
    session.execute(
        update(Enrolment)
        .where(Enrolment.id == opened.id)
        .values(used_at=now, device_id=device_id)
        .execution_options(synchronize_session=False)
    )
    return _enrolled(session, device_id, key_id, kid, role)


def _add_device(session: Session, role: Role, name: str, model: str, opened: str) -> UUID:
    session.execute(text("SELECT pg_advisory_xact_lock(1734439795, gas.current_tenant())"))
    name = name or free_name(session, role)
    if session.scalar(select(Device.id).where(Device.name == name)) is not None:
        raise Conflict(f"There is a device called {name} already.", field="name")
    device_id = new_id()
    values = {"id": device_id, "name": name, "role": role.value, "model": clean_name(model)}
    session.execute(insert(Device).inline().values(**values, created_by=f"enrolment:{opened}"))
    return device_id


def _add_key(session: Session, device_id: UUID, public_key: bytes) -> tuple[UUID, int]:
    if session.scalar(select(DeviceKey.id).where(DeviceKey.public_key == public_key)) is not None:
        raise Conflict("This key belongs to a device already.", field="public_key")
    kid = (session.scalar(select(func.max(DeviceKey.kid))) or DEVICE_KIDS[0] - 1) + 1
    key_id = new_id()
    session.execute(
        insert(DeviceKey).inline().values(id=key_id, device_id=device_id, kid=kid, public_key=public_key)
    )
    return key_id, kid


def _enrolled_before(session: Session, device_id: UUID, public_key: bytes) -> Enrolled:
    """What was answered before and perhaps not heard; raises EnrolmentUsed for another key."""
    found = session.execute(
        select(DeviceKey.id, DeviceKey.kid, Device.name, Device.role, Tenant.district, Tenant.enterprise)
        .join(Device, (Device.tenant_id == DeviceKey.tenant_id) & (Device.id == DeviceKey.device_id))
        .join(Tenant, Tenant.id == DeviceKey.tenant_id)
        .where(DeviceKey.device_id == device_id, DeviceKey.public_key == public_key)
        .where(Device.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        raise EnrolmentUsed
    tenant = f"{found.district}-{found.enterprise}"
    return Enrolled(device_id, found.id, found.kid, tenant, Role(found.role), found.name)


def _enrolled(session: Session, device_id: UUID, key_id: UUID, kid: int, role: Role) -> Enrolled:
    name = session.scalars(select(Device.name).where(Device.id == device_id)).one()
    tenant = session.execute(select(Tenant.id, Tenant.district, Tenant.enterprise)).one()
    actor = Actor(role=role, tenant_id=tenant.id, device_id=device_id)
    audit.write(session, actor, audit.Action.DEVICE_ENROLLED, str(device_id), name=name, kid=kid)
    return Enrolled(device_id, key_id, kid, f"{tenant.district}-{tenant.enterprise}", role, name)


def clean_name(text: str) -> str:
    """One line of at most 64 characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST_NAME]
