"""NDEF messages, as far as QP1 needs them: records to bytes and back. The spelling is the one that Android and Blink write."""

from __future__ import annotations

from dataclasses import dataclass

WELL_KNOWN, EXTERNAL, UNKNOWN = 1, 4, 5
BEGIN, END, CHUNKED, SHORT, HAS_ID = 0x80, 0x40, 0x20, 0x10, 0x08
SCHEMES = {3: "http://", 4: "https://"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record: kind of type, type, payload."""

    tnf: int
    type: bytes
    payload: bytes


class CutShort(ValueError):
    """The bytes end inside a record."""


class Malformed(ValueError):
    """The bytes are no message that QP1 knows."""


def build(records: list[Record]) -> bytes:
    """The message of these records."""
    last = len(records) - 1
    return b"".join(_record(record, at == 0, at == last) for at, record in enumerate(records))


def _record(record: Record, first: bool, last: bool) -> bytes:
    short = len(record.payload) < 256
    flags = record.tnf | (BEGIN if first else 0) | (END if last else 0) | (SHORT if short else 0)
    length = len(record.payload).to_bytes(1 if short else 4, "big")
    return bytes([flags, len(record.type)]) + length + record.type + record.payload


def parse(message: bytes) -> list[Record]:
    """The records of a message; raises CutShort or Malformed. Spelling is not judged: build it again and compare."""
    records, at, ended = [], 0, False
    while at < len(message) and not ended:
        flags = message[at]
        if flags & (CHUNKED | HAS_ID) or bool(flags & BEGIN) != (at == 0):
            raise Malformed("not a plain record")
        size = 1 if flags & SHORT else 4
        start = at + 2 + size
        if start > len(message):
            raise CutShort
        names = start + message[at + 1]
        at = names + int.from_bytes(message[at + 2 : start], "big")
        if at > len(message):
            raise CutShort
        records.append(Record(flags & 7, message[start:names], message[names:at]))
        ended = bool(flags & END)
    if not ended:
        raise CutShort
    if at < len(message):
        raise Malformed("something follows the last record")
    return records


def url_record(url: str) -> Record:
    """The record that any phone opens; raises ValueError for anything but http and https."""
    for number, scheme in SCHEMES.items():
        if url.startswith(scheme):
            return Record(WELL_KNOWN, b"U", bytes([number]) + url[len(scheme) :].encode("ascii"))
    raise ValueError("an address begins with http:// or https://")


def url_in(record: Record) -> str | None:
    """The address in a record, or None."""
    payload = record.payload
    if record.tnf != WELL_KNOWN or record.type != b"U" or not payload or payload[0] not in SCHEMES:
        return None
    return SCHEMES[payload[0]] + payload[1:].decode("ascii") if payload.isascii() else None
