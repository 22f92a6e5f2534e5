"""Keys, a chip and a tag for the tests: everything fixed, so that the same bytes come out on every machine."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integrations.devices.tags.image import Image, encode, most_slots
from integrations.devices.tags.keyring import Keyring
from integrations.devices.tags.profiles import NTAG213, NTAG215, NTAG216, NTAG424, SLIX2, Profile
from integrations.devices.tags.reading import Reading, Situation, read
from integrations.devices.tags.sections import Base
from integrations.devices.tags.writing import add_fill, add_finding, issue

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
CODE = "37050200101000001"
URL = f"http://teshe.org.cn/L?id={CODE}"
UID, OTHER_UID = bytes.fromhex("04a1b2c3d4e580"), bytes.fromhex("04a1b2c3d4e581")
PLATFORM, DEVICE, INSPECTOR, REVOKED, EXPIRED, UNKNOWN = 32768, 5, 40001, 6, 7, 9
HF = (NTAG213, NTAG215, NTAG216, NTAG424, SLIX2)
SECRET_KID, SECRET_KEY = 26, bytes(range(16))
_PURPOSES = {
    PLATFORM: ("platform", "tag", ""),
    DEVICE: ("370502-001", "device", "filler"),
    INSPECTOR: ("authority-3705", "inspector", ""),
    REVOKED: ("370502-001", "device", "filler"),
    EXPIRED: ("370502-001", "device", "filler"),
}


def private(kid: int) -> Ed25519PrivateKey:
    """The test's private key of this number: its seed is the number, sixteen times over."""
    return Ed25519PrivateKey.from_private_bytes(kid.to_bytes(2, "big") * 16)


def entry(kid: int) -> dict[str, Any]:
    """The key as a ring tells it."""
    owner, purpose, role = _PURPOSES[kid]
    return {
        "kid": kid,
        "owner": owner,
        "purpose": purpose,
        "role": role,
        "alg": "Ed25519",
        "public_key": base64.b64encode(private(kid).public_key().public_bytes_raw()).decode(),
        "not_before": "2026-01-01T00:00:00.000Z",
        "not_after": "2026-05-01T00:00:00.000Z" if kid == EXPIRED else None,
        "revoked_at": "2026-04-01T00:00:00.000Z" if kid == REVOKED else None,
    }


RING = [entry(kid) for kid in _PURPOSES]
SITUATION = Situation(Keyring.from_json(RING), NOW, secrets={SECRET_KID: SECRET_KEY})


def base(seq: int = 1, kid: int = PLATFORM, code: str = CODE) -> Base:
    return Base(kid, code, date(2027, 5, 31), date(2034, 5, 31), 1, seq, NOW - timedelta(days=30), 14500)


def fresh(profile: Profile = NTAG216, seq: int = 1, uid: bytes = UID, slots: int | None = None) -> Image:
    """A tag as it is issued."""
    room = most_slots(profile, URL) if slots is None else slots
    return issue(base(seq), URL, uid, room, private(PLATFORM).sign)


def look(image: Image, uid: bytes = UID, about: Situation = SITUATION) -> Reading:
    return read(encode(image), uid, about)


def filled(image: Image, times: int = 1, kid: int = DEVICE) -> Image:
    for _ in range(times):
        reading = look(image)
        at = NOW - timedelta(days=20) + timedelta(hours=reading.seen.fill_seq if reading.seen else 0)
        image = add_fill(reading, UID, kid, at, 14480, 3, 17, private(kid).sign)
    return image


def found(
    image: Image, times: int = 1, kid: int = INSPECTOR, disposition: int = 1, hazard: int = 101
) -> Image:
    for _ in range(times):
        reading = look(image)
        at = NOW - timedelta(days=10) + timedelta(hours=len(reading.findings))
        image = add_finding(reading, UID, kid, at, hazard, disposition, private(kid).sign, synced=0xFFFF)
    return image


def full(profile: Profile = NTAG216) -> Image:
    """A tag with everything on it that its chip holds."""
    image = fresh(profile)
    image = filled(image, 3) if image.fills else image
    return found(image, len(image.findings) + 2) if image.findings else image
