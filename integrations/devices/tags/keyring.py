"""Which public key may sign what. The ring is the one that `GET /keyring` hands out; its own signature is checked before it comes here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from integrations.devices.tags.flaws import Fault

TAG, DEVICE, INSPECTOR = "tag", "device", "inspector"


class Signs(StrEnum):
    """What a signature on a tag is for."""

    BASE = "base"
    FILL = "fill"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the ring; `kid` is unique for the platform's and authorities' keys, and within an enterprise for its devices'."""

    kid: int
    owner: str
    purpose: str
    public_key: bytes
    role: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    revoked_at: datetime | None = None

    def may_sign(self, what: Signs) -> bool:
        """Platform (or an enterprise's issuing key): bases. Devices: fills. Inspectors' devices: findings."""
        if what is Signs.BASE:
            return self.purpose == TAG
        if what is Signs.FILL:
            return self.purpose == DEVICE
        return self.purpose == INSPECTOR or (self.purpose == DEVICE and self.role == INSPECTOR)

    def is_good(self, at: datetime, now: datetime) -> bool:
        """Whether it is still believed, and signed when it already could; tags tell whole minutes."""
        started = self.not_before is None or at >= self.not_before.replace(second=0, microsecond=0)
        return started and (self.not_after is None or self.not_after > now)

    def made(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made this signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Keyring:
    """Every key a reader knows, found by number."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._by_kid: dict[int, list[Key]] = {}
        for key in keys:
            self._by_kid.setdefault(key.kid, []).append(key)

    @classmethod
    def from_json(cls, entries: Iterable[Mapping[str, Any]]) -> Keyring:
        """The `keys` of a ring; an entry that can't be read is left out, because a key that nobody knows is believed for nothing."""
        return cls(key for key in map(_read, entries) if key is not None)

    def judge(
        self, what: Signs, kid: int, signature: bytes, message: bytes, at: datetime, now: datetime
    ) -> Fault | None:
        """None when a key that may sign this made the signature `at` that time, else what is wrong."""
        known = [key for key in self._by_kid.get(kid, ()) if key.may_sign(what)]
        if not known:
            return Fault.KEY_NOT_FOR_THIS if kid in self._by_kid else Fault.KEY_UNKNOWN
        made = [key for key in known if key.made(signature, message)]
        if not made:
            return Fault.ALTERED
        if any(key.revoked_at is not None for key in made):
            return Fault.KEY_REVOKED
        return None if any(key.is_good(at, now) for key in made) else Fault.KEY_EXPIRED


def _read(entry: Mapping[str, Any]) -> Key | None:
    try:
        public = base64.b64decode(entry["public_key"], validate=True)
        if len(public) != 32 or entry.get("alg", "Ed25519") != "Ed25519":
            return None
        times = {name: _moment(entry.get(name)) for name in ("not_before", "not_after", "revoked_at")}
        owner, purpose, role = (str(entry.get(name, "")) for name in ("owner", "purpose", "role"))
        return Key(int(entry["kid"]), owner, purpose, public, role, **times)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at
