"""What stands where on a label, in millimetres from its top left corner, and whether a maker can make it so that a phone can read it.

Every kind has one declared layout: the name top left, the bar code left in the middle with its 11 digits below, the 2-D code at the right.
A size here is this product's proposal; a maker's die may ask for another, and then it is a line here that changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from tenants.rules.label_words import Limit, Process, Shape
from tenants.rules.states import LabelKind

BAR_MODULES = 112  # Code 128 of 11 digits: start, five pairs, change, digit, check, stop
BAR_QUIET = 10  # modules of nothing on either side (ISO/IEC 15417)
MATRIX_QUIET = 4  # modules of nothing all round (ISO/IEC 18004)
MATRIX_MODULES = 33  # version 4: the printed address with its signature
LEAST_CONTRAST = 0.40  # reflectance of the ground less that of the ink (grade C of ISO/IEC 15415)
LEAST_TEXT = 1.5  # mm, height of a Chinese character that can still be made and read
LEAST_BAR_HEIGHT = 5.0  # mm
PHONE_PX_PER_MM = 15.2  # 4032 px over 266 mm: a 12 MP phone with a 26 mm (equivalent) lens, 20 cm away
BLACK, WHITE = "#101010", "#FFFFFF"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
LEAST_PX = 2.5  # pixels a module needs to be read from a picture


class Box(NamedTuple):
    """A place in millimetres, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def holds(self, other: Box, slack: float = 0.01) -> bool:
        """Whether another box lies in this one."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def meets(self, other: Box) -> bool:
        """Whether two boxes share more than an edge."""
        return not (
            self.right <= other.x or other.right <= self.x or self.bottom <= other.y or other.bottom <= self.y
        )


class Hole(NamedTuple):
    """A round hole: centre and diameter."""

    x: float
    y: float
    across: float


@dataclass(frozen=True, slots=True)
class Means:
    """What a process can make: the smallest module of a 2-D code and of a bar code in mm, and its dark and light."""

    module: float
    bar: float
    ink: str
    ground: str
    coloured: bool  # the name's ground can bear the medium's colour


MEANS: dict[Process, Means] = {
    Process.LASER: Means(0.40, 0.25, "#26282A", "#C3C7C9", coloured=False),  # annealed black on brushed steel
    Process.ENAMEL: Means(0.50, 0.25, "#101010", "#F7F6F1", coloured=True),
    Process.COATING: Means(0.45, 0.25, "#101010", "#FFFFFF", coloured=True),
    Process.PRINT: Means(0.34, 0.19, "#101010", "#FFFFFF", coloured=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The label of one kind; `matrix` includes its quiet zone, `bars` too. `bend` is the radius of the surface it is bent to."""

    kind: LabelKind
    process: Process
    width: float
    height: float
    name: Box
    band: Box
    bars: Box
    digits: Box
    matrix: Box
    shape: Shape = Shape.PLATE
    corner: float = 0.0
    holes: tuple[Hole, ...] = ()
    bend: float | None = None

    @property
    def face(self) -> Box:
        """The whole label."""
        return Box(0.0, 0.0, self.width, self.height)

    @property
    def means(self) -> Means:
        """What its process can make."""
        return MEANS[self.process]

    @property
    def module(self) -> float:
        """The side of one square of the 2-D code, mm."""
        return self.matrix.width / (MATRIX_MODULES + 2 * MATRIX_QUIET)

    @property
    def bar(self) -> float:
        """The width of the narrowest bar, mm."""
        return self.bars.width / (BAR_MODULES + 2 * BAR_QUIET)


def _plate(kind: LabelKind, process: Process) -> Layout:
    """A plate of 80 × 40 mm with two holes: metal, ceramic and painted steel look alike."""
    name = Box(8, 4, 64, 7)
    return Layout(
        kind=kind, process=process, width=80, height=40, corner=3, holes=(Hole(4, 20, 4), Hole(76, 20, 4)),
        name=name, band=name if MEANS[process].coloured else Box(8, 11.2, 64, 0.8),
        bars=Box(8, 14, 36, 14), digits=Box(8, 29.5, 36, 5), matrix=Box(45.5, 12.4, 26.5, 26.5),
    )  # fmt: skip


def _collar(kind: LabelKind, process: Process, name: Box, band: Box, bend: float) -> Layout:
    """The marked part of a collar round the neck, unrolled."""
    return Layout(
        kind=kind, process=process, width=80, height=28, corner=2, holes=(Hole(4, 14, 3.5), Hole(76, 14, 3.5)),
        name=name, band=band, bars=Box(8, 8.7, 36, 12.5), digits=Box(8, 22, 36, 4.6), matrix=Box(46.5, 1.5, 25, 25), bend=bend,
    )  # fmt: skip


def _flag(kind: LabelKind, holes: tuple[Hole, ...], left: float) -> Layout:
    """The printed flag of an RFID tag for LPG cylinders."""
    name = Box(left, 2.2, 31, 5.6)
    return Layout(
        kind=kind, process=Process.PRINT, width=left + 56, height=26, corner=2.5, holes=holes, name=name, band=name,
        bars=Box(left, 9, 31, 9), digits=Box(left, 19, 31, 4.5), matrix=Box(left + 31.5, 1.5, 23, 23),
    )  # fmt: skip


_ACROSS = 72.0  # from corner to corner of the hexagon
LAYOUTS: dict[LabelKind, Layout] = {
    layout.kind: layout
    for layout in (
        _plate(LabelKind.METAL, Process.LASER),
        _collar(LabelKind.METAL_COLLAR, Process.LASER, Box(8, 1.6, 37, 5.4), Box(8, 7.3, 37, 0.7), 45),
        _plate(LabelKind.CERAMIC, Process.ENAMEL),
        _collar(LabelKind.NYLON_COLLAR, Process.PRINT, Box(8, 2, 37, 6), Box(8, 2, 37, 6), 45),
        _plate(LabelKind.PAINTED_STEEL, Process.COATING),
        Layout(
            kind=LabelKind.HEXAGON_RFID, process=Process.PRINT, shape=Shape.HEXAGON, width=_ACROSS,
            height=round(_ACROSS * sqrt(3) / 2, 2), name=Box(16, 9, 40, 8), band=Box(16, 9, 40, 8), bars=Box(7.5, 22, 32, 14),
            digits=Box(9.5, 37.5, 28, 5), matrix=Box(40, 19.2, 24, 24), holes=(Hole(36, 53, 6),),
        ),
        _flag(LabelKind.RING_RFID, (), 2.5),
        _flag(LabelKind.SEAL_RFID, (Hole(4.5, 13, 4),), 9.0),
    )
}  # fmt: skip


class Measure(NamedTuple):
    """One limit: what the layout has and the least it needs."""

    limit: Limit
    has: float
    least: float
    unit: str

    @property
    def held(self) -> bool:
        """Whether it can be made and read."""
        return self.has >= self.least - 1e-9


def measures(layout: Layout, text_height: float | None = None) -> tuple[Measure, ...]:
    """Every limit with its figures; `text_height` is the height that the name came out with, mm."""
    found = (
        Measure(Limit.MODULE, layout.module, layout.means.module, "mm"),
        Measure(Limit.BAR, layout.bar, layout.means.bar, "mm"),
        Measure(Limit.BAR_HEIGHT, layout.bars.height, LEAST_BAR_HEIGHT, "mm"),
        Measure(Limit.MATRIX_PIXELS, layout.module * PHONE_PX_PER_MM, LEAST_PX, "px"),
        Measure(Limit.BAR_PIXELS, layout.bar * PHONE_PX_PER_MM, LEAST_PX, "px"),
        Measure(Limit.CONTRAST, reflectance(layout.means.ground) - reflectance(layout.means.ink), LEAST_CONTRAST, ""),
    )  # fmt: skip
    return found if text_height is None else (*found, Measure(Limit.TEXT, text_height, LEAST_TEXT, "mm"))


def flaws(layout: Layout, text_height: float | None = None) -> tuple[Measure, ...]:
    """The limits that the layout breaks; empty means that it may be made."""
    return tuple(measure for measure in measures(layout, text_height) if not measure.held)


def misplaced(layout: Layout) -> Iterator[str]:
    """What lies outside the label, on a hole or on something else; a layout that may be declared yields nothing."""
    places = {"name": layout.name, "bars": layout.bars, "digits": layout.digits, "matrix": layout.matrix}
    for what, box in places.items():
        if not all(inside(layout, x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)):
            yield f"{what} leaves the label"
        for hole in layout.holes:
            radius = hole.across / 2
            if box.meets(Box(hole.x - radius, hole.y - radius, hole.across, hole.across)):
                yield f"{what} meets a hole"
        for other, place in places.items():
            if what < other and box.meets(place):
                yield f"{what} meets {other}"


def inside(layout: Layout, x: float, y: float) -> bool:
    """Whether a point lies on the label."""
    if not (0 <= x <= layout.width and 0 <= y <= layout.height):
        return False
    if layout.shape is Shape.PLATE:
        return True
    from_middle = abs(y - layout.height / 2)
    half = layout.width / 2 - from_middle / sqrt(3)
    return abs(x - layout.width / 2) <= half


def reflectance(colour: str) -> float:
    """The relative luminance of #RRGGBB, 0 black to 1 white (sRGB, IEC 61966-2-1)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colour_or(told: str, otherwise: str) -> str:
    """A colour of the reference table, or another where it names none."""
    return told if _COLOUR.fullmatch(told) else otherwise


def contrast_ratio(one: str, other: str) -> float:
    """1 to 21, as for text on a page."""
    dark, light = sorted((reflectance(one), reflectance(other)))
    return (light + 0.05) / (dark + 0.05)


def lettering(ground: str, wanted: str, least: float = 3.0) -> str:
    """The medium's own lettering colour where it can be read on its ground, else black or white, whichever is read better."""
    if contrast_ratio(ground, wanted) >= least:
        return wanted
    return max((BLACK, WHITE), key=lambda colour: contrast_ratio(ground, colour))
