"""A run in parts that one file can hold, and serials as people write them."""

from __future__ import annotations

import re

PART = 10_000  # labels in one file
MOST_SERIALS = 2_000  # in one entry
_RANGE = re.compile(r"(\d{1,6}|\d{11}|\d{17})(?:[-–—~～至到](\d{1,6}|\d{11}|\d{17}))?")
_BETWEEN = re.compile(r"[\s,，、;；]+")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)}
_NEAR = re.compile(r"\s*([-–—~～至到])\s*")


class NoSerials(ValueError):
    """The text names no serials; `word` is the part that can't be understood, empty when there is nothing or too much."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def parts_of(quantity: int) -> int:
    """How many files a run takes."""
    return -(-quantity // PART)


def part_of(first: int, quantity: int, part: int) -> tuple[int, int]:
    """First serial and number of labels of a part, counted from 1."""
    skipped = (part - 1) * PART
    return first + skipped, min(PART, quantity - skipped)


def read_serials(text: str) -> list[int]:
    """«5, 17-20» or whole codes: the serials in order, each once; raises NoSerials."""
    plain = _NEAR.sub(r"\1", text.translate(_WIDE))
    found: set[int] = set()
    for word in filter(None, _BETWEEN.split(plain)):
        named = _RANGE.fullmatch(word)
        if named is None:
            raise NoSerials(word[:20])
        first = int(named[1][-6:])
        last = int((named[2] or named[1])[-6:])
        if last < first:
            raise NoSerials(word[:20])
        if len(found) + last - first >= MOST_SERIALS:
            raise NoSerials("")
        found.update(range(first, last + 1))
    if not found:
        raise NoSerials("")
    return sorted(found)
