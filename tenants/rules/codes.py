"""The code of a cylinder's label, in whatever form a reader delivers it.

A code has 17 digits: district 6 + enterprise 3 + medium 2 + serial 6. The 1-D bar code holds the last 11; then the site's own district is
put in front. The 2-D code holds the 17 inside a printed address, `…/Q?id=` (industrial) or `…/L?id=` (LPG). Nothing else is a code:
a text that is one digit short is refused and never padded, because a guess would name another cylinder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from tenants.rules.jsonable import Jsonable

LONG, SHORT, LONGEST_TEXT = 17, 11, 512
PRINTED_ORIGIN = "http://teshe.org.cn"
_STRAY = re.compile(r"[\s+;\x00-\x1f\x7f\ufeff\u200b-\u200f\u2028-\u202e\u2060]+")
_DIGITS = re.compile(r"[0-9]+")


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
    ScanProblem.TOO_LONG: ("内容过长,不是气瓶编码", "Too long for a cylinder code"),
    ScanProblem.NOT_DIGITS: ("编码只能是数字", "A code has digits only"),
    ScanProblem.WRONG_LENGTH: ("编码应为 17 位或 11 位数字", "A code has 17 or 11 digits"),
    ScanProblem.NEEDS_DISTRICT: (
        "11 位编码还需要所在区划的 6 位代码",
        "An 11-digit code needs the site's 6-digit district",
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
    """The code in a scanned text; `district` is put before a bare 11-digit code. Raises MalformedCode."""
    if len(text) > LONGEST_TEXT:
        raise MalformedCode(ScanProblem.TOO_LONG)
    plain = unicodedata.normalize("NFKC", text).strip()
    digits, family = _unwrap(plain) if _looks_like_address(plain) else (plain, None)
    digits = _STRAY.sub("", digits)
    if not digits:
        raise MalformedCode(ScanProblem.EMPTY)
    if not _DIGITS.fullmatch(digits):
        raise MalformedCode(ScanProblem.NOT_DIGITS)
    if len(digits) == LONG:
        return ScannedCode(digits, family)
    if len(digits) != SHORT:
        raise MalformedCode(ScanProblem.WRONG_LENGTH)
    if district is None or family is not None:
        raise MalformedCode(ScanProblem.NEEDS_DISTRICT)
    return ScannedCode(district + digits, family)


def _looks_like_address(text: str) -> bool:
    return "://" in text or "/" in text or "?" in text


def _unwrap(text: str) -> tuple[str, str]:
    """The `id` and the family of a printed address; the host is not looked at, because printed codes outlive hosts."""
    try:
        parts = urlsplit(_STRAY.sub("+", text) if "+" not in text else text)
    except ValueError:
        raise MalformedCode(ScanProblem.FOREIGN_ADDRESS) from None
    path = parts.path.rstrip("/")
    family = path.rpartition("/")[2].upper()
    if family not in ("Q", "L"):
        raise MalformedCode(ScanProblem.FOREIGN_ADDRESS)
    ids = parse_qs(parts.query.replace(";", "+"), keep_blank_values=True).get("id", [])
    if len(ids) != 1:
        raise MalformedCode(ScanProblem.EMPTY if not ids else ScanProblem.WRONG_LENGTH)
    return unquote(ids[0]), family


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
    """The 11-digit codes of a run, in order."""
    return (f"{enterprise}{medium_code}{serial:06d}" for serial in range(first, first + quantity))
