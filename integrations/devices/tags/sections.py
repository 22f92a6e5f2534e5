"""The fields of a tag: base, last fill and finding, each to its bytes and back. Big-endian; times are whole minutes, masses 10 g."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from hashlib import sha256

VERSION, ED25519 = 1, 0
BASE_KIND, FILL_KIND, FINDING_KIND, PRIVATE_KIND = (
    0x10,
    0x20,
    0x30,
    0x40,
)  # high nibble; the low one is the algorithm
SIGNATURE = 64
BASE, FILL, FINDING = struct.Struct(">BHQHHBHIH"), struct.Struct(">BHHIHHH"), struct.Struct(">BHHIHB4s")
BASE_SIZE, SLOT = (
    BASE.size + SIGNATURE,
    FINDING.size + SIGNATURE,
)  # 88 and 80; a fill's slot has one byte to spare
CODE_BITS = 57  # 17 digits; the 7 bits above hold the chip's mark
DAYS, MINUTES = date(2000, 1, 1), datetime(2020, 1, 1, tzinfo=UTC)
LARGEST_SEQ = 0xFFFF


class Status(IntEnum):
    """What the base says of the cylinder; a value that isn't listed means: not in use."""

    IN_USE = 1
    SUSPENDED = 2
    CANCELLED = 3
    SCRAPPED = 4


class Disposition(IntEnum):
    """What an inspector decided; RECTIFY and STOP are non-conforming until a later finding lifts them."""

    NOTED = 1
    RECTIFY = 2
    STOP = 3
    LIFTED = 4


@dataclass(frozen=True, slots=True)
class Base:
    """What the issuer signs: which cylinder, until when, in what state. `None` is stored as nought."""

    kid: int
    code: str
    due_on: date | None
    scrap_on: date | None
    status: int
    seq: int
    issued_at: datetime
    max_fill_g: int | None

    def pack(self, uid: bytes) -> bytes:
        """24 bytes; raises ValueError when a field doesn't fit."""
        code = digits(self.code) | mark(uid) << CODE_BITS
        fields = (
            VERSION << 4 | ED25519, self.kid, code, days(self.due_on), days(self.scrap_on), self.status, self.seq,
            minutes(self.issued_at), tens(self.max_fill_g),
        )  # fmt: skip
        return _packed(BASE, *fields)

    @classmethod
    def unpack(cls, section: bytes) -> Base | None:
        """The base in 24 bytes; None when its number has more than 17 digits."""
        _, kid, code, due, scrap, status, seq, issued, most = BASE.unpack(section)
        number = code & (1 << CODE_BITS) - 1
        if number >= 10**17:
            return None
        return cls(
            kid, f"{number:017d}", day(due), day(scrap), status, seq, minute(issued), most * 10 or None
        )


@dataclass(frozen=True, slots=True)
class Fill:
    """What the filling device signs of the last fill; station and operator are the enterprise's own small numbers."""

    kid: int
    seq: int
    filled_at: datetime
    net_g: int
    station: int
    operator: int

    def pack(self) -> bytes:
        """15 bytes; raises ValueError when a field doesn't fit."""
        fields = (self.kid, self.seq, minutes(self.filled_at), tens(self.net_g), self.station, self.operator)
        return _packed(FILL, FILL_KIND, *fields)

    @classmethod
    def unpack(cls, section: bytes) -> Fill:
        """The fill in 15 bytes."""
        _, kid, seq, at, net, station, operator = FILL.unpack(section)
        return cls(kid, seq, minute(at), net * 10, station, operator)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an inspector signs; `previous` begins the SHA-256 of the slot before it, or of the base for the first."""

    kid: int
    seq: int
    found_at: datetime
    hazard: int
    disposition: int
    previous: bytes

    def pack(self) -> bytes:
        """16 bytes; raises ValueError when a field doesn't fit."""
        fields = (self.kid, self.seq, minutes(self.found_at), self.hazard, self.disposition, self.previous)
        return _packed(FINDING, FINDING_KIND, *fields)

    @classmethod
    def unpack(cls, section: bytes) -> Finding:
        """The finding in 16 bytes."""
        _, kid, seq, at, hazard, disposition, previous = FINDING.unpack(section)
        return cls(kid, seq, minute(at), hazard, disposition, previous)


def mark(uid: bytes) -> int:
    """Seven bits of the chip's number, so that a reader can tell a copy on another chip from damage."""
    return sha256(uid).digest()[0] >> 1


def marked(section: bytes) -> int:
    """The mark in a base."""
    return int(BASE.unpack(section)[2]) >> CODE_BITS


def digits(code: str) -> int:
    """The number of a 17-digit code; raises ValueError."""
    if len(code) != 17 or not code.isascii() or not code.isdigit():
        raise ValueError("a code has 17 digits")
    return int(code)


def days(on: date | None) -> int:
    """Days since 2000-01-01; nought for no date."""
    return 0 if on is None else (on - DAYS).days


def day(count: int) -> date | None:
    """The date of a count of days."""
    return DAYS + timedelta(days=count) if count else None


def minutes(at: datetime) -> int:
    """Whole minutes since 2020-01-01 UTC."""
    return int((at - MINUTES) // timedelta(minutes=1))


def minute(count: int) -> datetime:
    """The moment of a count of minutes; 2^32 of them reach the year 10186, which no calendar here has, so the last one stands for all."""
    return MINUTES + timedelta(minutes=min(count, LAST_MINUTE))


def tens(grams: int | None) -> int:
    """Units of 10 g, rounded to the nearest."""
    return ((grams or 0) + 5) // 10


def _packed(layout: struct.Struct, *fields: object) -> bytes:
    try:
        return layout.pack(*fields)
    except struct.error as error:
        raise ValueError(f"a field doesn't fit: {error}") from None


LAST_MINUTE = minutes(datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
