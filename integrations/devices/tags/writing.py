"""What goes onto a tag next: a new base, the next fill, the next finding, each as a whole new image for `plans.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from integrations.devices.tags.chain import link
from integrations.devices.tags.image import EMPTY_SLOT, Image, base_message, fill_slots, part_message
from integrations.devices.tags.reading import Reading, Verdict
from integrations.devices.tags.sections import LARGEST_SEQ, SLOT, Base, Fill, Finding

Signer = Callable[[bytes], bytes]  # a message to its 64 bytes


class Refused(StrEnum):
    """Why nothing may be written onto this tag as it is."""

    NOT_BELIEVED = "not_believed"
    NO_ROOM = "no_room"
    NOT_SYNCED = "not_synced"
    STILL_STANDING = "still_standing"
    NUMBERS_USED_UP = "numbers_used_up"


class CannotWrite(ValueError):
    """The tag stays as it is; `reason` says why."""

    def __init__(self, reason: Refused) -> None:
        super().__init__(reason.value)
        self.reason = reason


def issue(base: Base, url: str, uid: bytes, slots: int, sign: Signer) -> Image:
    """A freshly signed tag with empty slots; fills and findings of an earlier base are not carried over."""
    section = base.pack(uid)
    signature = sign(base_message(uid, url, slots, section))
    return Image(url, section + signature, (EMPTY_SLOT,) * slots)


def add_fill(
    reading: Reading,
    uid: bytes,
    kid: int,
    at: datetime,
    net_g: int,
    station: int,
    operator: int,
    sign: Signer,
) -> Image:
    """The image with the next fill in the slot of the older one; raises CannotWrite."""
    image = _believed(reading)
    size = fill_slots(len(image.slots))
    if not size:
        raise CannotWrite(Refused.NO_ROOM)
    seq = _next(reading.seen.fill_seq if reading.seen else 0)
    section = Fill(kid, seq, at, net_g, station, operator).pack()
    slot = section + sign(part_message(uid, image.digest, section))
    return image.with_slot(seq % size, slot.ljust(SLOT, b"\0"))


def add_finding(
    reading: Reading,
    uid: bytes,
    kid: int,
    at: datetime,
    hazard: int,
    disposition: int,
    sign: Signer,
    synced: int = 0,
) -> Image:
    """The image with the next finding; raises CannotWrite.

    `synced` is the number up to which the server has confirmed to have the findings: what only the tag has is never overwritten,
    nor the finding that still stands against the cylinder, unless this one is as grave or lifts it.
    """
    image = _believed(reading)
    ring, seq = image.findings, _next(reading.findings[-1].finding.seq if reading.findings else 0)
    if not ring:
        raise CannotWrite(Refused.NO_ROOM)
    last = next((image.findings[each.slot] for each in reading.findings if each.finding.seq == seq - 1), None)
    section = Finding(kid, seq, at, hazard, disposition, link(last, image)).pack()
    _check_overwritten(reading, seq - len(ring), disposition, synced)
    slot = section + sign(part_message(uid, image.digest, section))
    return image.with_slot(fill_slots(len(image.slots)) + seq % len(ring), slot)


def _check_overwritten(reading: Reading, seq: int, disposition: int, synced: int) -> None:
    if seq < 1 or all(each.finding.seq != seq for each in reading.findings):
        return
    if seq > synced:
        raise CannotWrite(Refused.NOT_SYNCED)
    standing = reading.standing
    if standing is not None and standing.seq == seq and disposition <= 1:
        raise CannotWrite(Refused.STILL_STANDING)


def _believed(reading: Reading) -> Image:
    if reading.image is None or reading.base is None or reading.verdict is Verdict.REFUSED:
        raise CannotWrite(Refused.NOT_BELIEVED)
    return reading.image


def _next(seq: int) -> int:
    if seq >= LARGEST_SEQ:
        raise CannotWrite(Refused.NUMBERS_USED_UP)
    return seq + 1
