"""Labels on A4 sheets as PDF, for printers: cutting marks, one caption a sheet, outlines instead of fonts.

What every label of a run has in common, and each digit, is put into the file once and referred to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import FILL_EVEN_ODD, FILL_NON_ZERO, Canvas

from tenants.artwork.drawing import Drawing, Part
from tenants.artwork.outline import Outline
from tenants.artwork.typeface import typeface
from tenants.rules.label_layouts import Box, Layout
from tenants.rules.label_words import Shape

MARGIN, HEAD = 10.0, 8.0  # mm round the sheet, and for its caption
GAP = 6.0  # mm between labels: cutting marks stand there
MARK, OFF = 2.5, 0.5  # mm: length of a cutting mark, and its distance from the label
HAIRLINE = 0.1  # mm
CAPTION = 3.2  # mm


class Sheets:
    """A PDF in the making: labels are added one after the other, each page is written when it is full."""

    def __init__(self, file: IO[bytes], layout: Layout, caption: str, total: int) -> None:
        self._canvas: Any = Canvas(file, pagesize=A4, pageCompression=1, initialFontName="Helvetica")
        self._canvas.setTitle(caption)
        self._canvas.setCreator("")
        self._layout, self._caption = layout, caption
        self._places = list(places(layout))
        self.pages = -(-total // len(self._places))
        self._page, self._taken = 0, 0
        self._common_drawn = False

    def add(self, drawing: Drawing) -> None:
        """One more label."""
        if not self._common_drawn:
            self._define(drawing)
        if self._taken == 0:
            self._begin_page()
        place = self._places[self._taken]
        self._canvas.saveState()
        self._canvas.translate(place.x * mm, A4[1] - place.y * mm)
        self._canvas.scale(mm, -mm)
        self._canvas.doForm("common")
        for piece in drawing.own:
            self._fill(piece.outline, piece.colour, even_odd=piece.even_odd)
        self._canvas.restoreState()
        self._marks(place)
        self._taken += 1
        if self._taken == len(self._places):
            self._end_page()

    def close(self) -> None:
        """Write what is left."""
        if self._taken:
            self._end_page()
        self._canvas.save()

    def _define(self, drawing: Drawing) -> None:
        """What all labels share; the ground is the maker's material and not printed."""
        self._canvas.beginForm("common", 0, 0, self._layout.width, self._layout.height)
        for piece in drawing.common:
            if piece.part not in (Part.FACE, Part.HOLES):
                self._fill(piece.outline, piece.colour, even_odd=False)
            elif piece.part is Part.HOLES or self._layout.shape is not Shape.PLATE:
                self._line(piece.outline)
        self._canvas.endForm()
        self._common_drawn = True

    def _begin_page(self) -> None:
        self._page += 1
        place = Box(MARGIN, MARGIN - 3, A4[0] / mm - 2 * MARGIN, CAPTION)
        words = typeface().fit(f"{self._caption}  {self._page}/{self.pages}", place, most_lines=1)
        self._canvas.saveState()
        self._canvas.translate(0, A4[1])
        self._canvas.scale(mm, -mm)
        self._fill(words.outline, "#000000", even_odd=False)
        self._canvas.restoreState()

    def _end_page(self) -> None:
        self._canvas.showPage()
        self._taken = 0

    def _marks(self, place: Box) -> None:
        """Two short lines at each corner."""
        top, bottom = A4[1] - place.y * mm, A4[1] - place.bottom * mm
        self._canvas.setLineWidth(HAIRLINE * mm)
        for x, outwards in ((place.x * mm, -1), (place.right * mm, 1)):
            for y in (top, bottom):
                self._canvas.line(x + outwards * OFF * mm, y, x + outwards * (OFF + MARK) * mm, y)
        for y, outwards in ((top, 1), (bottom, -1)):
            for x in (place.x * mm, place.right * mm):
                self._canvas.line(x, y + outwards * OFF * mm, x, y + outwards * (OFF + MARK) * mm)

    def _fill(self, outline: Outline, colour: str, *, even_odd: bool) -> None:
        self._canvas.setFillColor(HexColor(colour))
        mode = FILL_EVEN_ODD if even_odd else FILL_NON_ZERO
        self._canvas.drawPath(self._path(outline), stroke=0, fill=1, fillMode=mode)

    def _line(self, outline: Outline) -> None:
        """A line to cut along."""
        self._canvas.setLineWidth(HAIRLINE)
        self._canvas.drawPath(self._path(outline), stroke=1, fill=0)

    def _path(self, outline: Outline) -> Any:
        path = self._canvas.beginPath()
        for contour in outline.contours:
            path.moveTo(*contour.start)
            for step in contour.steps:
                if len(step.points) == 3:
                    path.curveTo(*(number for point in step.points for number in point))
                else:
                    path.lineTo(*step.points[0])
            path.close()
        return path


def places(layout: Layout) -> Iterator[Box]:
    """Where labels lie on a sheet, row by row."""
    width, height = A4[0] / mm, A4[1] / mm
    across = int((width - 2 * MARGIN + GAP) // (layout.width + GAP))
    down = int((height - 2 * MARGIN - HEAD + GAP) // (layout.height + GAP))
    left = (width - across * layout.width - (across - 1) * GAP) / 2
    for row in range(down):
        for column in range(across):
            yield Box(
                left + column * (layout.width + GAP),
                MARGIN + HEAD + row * (layout.height + GAP),
                layout.width,
                layout.height,
            )
