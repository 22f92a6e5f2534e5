"""Workers sign in on a device with a short PIN: the device says where, the PIN says who; both are in every event.

Five wrong tries of one worker on one device lock this pair for a quarter of an hour. The answer is a signed card that the device keeps for
a shift, so that going on needs no network.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Invalid, NotFound
from tenants.models import PinTry, Staff, StaffPin, Tenant
from tenants.models.base import new_id
from tenants.permissions import Actor
from tenants.rules.states import KeyPurpose, Role
from tenants.sentences import say
from tenants.services import keys, passwords
from tenants.services.apply.event import SHANGHAI
from tenants.vault import Vault

WORD = b"QPOPER1\n"
SHIFT = timedelta(hours=12)
MOST_TRIES = 5
LOCKED = timedelta(minutes=15)
_PIN = re.compile(r"[0-9]{4,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nobody is signed in: `bad_pin`, or `pin_locked` with the seconds to wait."""

    code: str
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """Who works with which device until when, signed by the platform."""

    operator: str
    kinds: tuple[str, ...]
    good_until: datetime
    kid: int
    payload: bytes
    signature: bytes


def set_pin(session: Session, actor: Actor, staff_code: str, pin: str, now: datetime) -> None:
    """Give a worker a PIN of 4 to 8 digits; opens what was locked. Raises Invalid (field `pin`) and NotFound."""
    _set(
        session, actor, session.scalars(select(Staff).where(Staff.code == staff_code)).one_or_none(), pin, now
    )


def reset_pin(session: Session, actor: Actor, staff_id: UUID, pin: str, now: datetime) -> None:
    """The same for a worker who was chosen from the list."""
    _set(session, actor, session.scalars(select(Staff).where(Staff.id == staff_id)).one_or_none(), pin, now)


def _set(session: Session, actor: Actor, staff: Staff | None, pin: str, now: datetime) -> None:
    if not _PIN.fullmatch(pin) or len(set(pin)) == 1 or pin in "0123456789876543210":
        raise Invalid(fields={"pin": say("PIN 应为 4 至 8 位数字，且不能是相同或连续的数字")})
    if staff is None:
        raise NotFound("There is no such worker.")
    values = {"pin_hash": passwords.hash_password(pin), "set_at": now, "set_by": actor.username}
    session.execute(
        insert(StaffPin)
        .values(id=staff.id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values)
    )
    for tried in session.scalars(select(PinTry).where(PinTry.staff_id == staff.id)):
        tried.failed_count, tried.locked_until = 0, None
    audit.write(session, actor, audit.Action.PIN_SET, staff.code, tenant_id=staff.tenant_id)


def sign_in(
    session: Session, device_id: UUID, staff_code: str, pin: str, vault: Vault, now: datetime
) -> Card | Refused:
    """The worker's card for this device, or why there is none; who isn't known looks like a wrong PIN and takes as long.

    A wrong try is counted in the caller's transaction: commit it.
    """
    found = session.execute(
        select(Staff.id, Staff.kinds, Staff.left_on, StaffPin.pin_hash)
        .outerjoin(StaffPin, (StaffPin.tenant_id == Staff.tenant_id) & (StaffPin.id == Staff.id))
        .where(Staff.code == staff_code)
    ).one_or_none()
    here = found is not None and not _has_left(found.left_on, now)
    if found is None or not here:
        passwords.matches(None, pin)
        return Refused("bad_pin")
    tried = _tried(session, device_id, found.id)
    if tried.locked_until is not None and tried.locked_until > now:
        return Refused("pin_locked", int((tried.locked_until - now).total_seconds()) + 1)
    if not passwords.matches(found.pin_hash, pin):
        _count(session, device_id, staff_code, tried, now)
        return Refused("bad_pin")
    tried.failed_count, tried.locked_until = 0, None
    return _card(session, device_id, staff_code, tuple(found.kinds), vault, now)


def _has_left(left_on: date | None, now: datetime) -> bool:
    return left_on is not None and left_on < now.astimezone(SHANGHAI).date()


def _tried(session: Session, device_id: UUID, staff_id: UUID) -> PinTry:
    """The count of this pair, under lock, so that tries at the same moment count each."""
    session.execute(
        insert(PinTry)
        .values(id=new_id(), device_id=device_id, staff_id=staff_id, failed_count=0)
        .on_conflict_do_nothing()
    )
    wanted = select(PinTry).where(PinTry.device_id == device_id, PinTry.staff_id == staff_id)
    return session.scalars(wanted.with_for_update()).one()


def _count(session: Session, device_id: UUID, staff_code: str, tried: PinTry, now: datetime) -> None:
    tried.failed_count += 1
    if tried.failed_count >= MOST_TRIES:
        tried.failed_count, tried.locked_until = 0, now + LOCKED
        tenant_id = session.scalars(select(Tenant.id)).one()
        actor = Actor(role=Role.FILLER, tenant_id=tenant_id, device_id=device_id)
        audit.write(session, actor, audit.Action.PIN_LOCKED, staff_code)


def _card(
    session: Session, device_id: UUID, staff_code: str, kinds: tuple[str, ...], vault: Vault, now: datetime
) -> Card:
    tenant = session.execute(select(Tenant.district, Tenant.enterprise)).one()
    said = {
        "format": 1,
        "tenant": f"{tenant.district}-{tenant.enterprise}",
        "device": str(device_id),
        "operator": staff_code,
        "issued_at": now.isoformat(timespec="seconds"),
        "good_until": (now + SHIFT).isoformat(timespec="seconds"),
    }
    payload = json.dumps(said, separators=(",", ":")).encode()
    signed = keys.sign(session, KeyPurpose.SNAPSHOT, WORD + payload, vault, now)
    return Card(staff_code, kinds, now + SHIFT, signed.kid, payload, signed.signature)
