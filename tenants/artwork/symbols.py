"""The two codes of a label: Code 128 and QR, as modules from the libraries, and as outlines."""

from __future__ import annotations

from collections.abc import Sequence

import qrcode
from barcode.codex import Code128
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

from tenants.artwork.outline import Outline, polygon, rectangle
from tenants.rules.label_layouts import BAR_QUIET, MATRIX_MODULES, MATRIX_QUIET, Box

VERSION = (MATRIX_MODULES - 17) // 4
DIGITS_APART = 12  # so many digits in a row are packed as digits: the code is, a signature never
LEVELS = (ERROR_CORRECT_Q, ERROR_CORRECT_M, ERROR_CORRECT_L)  # the strongest that fits
Corner = tuple[int, int]
_CLOCKWISE = ((1, 0), (0, 1), (-1, 0), (0, -1))


def bars(digits: str) -> str:
    """The modules of Code 128, `1` dark, without quiet zones."""
    return str(Code128(digits).build()[0])


def matrix(text: str) -> Sequence[Sequence[bool]]:
    """The modules of a QR code of the layouts' version, as strongly corrected as it can bear; raises ValueError when it is full."""
    for level in LEVELS:
        made = qrcode.QRCode(version=VERSION, error_correction=level, border=0)
        made.add_data(text, optimize=DIGITS_APART)
        try:
            made.make(fit=False)
        except DataOverflowError:
            continue
        return [[bool(module) for module in row] for row in made.modules]
    raise ValueError("too much for a label")


def bar_outline(digits: str, place: Box) -> Outline:
    """Code 128 with its quiet zones in this place."""
    modules = bars(digits)
    module = place.width / (len(modules) + 2 * BAR_QUIET)
    found, at = [], 0
    while at < len(modules):
        end = at
        while end < len(modules) and modules[end] == modules[at]:
            end += 1
        if modules[at] == "1":
            left = place.x + (BAR_QUIET + at) * module
            found.append(rectangle(Box(left, place.y, (end - at) * module, place.height)))
        at = end
    return Outline(tuple(found))


def matrix_outline(text: str, place: Box) -> Outline:
    """The QR code with its quiet zone in this place: the edges of dark fields, so that an engraver meets no seam within one."""
    modules = matrix(text)
    module = place.width / (len(modules) + 2 * MATRIX_QUIET)
    left, top = place.x + MATRIX_QUIET * module, place.y + MATRIX_QUIET * module
    return Outline(
        tuple(
            polygon((left + x * module, top + y * module) for x, y in corners) for corners in edges(modules)
        )
    )


def edges(modules: Sequence[Sequence[bool]]) -> list[list[Corner]]:
    """The corners of each edge line between dark and light, dark on its right; dark fields that touch only at a corner stay apart."""
    ahead = _sides(modules)
    found = []
    for start in sorted(ahead, key=lambda corner: (corner[1], corner[0])):
        while start in ahead:  # the top left corner of what is left
            found.append(_follow(ahead, start))
    return found


def _follow(ahead: dict[Corner, set[int]], start: Corner) -> list[Corner]:
    """Round the field whose top left corner this is; the sides that were walked are taken out."""
    at, turn, corners = start, 0 if 0 in ahead[start] else 1, [start]  # a field, or the light within one
    while True:
        ahead[at].discard(turn)
        if not ahead[at]:
            del ahead[at]
        at = at[0] + _CLOCKWISE[turn][0], at[1] + _CLOCKWISE[turn][1]
        ways = ahead.get(at, set())
        new = next((way for way in ((turn + 1) % 4, turn, (turn + 3) % 4) if way in ways), None)
        if at == start and new != (turn + 1) % 4:
            return corners
        if new is None:
            raise RuntimeError("an edge line doesn't close")
        if new != turn:
            corners.append(at)
        turn = new


def _sides(modules: Sequence[Sequence[bool]]) -> dict[Corner, set[int]]:
    """Every side of a dark module that has light beyond it: where it starts and which way it goes."""
    size = len(modules)
    found: dict[Corner, set[int]] = {}

    def dark(x: int, y: int) -> bool:
        return 0 <= x < size and 0 <= y < size and modules[y][x]

    for y in range(size):
        for x in range(size):
            if modules[y][x]:
                sides = (
                    ((x, y - 1), (x, y), 0),
                    ((x + 1, y), (x + 1, y), 1),
                    ((x, y + 1), (x + 1, y + 1), 2),
                    ((x - 1, y), (x, y + 1), 3),
                )
                for beyond, start, way in sides:
                    if not dark(*beyond):
                        found.setdefault(start, set()).add(way)
    return found
