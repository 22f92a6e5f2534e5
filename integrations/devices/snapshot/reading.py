"""A snapshot as a device reads it: check the signature first, then the header, then the rows. Format: docs/snapshot-format.md."""

from __future__ import annotations

import json
import struct
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"QPSNAP1\n"
SIGNATURE = 64  # bytes at the end
_TYPES = {"u8": "B", "u16": "H", "u32": "I"}


class Unreadable(Exception):
    """This is no snapshot that may be used; keep the one you have."""


@dataclass(slots=True)
class Snapshot:
    """What a device holds: the newest header, rows by code, labels by chip."""

    header: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    chips: dict[str, str] = field(default_factory=dict)

    def find(self, code: str) -> dict[str, Any] | None:
        """The row of a label by its 17 digits."""
        return self.rows.get(code)

    def chips_of(self, row: dict[str, Any]) -> set[str]:
        """The chips on the same cylinder."""
        on = (row["on_head"], row["on_tail"])
        same = (self.rows[code] for code in self.chips.values() if code in self.rows)
        codes = {one["code"] for one in same if (one["on_head"], one["on_tail"]) == on}
        return {chip for chip, code in self.chips.items() if code in codes}


def read(
    file: bytes, holds: Callable[[int, bytes, bytes], bool], held: Snapshot | None = None, tenant: str = ""
) -> Snapshot:
    """The snapshot in a file, built on the one held; `holds(kid, signature, message)` asks the key ring. Raises Unreadable."""
    header, body = _opened(file, holds)
    base = held if held is not None else Snapshot()
    if tenant and header["tenant"] != tenant:
        raise Unreadable("another enterprise's")
    if base.header and header["issued_at"] < base.header["issued_at"]:
        raise Unreadable("older than what is held")
    if header["since"] is None:
        base = Snapshot()
    elif header["since"] != base.header.get("version"):
        raise Unreadable("not built on what is held")
    columns = {column["name"]: _column(column, body) for column in header["columns"]}
    rows = _rows(columns)
    chips = {chip: code for chip, code in base.chips.items() if code not in rows}
    return Snapshot(header, {**base.rows, **rows}, {**chips, **_chips(columns)})


def _opened(file: bytes, holds: Callable[[int, bytes, bytes], bool]) -> tuple[dict[str, Any], bytes]:
    signed, signature = file[:-SIGNATURE], file[-SIGNATURE:]
    if not signed.startswith(MAGIC) or len(signed) < 12:
        raise Unreadable("no snapshot")
    (length,) = struct.unpack_from("<I", signed, 8)
    try:
        header = json.loads(signed[12 : 12 + length])
    except ValueError:
        raise Unreadable("no header") from None
    if not holds(header["kid"], signature, signed):
        raise Unreadable("the signature doesn't hold")
    if header["format"] != 1:
        raise Unreadable("a format that isn't known here")
    return header, signed[12 + length :]


def _column(column: dict[str, Any], body: bytes) -> list[Any]:
    at, count, kind = column["offset"], column["count"], column["type"]
    if kind in _TYPES:
        return list(struct.unpack_from(f"<{count}{_TYPES[kind]}", body, at))
    if kind == "bytes16":
        return [body[at + 16 * i : at + 16 * i + 16] for i in range(count)]
    ends = struct.unpack_from(f"<{count + 1}I", body, at)
    text = at + 4 * (count + 1)
    return [body[text + ends[i] : text + ends[i + 1]].decode() for i in range(count)]


def _rows(columns: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    names = [name for name in columns if not name.startswith("chip")]
    rows = (
        dict(zip(names, values, strict=True))
        for values in zip(*(columns[name] for name in names), strict=True)
    )
    return {code: {**row, "code": code} for row in rows for code in (code_of(row["head"], row["tail"]),)}


def _chips(columns: dict[str, list[Any]]) -> dict[str, str]:
    named = zip(columns["chip"], columns["chip_len"], columns["chip_head"], columns["chip_tail"], strict=True)
    return {chip[:length].hex().upper(): code_of(head, tail) for chip, length, head, tail in named}


def code_of(head: int, tail: int) -> str:
    """The 17 digits."""
    return f"{head:09d}{tail:08d}"


def place_of(heads: list[int], tails: list[int], code: str) -> int | None:
    """Where a code stands among sorted columns, for whoever keeps them as they came."""
    wanted = (int(code[:9]), int(code[9:]))
    at = bisect_left(range(len(heads)), wanted, key=lambda i: (heads[i], tails[i]))
    return at if at < len(heads) and (heads[at], tails[at]) == wanted else None
