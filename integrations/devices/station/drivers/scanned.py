"""Bytes or keys from a reader → tags. A label goes to the portal as it was read; here only a chip's number is told from a label's text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from integrations.devices.station.seen import Tag

LONGEST = 512  # characters of a label
_UID = re.compile(r"(?:[0-9A-Fa-f]{2}[ :-]?){3,31}[0-9A-Fa-f]{2}")
_ONLY_DIGITS = re.compile(r"[0-9]{1,17}")
_BOTH = re.compile(r"([^,;\t ]+)[,;\t ]+([^,;\t ]+)")


def tag_of(line: str, what: str = "auto") -> Tag | None:
    """The tag in a line; `what` is label, uid or auto (label and chip may stand in one line). None for an empty one."""
    text = unicodedata.normalize("NFKC", line).replace("\t", " ").strip("\x00\x02\x03\r\n\t ;")
    if not text or len(text) > LONGEST or not text.isprintable():
        return None
    if what == "label":
        return Tag(label=text)
    if what == "uid":
        return Tag(uid=_uid(text)) if _uid(text) else None
    pair = _BOTH.fullmatch(text)
    if pair and "?" not in text and (uid := _uid(pair[1]) or _uid(pair[2])):
        return Tag(label=pair[2] if _uid(pair[1]) else pair[1], uid=uid)
    return Tag(uid=_uid(text)) if _uid(text) else Tag(label=text)


def _uid(text: str) -> str | None:
    """Hex of 4 to 32 bytes with a letter in it, or of a chip's usual length; seventeen or eleven digits are a label."""
    plain = re.sub(r"[ :-]", "", text).upper()
    if not _UID.fullmatch(text) or (_ONLY_DIGITS.fullmatch(plain) and len(plain) not in (8, 14, 16)):
        return None
    return plain


class Lines:
    """Text in pieces of any size, ended by CR, LF or both."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[str]:
        """The lines that are whole now; one that never ends is dropped."""
        self._buffer += piece
        while found := re.search(rb"[\r\n\x03]", self._buffer):
            line = bytes(self._buffer[: found.start()])
            del self._buffer[: found.end()]
            if line:
                yield line.decode("utf-8", "replace")
        if len(self._buffer) > LONGEST * 8:
            self._buffer.clear()
