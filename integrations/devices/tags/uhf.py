"""The UHF variant: 50 of 64 bytes of a Gen2 user bank, with a MAC instead of signatures. A hint for gates, never a proof for people.

The code stands in the EPC bank, the chip's number is its TID. Whoever can check the MAC can also make it; so the key stays on servers and
fixed readers, and a handheld shows the fields as not checked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.hazmat.primitives import cmac, constant_time
from cryptography.hazmat.primitives.ciphers.algorithms import AES128

from integrations.devices.tags.flaws import Fault
from integrations.devices.tags.image import WORD
from integrations.devices.tags.sections import day, days, digits, minute, minutes, tens

KIND = 0x12  # version 1, AES-CMAC
HEAD, LAST_FILL, FOUND = struct.Struct(">BHHHBHH"), struct.Struct(">HIH"), struct.Struct(">HIHB")
FINDINGS, MAC = 2, 12
BODY = HEAD.size + LAST_FILL.size + FINDINGS * FOUND.size  # 38
SIZE = BODY + MAC  # 50


@dataclass(frozen=True, slots=True)
class UhfFill:
    """The last fill: number, minute, net mass."""

    seq: int
    filled_at: datetime
    net_g: int


@dataclass(frozen=True, slots=True)
class UhfFinding:
    """A finding: number, minute, hazard, disposition."""

    seq: int
    found_at: datetime
    hazard: int
    disposition: int


@dataclass(frozen=True, slots=True)
class UhfTag:
    """What the bank says; at most two findings, the newest first."""

    kid: int
    due_on: date | None
    scrap_on: date | None
    status: int
    seq: int
    max_fill_g: int | None
    fill: UhfFill | None = None
    findings: tuple[UhfFinding, ...] = ()


def encode(tag: UhfTag, code: str, tid: bytes, key: bytes) -> bytes:
    """The bank's 50 bytes; raises ValueError when a field doesn't fit."""
    if len(tag.findings) > FINDINGS:
        raise ValueError("two findings at most")
    try:
        body = _body(tag)
    except struct.error as error:
        raise ValueError(f"a field doesn't fit: {error}") from None
    return body + _mac(body, code, tid, key)


def decode(bank: bytes, code: str, tid: bytes, keys: dict[int, bytes]) -> tuple[UhfTag | None, Fault | None]:
    """What the bank says and what is wrong with it; with NOT_CHECKED or KEY_UNKNOWN the fields are a claim. Never raises on any bytes."""
    if not bank.strip(b"\0"):
        return None, Fault.EMPTY
    if len(bank) < SIZE:
        return None, Fault.CUT_SHORT
    if bank[0] != KIND:
        return None, Fault.UNKNOWN_VERSION
    if bank[SIZE:].strip(b"\0"):
        return None, Fault.MALFORMED
    tag = _tag(bank)
    if not keys or tag.kid not in keys:
        return tag, Fault.KEY_UNKNOWN if keys else Fault.NOT_CHECKED
    try:
        made = _mac(bank[:BODY], code, tid, keys[tag.kid])
    except ValueError:
        return None, Fault.CODE_MISMATCH
    return (tag, None) if constant_time.bytes_eq(made, bank[BODY:SIZE]) else (None, Fault.ALTERED)


def _body(tag: UhfTag) -> bytes:
    head = HEAD.pack(
        KIND, tag.kid, days(tag.due_on), days(tag.scrap_on), tag.status, tag.seq, tens(tag.max_fill_g)
    )
    fill = tag.fill
    last = (
        LAST_FILL.pack(fill.seq, minutes(fill.filled_at), tens(fill.net_g)) if fill else bytes(LAST_FILL.size)
    )
    found = b"".join(
        FOUND.pack(each.seq, minutes(each.found_at), each.hazard, each.disposition) for each in tag.findings
    )
    return head + last + found.ljust(FINDINGS * FOUND.size, b"\0")


def _tag(bank: bytes) -> UhfTag:
    _, kid, due, scrap, status, seq, most = HEAD.unpack_from(bank)
    number, at, net = LAST_FILL.unpack_from(bank, HEAD.size)
    start = HEAD.size + LAST_FILL.size
    found = (FOUND.unpack_from(bank, start + at_ * FOUND.size) for at_ in range(FINDINGS))
    return UhfTag(
        kid, day(due), day(scrap), status, seq, most * 10 or None,
        UhfFill(number, minute(at), net * 10) if number else None,
        tuple(UhfFinding(each[0], minute(each[1]), each[2], each[3]) for each in found if each[0]),
    )  # fmt: skip


def _mac(body: bytes, code: str, tid: bytes, key: bytes) -> bytes:
    made = cmac.CMAC(AES128(key))
    made.update(WORD + bytes([KIND, min(len(tid), 0xFF)]) + tid + digits(code).to_bytes(8, "big") + body)
    return made.finalize()[:MAC]
