"""The typeface of labels: outlines of a Chinese font that lies on this machine, and text that always fits its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTCollection, TTFont

from tenants.artwork.outline import Contour, Outline, Point, Step, joined
from tenants.errors import Unavailable
from tenants.fonts import PACKAGE, find_font
from tenants.rules.label_layouts import Box
from tenants.sentences import say

FAMILY = "SC"  # of a collection: the simplified forms
LINE = 1.2  # em from line to line
MOST_LINES = 3
DASH, BREAK, WORTH = "—", "\n", 0.8
TOP, DEEP = 0.88, 0.12  # em above and below the base line that a Chinese character takes


class Glyph(NamedTuple):
    """A character on the base line, 1 em high, y downwards; `advance` in em."""

    outline: Outline
    advance: float


class Fitted(NamedTuple):
    """Text in its place: the outline, and the height of a Chinese character in mm."""

    outline: Outline
    size: float
    lines: int


class Typeface:
    """The characters of one font file; each is read once."""

    def __init__(self, file: Path) -> None:
        self._font = _opened(file)
        self._glyphs: Any = self._font.getGlyphSet()
        self._names: dict[int, str] = self._font.getBestCmap()
        self._em = float(self._font["head"].unitsPerEm)
        self._known: dict[str, Glyph] = {}

    def glyph(self, sign: str) -> Glyph:
        """A character; one that the font lacks is its empty box."""
        if sign not in self._known:
            name = self._names.get(ord(sign), ".notdef")
            pen = _Pen(self._glyphs, self._em)
            self._glyphs[name].draw(pen)
            self._known[sign] = Glyph(Outline(tuple(pen.contours)), self._glyphs[name].width / self._em)
        return self._known[sign]

    def lacks(self, text: str) -> str:
        """The characters that the font doesn't have."""
        return "".join(sign for sign in dict.fromkeys(plain(text)) if ord(sign) not in self._names)

    def fit(self, text: str, place: Box, *, most_lines: int = MOST_LINES, middle: bool = False) -> Fitted:
        """The text in its place as large as it goes: shrunk and broken into lines, never beyond an edge."""
        signs = plain(text)
        if not signs:
            return Fitted(Outline(()), place.height, 0)
        size, lines = self._best(signs, place, most_lines)
        spare = max(0.0, place.height - size * (1 + LINE * (len(lines) - 1))) / 2  # above and below alike
        seat = Box(place.x, place.y + spare, place.width, place.height - 2 * spare)
        outline = joined(self._line(line, size, seat, number, middle) for number, line in enumerate(lines))
        return (
            Fitted(*_within(outline, place, size), len(lines))
            if outline.contours
            else Fitted(outline, size, 0)
        )

    def _best(self, signs: str, place: Box, most_lines: int) -> tuple[float, list[str]]:
        """The largest; but a break before the dash is worth a little size, because it keeps the gas's name whole."""
        by_size = itemgetter(0)
        found = max((self._broken(signs, place, many) for many in range(1, most_lines + 1)), key=by_size)
        head, dash, tail = signs.rpartition(DASH)
        if not head or not tail or any(dash + tail in line for line in found[1]):
            return found
        apart = f"{head}{BREAK}{dash}{tail}"
        kept = max((self._broken(apart, place, many) for many in range(2, most_lines + 1)), key=by_size)
        return kept if kept[0] >= WORTH * found[0] else found

    def _broken(self, signs: str, place: Box, many: int) -> tuple[float, list[str]]:
        """The largest size at which it takes so many lines or fewer, and the lines."""
        small, large = 0.0, place.height / (1 + LINE * (many - 1))
        lines = self._lines(signs, place.width / large)
        if len(lines) <= many:
            return large, lines
        for _ in range(24):
            size = (small + large) / 2
            lines = self._lines(signs, place.width / size)
            small, large = (size, large) if len(lines) <= many else (small, size)
        return small, self._lines(signs, place.width / small)

    def _lines(self, signs: str, width: float) -> list[str]:
        """Filled one after the other, `width` in em; a line has one character at least."""
        lines, taken = [""], 0.0
        for sign in signs:
            if sign == BREAK:
                lines.append("")
                taken = 0.0
                continue
            advance = self.glyph(sign).advance
            if taken + advance > width and lines[-1]:
                lines.append("")
                taken = 0.0
            if sign != " " or lines[-1]:
                lines[-1] += sign
                taken += advance
        return lines

    def _line(self, line: str, size: float, place: Box, number: int, middle: bool) -> Outline:
        width = sum(self.glyph(sign).advance for sign in line) * size
        x = place.x + (max(0.0, place.width - width) / 2 if middle else 0.0)
        y = place.y + size * (TOP + LINE * number)
        placed = []
        for sign in line:
            glyph = self.glyph(sign)
            placed.append(glyph.outline.moved(x, y, size))
            x += glyph.advance * size
        return joined(placed)


def plain(text: str) -> str:
    """What can be engraved: no signs that can't be seen, blanks as one."""
    seen = (" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", text))
    return " ".join("".join(sign for sign in seen if not unicodedata.category(sign).startswith("C")).split())


def _within(outline: Outline, place: Box, size: float) -> tuple[Outline, float]:
    """Made smaller and moved where a character reaches beyond its own square."""
    box = outline.box()
    if place.holds(box, 0.0):
        return outline, size
    scale = min(
        1.0, place.width / box.width if box.width else 1.0, place.height / box.height if box.height else 1.0
    )
    smaller = outline.moved(0.0, 0.0, scale)
    box = smaller.box()
    dx = max(0.0, place.x - box.x) - max(0.0, box.right - place.right)
    dy = max(0.0, place.y - box.y) - max(0.0, box.bottom - place.bottom)
    return smaller.moved(dx, dy), size * scale


class _Pen(BasePen):  # type: ignore[misc]  # the library has no types
    """Collects contours; quadratic curves come as cubic ones."""

    def __init__(self, glyphs: Any, em: float) -> None:
        super().__init__(glyphs)
        self._scale = 1 / em
        self._start: Point = (0.0, 0.0)
        self._steps: list[Step] = []
        self.contours: list[Contour] = []

    def _moveTo(self, point: Point) -> None:  # noqa: N802 - the library's name
        self._start, self._steps = self._at(point), []

    def _lineTo(self, point: Point) -> None:  # noqa: N802
        self._steps.append(Step((self._at(point),)))

    def _curveToOne(self, one: Point, two: Point, end: Point) -> None:  # noqa: N802
        self._steps.append(Step((self._at(one), self._at(two), self._at(end))))

    def _closePath(self) -> None:  # noqa: N802
        if self._steps:
            self.contours.append(Contour(self._start, tuple(self._steps)))

    _endPath = _closePath  # noqa: N815

    def _at(self, point: Point) -> Point:
        return point[0] * self._scale, -point[1] * self._scale


def _opened(file: Path) -> TTFont:
    if file.suffix != ".ttc":
        return TTFont(file, lazy=True)
    fonts: Sequence[TTFont] = TTCollection(str(file), lazy=True).fonts
    return next((font for font in fonts if str(font["name"].getDebugName(1)).endswith(FAMILY)), fonts[0])


@cache
def typeface() -> Typeface:
    """The typeface of this machine; raises Unavailable naming what to install."""
    file = find_font()
    if file is None:
        raise Unavailable(say("服务器缺少中文字体，请管理员安装 %(package)s", package=PACKAGE))
    return Typeface(file)
