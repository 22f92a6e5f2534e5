"""The platform's signing keys: made when the database is prepared, rotated with overlap, revoked; and the ring that tells devices.

One key signs for one purpose. A new key is in the ring for a day before it signs, so that devices know it by then; an old one is believed
for as long as its purpose needs. Every message begins with a word of its own, so that no signature can be taken for another's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, NotFound, Unavailable
from tenants.models import Device, DeviceKey, PlatformKey, Tenant
from tenants.models.keys import PLATFORM_KIDS
from tenants.permissions import Actor
from tenants.rules.states import KeyPurpose as Purpose
from tenants.vault import Vault

RING_WORD = b"QPRING1\n"
RING_FORMAT = 1
RING_HOLDS = timedelta(days=7)
LEAD = timedelta(days=1)
SKEW = timedelta(minutes=5)  # between the clocks of machines; a key that is needed now signs on all of them
BELIEVED = {  # after its successor signs
    Purpose.RING: timedelta(days=400),
    Purpose.SNAPSHOT: timedelta(days=7),
    Purpose.TAG: None,  # until the last tag it signed was written anew
    Purpose.LABEL: None,  # what is printed stays printed
}


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature and the number of the key that made it."""

    kid: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedRing:
    """A key ring as it is handed out."""

    kid: int
    payload: bytes
    signature: bytes

    def as_json(self) -> dict[str, Any]:
        """Bytes in base64."""
        return {"kid": self.kid, "payload": b64(self.payload), "signature": b64(self.signature)}


def b64(value: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(value).decode()


def key_name(kid: int) -> str:
    """The name a private key is sealed under."""
    return f"platform-key:{kid}"


def sign(session: Session, purpose: Purpose, message: bytes, vault: Vault, now: datetime) -> Signed:
    """The platform's signature for a purpose; raises Unavailable when no key can sign."""
    key = signing_key(session, purpose, now)
    return Signed(key.kid, vault.private_key(key_name(key.kid), key.sealed).sign(message))


def signing_key(session: Session, purpose: Purpose, now: datetime) -> PlatformKey:
    """The newest key that signs for a purpose; raises Unavailable when there is none."""
    wanted = (
        select(PlatformKey)
        .where(PlatformKey.purpose == purpose.value, PlatformKey.signs_from <= now)
        .where(PlatformKey.revoked_at.is_(None))
        .where(PlatformKey.not_after.is_(None) | (PlatformKey.not_after > now))
        .order_by(PlatformKey.kid.desc())
    )
    key = session.scalars(wanted.limit(1)).one_or_none()
    if key is None:
        raise Unavailable(f"No key signs for {purpose.value}; run `flask --app portal migrate`.")
    return key


def holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this key made this signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key_of(session: Session, purpose: Purpose, kid: int, now: datetime) -> bytes | None:
    """The public half of a key of the platform that is believed for a purpose, or None."""
    key = session.get(PlatformKey, kid)
    if key is None or key.purpose != purpose.value or key.revoked_at is not None:
        return None
    return None if key.not_after is not None and key.not_after <= now else key.public_key


def verify(
    session: Session, purpose: Purpose, kid: int, signature: bytes, message: bytes, now: datetime
) -> bool:
    """Whether a key of the platform that is believed for the purpose made this signature."""
    public = public_key_of(session, purpose, kid, now)
    return public is not None and holds(public, signature, message)


def keyring(session: Session, vault: Vault, now: datetime) -> SignedRing:
    """Every key that a device of the scope's enterprise may meet, signed; revoked ones are in it and say so."""
    tenant = session.execute(select(Tenant.district, Tenant.enterprise)).one()
    owner = f"{tenant.district}-{tenant.enterprise}"
    keys = [*_platform_keys(session), *_device_keys(session, owner)]
    return sign_ring(session, keys, vault, now)


def sign_ring(session: Session, keys: Sequence[dict[str, Any]], vault: Vault, now: datetime) -> SignedRing:
    """The ring of these keys."""
    ring = {
        "format": RING_FORMAT,
        "issued_at": _said(now),
        "good_until": _said(now + RING_HOLDS),
        "keys": list(keys),
    }
    payload = json.dumps(ring, ensure_ascii=False, separators=(",", ":")).encode()
    signed = sign(session, Purpose.RING, RING_WORD + payload, vault, now)
    return SignedRing(signed.kid, payload, signed.signature)


def _platform_keys(session: Session) -> Iterator[dict[str, Any]]:
    public = select(PlatformKey).where(
        PlatformKey.purpose != Purpose.LABEL.value
    )  # a secret, with nothing to tell
    for key in session.scalars(public.order_by(PlatformKey.kid)):
        yield entry(
            key.kid,
            "platform",
            key.purpose,
            key.public_key,
            key.signs_from,
            key.revoked_at,
            not_after=_said(key.not_after),
        )


def _device_keys(session: Session, owner: str) -> Iterator[dict[str, Any]]:
    wanted = (
        select(
            DeviceKey.kid,
            DeviceKey.public_key,
            DeviceKey.created_at,
            DeviceKey.device_id,
            Device.role,
            Device.revoked_at,
        )
        .join(Device, (Device.tenant_id == DeviceKey.tenant_id) & (Device.id == DeviceKey.device_id))
        .order_by(DeviceKey.kid)
    )
    for row in session.execute(wanted):
        yield entry(
            row.kid, owner, "device", row.public_key, row.created_at, row.revoked_at,
            device=str(row.device_id), role=row.role,
        )  # fmt: skip


def entry(
    kid: int,
    owner: str,
    purpose: str,
    public: bytes,
    not_before: datetime,
    revoked_at: datetime | None,
    **more: Any,
) -> dict[str, Any]:
    """One key as the ring tells it."""
    return {
        "kid": kid,
        "owner": owner,
        "purpose": purpose,
        "alg": "Ed25519",
        "public_key": b64(public),
        "not_before": _said(not_before),
        "not_after": None,
        "revoked_at": _said(revoked_at),
        **more,
    }


def ensure_keys(session: Session, vault: Vault, now: datetime) -> list[int]:
    """Make a key for each purpose that has none this installation can sign with; the numbers of the new ones."""
    return [
        make_key(session, purpose, vault, now - SKEW)
        for purpose in Purpose
        if not _can_sign(session, purpose, vault, now)
    ]


def make_key(session: Session, purpose: Purpose, vault: Vault, signs_from: datetime) -> int:
    """A new key; its number."""
    session.execute(text("SELECT pg_advisory_xact_lock(1734439794)"))  # numbers are given one at a time
    kid = max(session.scalar(select(func.max(PlatformKey.kid))) or 0, PLATFORM_KIDS[0] - 1) + 1
    private = Ed25519PrivateKey.generate()
    key = PlatformKey(
        kid=kid,
        purpose=purpose.value,
        public_key=private.public_key().public_bytes_raw(),
        sealed=vault.seal(key_name(kid), private.private_bytes_raw()),
        signs_from=signs_from,
    )
    session.add(key)
    session.flush()
    return kid


def _can_sign(session: Session, purpose: Purpose, vault: Vault, now: datetime) -> bool:
    try:
        sign(session, purpose, b"", vault, now)
    except Unavailable:
        return False
    return True


def rotate(
    session: Session, actor: Actor, purpose: Purpose, vault: Vault, now: datetime, lead: timedelta = LEAD
) -> int:
    """A successor that signs after `lead`; the keys before it are believed for as long as their purpose needs. Its number."""
    starts, believed = now + lead, BELIEVED[purpose]
    if believed is not None:
        session.execute(
            update(PlatformKey)
            .where(PlatformKey.purpose == purpose.value, PlatformKey.not_after.is_(None))
            .values(not_after=starts + believed)
        )
    kid = make_key(session, purpose, vault, starts)
    audit.write(session, actor, audit.Action.KEY_ROTATED, str(kid), purpose=purpose.value)
    return kid


def revoke(session: Session, actor: Actor, kid: int, reason: str, vault: Vault, now: datetime) -> int | None:
    """From the commit on nobody believes this key; the number of a successor, where one had to be made at once."""
    key = session.get(PlatformKey, kid, with_for_update=True)
    if key is None:
        raise NotFound(f"There is no key {kid}.")
    if key.revoked_at is not None:
        raise Conflict(f"Key {kid} was revoked before.")
    key.revoked_at, key.revoked_reason = now, reason.strip()
    session.flush()
    purpose = Purpose(key.purpose)
    successor = (
        None if _can_sign(session, purpose, vault, now) else make_key(session, purpose, vault, now - SKEW)
    )
    audit.write(session, actor, audit.Action.KEY_REVOKED, str(kid), purpose=purpose.value, reason=reason)
    return successor


def list_keys(session: Session) -> Sequence[PlatformKey]:
    """Every key of the platform, the newest first."""
    return session.scalars(select(PlatformKey).order_by(PlatformKey.kid.desc())).all()


def _said(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
