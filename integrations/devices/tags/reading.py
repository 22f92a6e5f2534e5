"""What a tag says, and whether each part holds. `read` never raises, whatever the bytes are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from integrations.devices.tags import private
from integrations.devices.tags.chain import FindingRead, read_findings, standing
from integrations.devices.tags.flaws import Fault, Flaw, Gravity, Part
from integrations.devices.tags.image import (
    EMPTY_SLOT,
    Image,
    base_message,
    code_in,
    decode,
    part_message,
    split_fill,
)
from integrations.devices.tags.keyring import Keyring, Signs
from integrations.devices.tags.ndef import CutShort, Malformed
from integrations.devices.tags.sections import BASE, VERSION, Base, Fill, Finding, mark, marked


class Verdict(StrEnum):
    """In one word: believe it; believe what could be checked; believe the rest and write the tag again; don't believe it."""

    HOLDS = "holds"
    UNSURE = "unsure"
    REPAIR = "repair"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Known:
    """The newest that this reader has seen of a chip, itself or from the server; `digest` is that base's, hex."""

    base_seq: int = 0
    fill_seq: int = 0
    finding_seq: int = 0
    digest: str = ""
    counter: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What a reader has besides the bytes: keys, the time, what it knew, the chip's own counter, keys of private blocks by number."""

    keys: Keyring
    now: datetime
    known: Known | None = None
    counter: int | None = None
    secrets: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tag says. A part that is None is not there or not believed; `flaws` names everything that is wrong, and `seen` is what
    a reader remembers of the tag, once its verdict isn't `refused`."""

    flaws: tuple[Flaw, ...]
    url: str | None = None
    base: Base | None = None
    fill: Fill | None = None
    findings: tuple[FindingRead, ...] = ()
    secret: bytes | None = None
    image: Image | None = None
    seen: Known | None = None

    @property
    def verdict(self) -> Verdict:
        """The gravest flaw, in one word."""
        worst = max((flaw.gravity for flaw in self.flaws), default=Gravity.NOTE)
        return tuple(Verdict)[worst]

    @property
    def standing(self) -> Finding | None:
        """The non-conforming finding that still stands, if any."""
        return standing(self.findings)


def read(message: bytes, uid: bytes, about: Situation) -> Reading:
    """What the message on the chip `uid` says, and whether it holds."""
    if not message.strip(b"\0"):
        return Reading((Flaw(Part.MESSAGE, Fault.EMPTY),))
    try:
        image = decode(message)
    except CutShort:
        return Reading((Flaw(Part.MESSAGE, Fault.CUT_SHORT),))
    except Malformed:
        return Reading((Flaw(Part.MESSAGE, Fault.MALFORMED),))
    base, flaws = _base(image, uid, about)
    if base is None:
        return Reading(flaws, image.url, image=image)
    fill, fill_seq, of_fill = _fill(image, uid, about)
    findings, of_findings = read_findings(image, lambda *parts: _finding(image, uid, about, *parts))
    secret, of_secret = _private(image, uid, about)
    newest = findings[-1].finding.seq if findings else 0
    seen = Known(base.seq, fill_seq, newest, image.digest.hex(), about.counter)
    everything = (*flaws, *_older(seen, about.known), *of_fill, *of_findings, *of_secret)
    return Reading(everything, image.url, base, fill, findings, secret, image, seen)


def _base(image: Image, uid: bytes, about: Situation) -> tuple[Base | None, tuple[Flaw, ...]]:
    section, signature = image.base[: BASE.size], image.base[BASE.size :]
    if section[0] >> 4 != VERSION or section[0] & 0xF:
        return None, (Flaw(Part.BASE, Fault.UNKNOWN_VERSION),)
    base = Base.unpack(section)
    if base is None:
        return None, (Flaw(Part.BASE, Fault.ALTERED),)
    message = base_message(uid, image.url, len(image.slots), section)
    fault = about.keys.judge(Signs.BASE, base.kid, signature, message, base.issued_at, about.now)
    if fault is Fault.ALTERED and marked(section) != mark(uid):
        fault = Fault.FOREIGN_CHIP
    if fault is Fault.ALTERED and code_in(image.url) != base.code:
        fault = Fault.CODE_MISMATCH
    if fault is not None:
        return None, (Flaw(Part.BASE, fault),)
    if code_in(image.url) != base.code:  # signed so by an issuer that made a mistake
        return None, (Flaw(Part.URL, Fault.CODE_MISMATCH),)
    return base, ()


def _fill(image: Image, uid: bytes, about: Situation) -> tuple[Fill | None, int, tuple[Flaw, ...]]:
    """The newest fill that holds, the highest number that any claims, and what is wrong with the slots."""
    good, claims, faults = list[Fill](), [0], dict[int, Fault]()
    for at, slot in enumerate(image.fills):
        if slot == EMPTY_SLOT:
            continue
        fill, fault = _fill_in(image, uid, about, at)
        if fault is not None:
            faults[at] = fault
        elif fill is not None:
            good.append(fill)
        if fill is not None and fault is not Fault.ALTERED:
            claims.append(fill.seq)
    newest = max(good, key=lambda fill: fill.seq, default=None)
    return newest, max(claims), _of_fills(image, good, faults)


def _fill_in(image: Image, uid: bytes, about: Situation, at: int) -> tuple[Fill | None, Fault | None]:
    parts = split_fill(image.fills[at])
    if parts is None:
        return None, Fault.ALTERED
    fill = Fill.unpack(parts[0])
    message = part_message(uid, image.digest, parts[0])
    fault = about.keys.judge(Signs.FILL, fill.kid, parts[1], message, fill.filled_at, about.now)
    misplaced = not fill.seq or fill.seq % len(image.fills) != at
    return fill, fault or (Fault.CHAIN_REORDERED if misplaced else None)


def _of_fills(image: Image, good: list[Fill], faults: dict[int, Fault]) -> tuple[Flaw, ...]:
    size, seqs = len(image.fills), sorted(fill.seq for fill in good)
    due = ((seqs[-1] if seqs else 0) + 1) % size if size else 0  # the slot that the next fill goes to
    flaws = [
        Flaw(Part.FILL, Fault.TORN if fault is Fault.ALTERED and at == due else fault, at)
        for at, fault in faults.items()
    ]
    missing = (len(seqs) == 2 and seqs[1] - seqs[0] != 1) or (len(seqs) == 1 < seqs[0] and size == 2)
    if missing and not flaws:
        flaws.append(Flaw(Part.FILL, Fault.CHAIN_DROPPED, seqs[-1] - 1))
    return tuple(flaws)


def _finding(
    image: Image, uid: bytes, about: Situation, section: bytes, signature: bytes, finding: Finding
) -> Fault | None:
    message = part_message(uid, image.digest, section)
    return about.keys.judge(Signs.FINDING, finding.kid, signature, message, finding.found_at, about.now)


def _private(image: Image, uid: bytes, about: Situation) -> tuple[bytes | None, tuple[Flaw, ...]]:
    if image.private is None:
        return None, ()
    opened = private.unseal(image.private, uid, image.digest, about.secrets)
    return (None, (Flaw(Part.PRIVATE, opened),)) if isinstance(opened, Fault) else (opened, ())


def _older(seen: Known, known: Known | None) -> tuple[Flaw, ...]:
    """Whether this reader has seen a newer content of this chip."""
    if known is None:
        return ()
    flaws = []
    if known.counter is not None and seen.counter is not None and seen.counter < known.counter:
        flaws.append(Flaw(Part.COUNTER, Fault.COUNTER_BACK, seen.counter))
    if seen.base_seq < known.base_seq:
        return (*flaws, Flaw(Part.BASE, Fault.ROLLED_BACK, seen.base_seq))
    if seen.base_seq > known.base_seq:
        return tuple(flaws)
    if known.digest and known.digest != seen.digest:
        return (*flaws, Flaw(Part.BASE, Fault.FORKED, seen.base_seq))
    if seen.fill_seq < known.fill_seq:
        flaws.append(Flaw(Part.FILL, Fault.ROLLED_BACK, seen.fill_seq))
    if seen.finding_seq < known.finding_seq:
        flaws.append(Flaw(Part.FINDINGS, Fault.ROLLED_BACK, seen.finding_seq))
    return tuple(flaws)
