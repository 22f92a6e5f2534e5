"""A label as SVG for laser engravers and UV printers: paths in millimetres and nothing else: no font, no style, no reference.

Three groups, so that a machine can be told what to do with each: `cut` (outline and holes, a red hairline), `colour` (the medium's colour)
and `ink` (what is engraved or printed dark).
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from tenants.artwork.drawing import INK, Drawing, Part, Piece
from tenants.artwork.outline import Contour, Outline

CUT = "#FF0000"
HAIRLINE = 0.05  # mm


def as_svg(drawing: Drawing) -> str:
    """The file for a maker."""
    edges = (piece for piece in drawing.pieces if piece.part in (Part.FACE, Part.HOLES))
    cut = "".join(f'<path d="{path(piece.outline)}"/>' for piece in edges)
    groups = (
        f'<g id="cut" fill="none" stroke="{CUT}" stroke-width="{HAIRLINE}">{cut}</g>',
        f'<g id="colour">{_filled(piece for piece in drawing.pieces if piece.part is Part.BAND)}</g>',
        f'<g id="ink">{_filled(piece for piece in drawing.pieces if piece.part in INK)}</g>',
    )
    return _document(drawing, "".join(groups))


def as_proof(drawing: Drawing, title: str = "") -> str:
    """The label as it will look, to be shown on a page or taken as a picture."""
    return _document(drawing, _filled(drawing.pieces), title)


def _document(drawing: Drawing, inner: str, title: str = "") -> str:
    width, height = _number(drawing.layout.width), _number(drawing.layout.height)
    named = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
        f"{named}{inner}</svg>"
    )


def _filled(pieces: Iterable[Piece]) -> str:
    return "".join(
        f'<path fill="{piece.colour}" {_rule(piece)}d="{path(piece.outline)}"/>' for piece in pieces
    )


def _rule(piece: Piece) -> str:
    return 'fill-rule="evenodd" ' if piece.even_odd else ""


def path(outline: Outline) -> str:
    """The outline in the words of SVG, to a thousandth of a millimetre."""
    return "".join(map(_contour, outline.contours))


def _contour(contour: Contour) -> str:
    said = [f"M{_number(contour.start[0])} {_number(contour.start[1])}"]
    at = contour.start
    for step in contour.steps:
        if len(step.points) == 3:
            said.append("C" + " ".join(f"{_number(x)} {_number(y)}" for x, y in step.points))
        elif step.points[0][1] == at[1]:
            said.append(f"H{_number(step.points[0][0])}")
        elif step.points[0][0] == at[0]:
            said.append(f"V{_number(step.points[0][1])}")
        else:
            said.append(f"L{_number(step.points[0][0])} {_number(step.points[0][1])}")
        at = step.points[-1]
    return "".join(said) + "Z"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"
