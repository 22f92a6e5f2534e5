"""A label, whole: every part of it as an outline with its colour, in the order in which they are laid down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tenants.artwork.outline import Outline, circle, hexagon, joined, rectangle, rounded
from tenants.artwork.symbols import bar_outline, matrix_outline
from tenants.artwork.typeface import Fitted, typeface
from tenants.rules.codes import one_dimensional
from tenants.rules.label_layouts import Layout, lettering
from tenants.rules.label_words import Shape


class Part(StrEnum):
    """What a part is."""

    FACE = "face"
    HOLES = "holes"
    BAND = "band"
    NAME = "name"
    BARS = "bars"
    DIGITS = "digits"
    MATRIX = "matrix"


HOLE = "#DADDE0"  # as it looks on a page
INK = (Part.NAME, Part.BARS, Part.DIGITS, Part.MATRIX)  # what is engraved or printed dark


@dataclass(frozen=True, slots=True)
class Text:
    """What the labels of a run have in common: the line at the top, and the medium's two colours."""

    name: str
    colour: str
    lettering: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One part, filled; the 2-D code has holes within fields, so everything is filled by the even-odd rule except letters."""

    part: Part
    outline: Outline
    colour: str

    @property
    def even_odd(self) -> bool:
        """How it is filled."""
        return self.part is Part.MATRIX


@dataclass(frozen=True, slots=True)
class Drawing:
    """One label; `common` is the same on every label of its run."""

    layout: Layout
    common: tuple[Piece, ...]
    own: tuple[Piece, ...]
    name_height: float

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every part."""
        return (*self.common, *self.own)

    def piece(self, part: Part) -> Piece:
        """The part of this kind."""
        return next(piece for piece in self.pieces if piece.part is part)


def title(enterprise: str, medium: str) -> str:
    """The line at the top: 企业名称—充装介质, a gas that is called by one character with 气 behind it."""
    gas = medium.partition("(")[0].partition("（")[0].strip() or medium
    return f"{enterprise.strip()}—{gas}气" if len(gas) == 1 else f"{enterprise.strip()}—{gas}"


def draw(layout: Layout, text: Text, code: str, address: str) -> Drawing:
    """The label with this code of 17 digits and this printed address."""
    common, size = _common(layout, text)
    return Drawing(layout, common, _own(layout, code, address), size)


@lru_cache(maxsize=64)
def _common(layout: Layout, text: Text) -> tuple[tuple[Piece, ...], float]:
    means = layout.means
    face = hexagon(layout.width) if layout.shape is Shape.HEXAGON else rounded(layout.face, layout.corner)
    holes = joined(circle(*hole) for hole in layout.holes)
    name = fitted_name(layout, text)
    ink = lettering(text.colour, text.lettering) if means.coloured else means.ink
    pieces = (
        Piece(Part.FACE, face, means.ground),
        Piece(Part.HOLES, holes, HOLE),
        Piece(Part.BAND, Outline((rectangle(layout.band),)), text.colour),
        Piece(Part.NAME, name.outline, ink),
    )
    return tuple(piece for piece in pieces if piece.outline.contours), name.size


def fitted_name(layout: Layout, text: Text) -> Fitted:
    """The line at the top as it comes out; on a coloured ground with a margin."""
    place = layout.name
    if layout.means.coloured:
        margin = min(0.7, place.height / 8)
        place = type(place)(
            place.x + margin, place.y + margin, place.width - 2 * margin, place.height - 2 * margin
        )
    return typeface().fit(text.name, place)


def _own(layout: Layout, code: str, address: str) -> tuple[Piece, ...]:
    ink, short = layout.means.ink, one_dimensional(code)
    digits = typeface().fit(short, layout.digits, most_lines=1, middle=True)
    return (
        Piece(Part.BARS, bar_outline(short, layout.bars), ink),
        Piece(Part.DIGITS, digits.outline, ink),
        Piece(Part.MATRIX, matrix_outline(address, layout.matrix), ink),
    )
