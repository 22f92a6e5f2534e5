"""The ways in which a label is looked at, and what is told of each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from PIL import Image

from tenants.artwork.drawing import Drawing, Text, draw, title
from tenants.rules.codes import MalformedCode, parse_scan
from tenants.rules.label_layouts import LAYOUTS, Layout
from tenants.rules.label_signature import signed_url
from tenants.rules.states import LabelKind
from tests.tenants.artwork import camera

KEY = b"a key for tests, thirty-two bytes"[:32]
OXYGEN = Text(title("航天雷特", "氧"), "#8CC6DE", "#1A1A1A")
LPG = Text(title("胜利液化气", "液化石油气(民用 气相)"), "#A8ADB0", "#C8102E")
Seen = Callable[[Image.Image, int], Image.Image]


def label(
    kind: LabelKind, code: str = "11000001101000001", text: Text = OXYGEN, family: str = "Q"
) -> Drawing:
    """A label of one kind."""
    return draw(LAYOUTS[kind], text, code, signed_url(code, family, KEY))


def expected(code: str, family: str = "Q") -> set[tuple[str, str]]:
    """What both codes of a label say."""
    return {("qr", signed_url(code, family, KEY)), ("bar", code[6:])}


def understood(found: set[tuple[str, str]]) -> set[str]:
    """The cylinder codes that the product makes of what was read; what is no code of ours is dropped, as everywhere."""
    codes = set()
    for _, text in found:
        with suppress(MalformedCode):
            codes.add(parse_scan(text, "110000").code)
    return codes


def _taken(
    look: Callable[[int], camera.Look], blur_mm: float = 0.0, px_per_mm: float = camera.PHONE_PX_PER_MM
) -> Seen:
    return lambda image, seed: camera.photographed(look(seed)(image), px_per_mm, blur_mm, seed)


LOOKS: dict[str, Seen] = {
    "straight": _taken(lambda _: camera.straight),
    "turned 17°": _taken(lambda _: camera.turned(17)),
    "upside down": _taken(lambda _: camera.turned(180)),
    "tilted 30°": _taken(lambda _: camera.tilted(30)),
    "out of focus 0.10 mm": _taken(lambda _: camera.straight, blur_mm=0.10),
    "out of focus 0.20 mm": _taken(lambda _: camera.straight, blur_mm=0.20),
    "5 scratches of 0.1 mm": _taken(lambda seed: camera.scratched(5, seed, 0.1)),
    "3 scratches of 0.25 mm": _taken(lambda seed: camera.scratched(3, seed, 0.25)),
    "worn, 3 mm": _taken(lambda seed: camera.worn(3, seed)),
    "worn, 3 × 4 mm": _taken(lambda seed: camera.worn(4, seed, 3)),
    "40 cm away": _taken(lambda _: camera.straight, px_per_mm=camera.PHONE_PX_PER_MM / 2),
}


def bends(layout: Layout) -> dict[str, Seen]:
    """Round the neck, the camera in front of the 2-D code and in front of the bar code."""
    if layout.bend is None:
        return {}
    radius = layout.bend
    matrix = (layout.matrix.x + layout.matrix.width / 2) / layout.width
    bars = (layout.bars.x + layout.bars.width / 2) / layout.width
    return {
        "bent, before the 2-D code": _taken(lambda _: camera.bent(radius, matrix)),
        "bent, before the bar code": _taken(lambda _: camera.bent(radius, bars)),
    }
