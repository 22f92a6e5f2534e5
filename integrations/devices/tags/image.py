"""A tag's image: one NDEF message of the public address, the signed sections, and at most one private block."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from integrations.devices.tags import ndef
from integrations.devices.tags.ndef import CutShort, Malformed, Record
from integrations.devices.tags.profiles import Profile
from integrations.devices.tags.sections import (
    BASE,
    BASE_SIZE,
    FILL,
    FILL_KIND,
    FINDING,
    FINDING_KIND,
    SIGNATURE,
    SLOT,
)

TYPE = b"teshe.org.cn:q"
EMPTY_SLOT = bytes(SLOT)
MOST_SLOTS = 32
ADDRESS = re.compile(r"https?://[!-.0->@-~]{1,64}/[LQ]\?id=([0-9]{17})", re.ASCII)
WORD = b"QP1"


@dataclass(frozen=True, slots=True)
class Image:
    """What lies on a tag, not yet judged: `base` is 88 bytes, each slot 80, `private` any number or none."""

    url: str
    base: bytes
    slots: tuple[bytes, ...] = ()
    private: bytes | None = None

    @property
    def fills(self) -> tuple[bytes, ...]:
        """The slots of the last fill: none, one, or two that take turns."""
        return self.slots[: fill_slots(len(self.slots))]

    @property
    def findings(self) -> tuple[bytes, ...]:
        """The ring of findings."""
        return self.slots[fill_slots(len(self.slots)) :]

    @property
    def digest(self) -> bytes:
        """What binds fills and findings to this base: 8 bytes."""
        return sha256(self.base[: BASE.size]).digest()[:8]

    def with_slot(self, at: int, slot: bytes) -> Image:
        """The same with one slot replaced."""
        return replace(self, slots=(*self.slots[:at], slot, *self.slots[at + 1 :]))


def fill_slots(slots: int) -> int:
    """How many of the slots are for fills: from four slots on two, so that a torn write leaves the fill before."""
    return 0 if slots == 0 else 1 if slots < 4 else 2


def most_slots(profile: Profile, url: str, private: int | None = None) -> int:
    """How many slots fit beside this address and a private block of so many bytes; -1 when not even the base does."""
    for slots in range(MOST_SLOTS, -1, -1):
        tried = Image(
            url, bytes(BASE_SIZE), (EMPTY_SLOT,) * slots, None if private is None else bytes(private)
        )
        if len(encode(tried)) <= profile.capacity:
            return slots
    return -1


def encode(image: Image) -> bytes:
    """The message; raises ValueError when a part has the wrong size or the address is no cylinder's."""
    if len(image.base) != BASE_SIZE or any(len(slot) != SLOT for slot in image.slots):
        raise ValueError("a part has the wrong size")
    if len(image.slots) > MOST_SLOTS or not ADDRESS.fullmatch(image.url):
        raise ValueError("too many slots, or not a cylinder's address")
    tnf, kind = (ndef.EXTERNAL, TYPE) if image.slots else (ndef.UNKNOWN, b"")
    records = [ndef.url_record(image.url), Record(tnf, kind, image.base + b"".join(image.slots))]
    if image.private is not None:
        records.append(Record(ndef.UNKNOWN, b"", image.private))
    return ndef.build(records)


def decode(message: bytes) -> Image:
    """The image in a message; raises CutShort or Malformed, and nothing else. What it returns encodes to the same bytes."""
    records = ndef.parse(message)
    url = ndef.url_in(records[0])
    if url is None or not ADDRESS.fullmatch(url):
        raise Malformed("the first record is not a cylinder's address")
    if len(records) == 1:
        raise CutShort
    payload = records[1].payload
    slots, rest = divmod(len(payload) - BASE_SIZE, SLOT)
    if len(records) > 3 or rest or not 0 <= slots <= MOST_SLOTS:
        raise Malformed("not the records of a tag")
    cut = range(BASE_SIZE, len(payload), SLOT)
    image = Image(
        url,
        payload[:BASE_SIZE],
        tuple(payload[at : at + SLOT] for at in cut),
        records[2].payload if len(records) == 3 else None,
    )
    if encode(image) != message:
        raise Malformed("the records are spelled in another way")
    return image


def code_in(url: str) -> str:
    """The 17 digits of an image's address."""
    return url[-17:]


def base_message(uid: bytes, url: str, slots: int, section: bytes) -> bytes:
    """What the issuer signs: the chip, the address, the shape and the 24 bytes; only the last of them are stored in the base."""
    address = url.encode("ascii")
    return _head(section[0], uid) + bytes([slots, len(address)]) + address + section


def part_message(uid: bytes, digest: bytes, section: bytes) -> bytes:
    """What a device or an inspector signs of a fill or a finding: the chip, the base it belongs to, and the section."""
    return _head(section[0], uid) + digest + section


def _head(kind: int, uid: bytes) -> bytes:
    return WORD + bytes([kind, min(len(uid), 0xFF)]) + uid


def split_fill(slot: bytes) -> tuple[bytes, bytes] | None:
    """Section and signature of a fill's slot; None when it holds something else."""
    if slot[0] != FILL_KIND or slot[-1] != 0:
        return None
    return slot[: FILL.size], slot[FILL.size : FILL.size + SIGNATURE]


def split_finding(slot: bytes) -> tuple[bytes, bytes] | None:
    """Section and signature of a finding's slot; None when it holds something else."""
    return (slot[: FINDING.size], slot[FINDING.size :]) if slot[0] == FINDING_KIND else None
