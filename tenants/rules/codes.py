"""The code of a cylinder's label, in whatever form a reader delivers it.

A code has 17 digits: district 6 + enterprise 3 + medium 2 + serial 6. The 1-D bar code holds the last 11; then the site's own district is
put in front. The 2-D code holds the 17 inside a printed address, `…/Q?id=` (industrial) or `…/L?id=` (LPG). Nothing else is a code:
a text that is one digit short is refused and never padded, because a guess would name another cylinder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote

from tenants.rules.jsonable import Jsonable

LONG, SHORT, LONGEST_TEXT, LAST_SERIAL = 17, 11, 512, 999_999
PRINTED_ORIGIN = "http://teshe.org.cn"
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20
}  # full-width signs, and nothing else
_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_STRAY = re.compile(r"[+;]+")
_DIGITS = re.compile(r"[0-9]+")
_DISTRICT = re.compile(r"[0-9]{6}")
_ADDRESS = re.compile(r"(?:(?:https?:)?//)?(?:[^/?#]*/)?([QL])/?(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)


class ScanProblem(StrEnum):
    """Why a text is no code."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    NEEDS_DISTRICT = "needs_district"
    FOREIGN_ADDRESS = "foreign_address"


SENTENCES: dict[ScanProblem, tuple[str, str]] = {
    ScanProblem.EMPTY: ("没有读到编码", "No code was read"),
    ScanProblem.TOO_LONG: ("内容过长，不是气瓶编码", "Too long for a cylinder code"),
    ScanProblem.NOT_DIGITS: ("编码只能是数字", "A code has digits only"),
    ScanProblem.WRONG_LENGTH: ("编码应为 17 位或 11 位数字", "A code has 17 or 11 digits"),
    ScanProblem.NEEDS_DISTRICT: (
        "11 位编码缺少 6 位区划代码，请扫 17 位编码",
        "An 11-digit code lacks its 6-digit district; scan the 17-digit code",
    ),
    ScanProblem.FOREIGN_ADDRESS: (
        "扫到的网址不是气瓶查询地址",
        "The scanned address is not a cylinder lookup",
    ),
}


class MalformedCode(ValueError):
    """The text is no code; `reason` says why, `zh` and `en` say it to people."""

    def __init__(self, reason: ScanProblem) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.zh, self.en = SENTENCES[reason]


@dataclass(frozen=True, slots=True)
class ScannedCode(Jsonable):
    """A well-formed code; `family` is Q (industrial) or L (LPG) where the printed address said so."""

    code: str
    family: str | None = None

    @property
    def district(self) -> str:
        """The 6 digits of the registering district."""
        return self.code[:6]

    @property
    def enterprise(self) -> str:
        """The 3 digits of the enterprise within its district."""
        return self.code[6:9]

    @property
    def medium_code(self) -> str:
        """The 2 digits of the medium, by the enterprise's own table."""
        return self.code[9:11]

    @property
    def serial(self) -> str:
        """The 6 digits of the serial number."""
        return self.code[11:]


def parse_scan(text: str, district: str | None = None) -> ScannedCode:
    """The code in a scanned text; `district` (6 digits) is put before a bare 11-digit code. Raises MalformedCode and nothing else."""
    if len(text) > LONGEST_TEXT:
        raise MalformedCode(ScanProblem.TOO_LONG)
    plain = _plain(text)
    held, family = _unwrap(plain) if "/" in plain or "?" in plain else (plain, None)
    digits = _STRAY.sub("", _plain(unquote(held)))
    if not digits:
        raise MalformedCode(ScanProblem.EMPTY)
    if not _DIGITS.fullmatch(digits):
        raise MalformedCode(ScanProblem.NOT_DIGITS)
    if len(digits) == LONG:
        return ScannedCode(digits, family)
    if len(digits) != SHORT:
        raise MalformedCode(ScanProblem.WRONG_LENGTH)
    if family is not None or district is None or not _DISTRICT.fullmatch(district):
        raise MalformedCode(ScanProblem.NEEDS_DISTRICT)
    return ScannedCode(district + digits)


def _plain(text: str) -> str:
    """Full-width signs made narrow, blanks and invisible signs gone."""
    return _INVISIBLE.sub("", text.translate(_NARROW))


def _unwrap(text: str) -> tuple[str, str]:
    """The `id` and the family of a printed address; the host is not looked at, because printed codes outlive hosts."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise MalformedCode(ScanProblem.FOREIGN_ADDRESS)
    fields = parse_qsl((found[2] or "").replace(";", "+"), keep_blank_values=True)
    ids = [value for name, value in fields if name.lower() == "id"]
    if len(ids) != 1:
        raise MalformedCode(ScanProblem.WRONG_LENGTH if ids else ScanProblem.EMPTY)
    return ids[0], found[1].upper()


def printed_url(code: str, family: str, origin: str = PRINTED_ORIGIN) -> str:
    """The address in the 2-D code; the plain-http form is permanent."""
    return f"{origin}/{family}?id={code}"


def one_dimensional(code: str) -> str:
    """What the 1-D bar code holds: the last 11 digits."""
    return code[-SHORT:]


def grouped(code: str) -> str:
    """The code in groups for people to read: 370502 001 01 000001."""
    return f"{code[:6]} {code[6:9]} {code[9:11]} {code[11:]}"


def label_range(enterprise: str, medium_code: str, first: int, quantity: int) -> Iterator[str]:
    """The 11-digit codes of a run, in order; raises ValueError when one of them would not be a code."""
    head, last = f"{enterprise}{medium_code}", first + quantity - 1
    if len(enterprise) != 3 or len(head) != 5 or not _DIGITS.fullmatch(head):
        raise ValueError("an enterprise has 3 digits and a medium 2")
    if first < 1 or quantity < 1 or last > LAST_SERIAL:
        raise ValueError(f"serial numbers go from 1 to {LAST_SERIAL}")
    return (f"{head}{serial:06d}" for serial in range(first, last + 1))
