"""What stands on a label stands within its place, whatever an enterprise is called."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.artwork import symbols
from tenants.artwork.drawing import Part, Text, draw, title
from tenants.artwork.svg import as_svg
from tenants.artwork.typeface import typeface
from tenants.rules.label_layouts import LAYOUTS, Box, Layout
from tenants.rules.label_signature import signed_url
from tenants.rules.states import LabelKind
from tests.tenants.artwork import looks

CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=60)
NAMES = CHINESE | st.text(min_size=1, max_size=60) | st.just("W" * 60) | st.just("ÅŷĦ|" * 12)


@settings(max_examples=60, deadline=None)
@given(name=NAMES, layout=st.sampled_from(list(LAYOUTS.values())))
def test_no_name_is_too_long(name: str, layout: Layout) -> None:
    drawing = draw(layout, Text(title(name, "氧"), "#8CC6DE", "#1A1A1A"), "1" * 17, "http://x/Q?id=1")

    name_piece = drawing.piece(Part.NAME)
    assert layout.name.holds(name_piece.outline.box(), 0.001)
    assert drawing.name_height > 0


@settings(max_examples=80, deadline=None)
@given(
    text=NAMES,
    width=st.floats(4, 90),
    height=st.floats(1.5, 20),
    lines=st.integers(1, 3),
    middle=st.booleans(),
)
def test_text_never_leaves_its_place(
    text: str, width: float, height: float, lines: int, middle: bool
) -> None:
    place = Box(3, 5, width, height)
    fitted = typeface().fit(text, place, most_lines=lines, middle=middle)

    assert fitted.lines <= lines
    if fitted.outline.contours:
        assert place.holds(fitted.outline.box(), 0.001)


def test_a_long_name_is_broken_before_it_is_made_small() -> None:
    long = Text(title("东营市东营区胜利液化石油气充装有限责任公司", "液化石油气"), "#A8ADB0", "#C8102E")
    drawing = looks.label(LabelKind.RING_RFID, text=long)

    assert drawing.name_height > 1.5


def test_a_gas_is_not_broken_in_two_where_there_is_room() -> None:
    size, lines = typeface()._best("东营市胜利乙炔气体厂—溶解乙炔", Box(0, 0, 30, 6), 3)
    assert lines == ["东营市胜利乙炔气体厂", "—溶解乙炔"]
    assert size > 2


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=str)
def test_each_part_stands_in_its_place(layout: Layout) -> None:
    drawing = looks.label(layout.kind)
    places = {
        Part.NAME: layout.name,
        Part.BAND: layout.band,
        Part.BARS: layout.bars,
        Part.DIGITS: layout.digits,
        Part.MATRIX: layout.matrix,
    }

    for part, place in places.items():
        assert place.holds(drawing.piece(part).outline.box(), 0.001), part


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=str)
def test_both_codes_keep_their_quiet_zones(layout: Layout) -> None:
    drawing = looks.label(layout.kind)
    matrix, bars = drawing.piece(Part.MATRIX).outline.box(), drawing.piece(Part.BARS).outline.box()

    assert matrix.x - layout.matrix.x == pytest.approx(4 * layout.module)
    assert layout.matrix.bottom - matrix.bottom == pytest.approx(4 * layout.module)
    assert bars.x - layout.bars.x == pytest.approx(10 * layout.bar)
    assert layout.bars.right - bars.right == pytest.approx(10 * layout.bar)


def test_the_line_at_the_top() -> None:
    assert title("航天雷特", "氧") == "航天雷特—氧气"
    assert title(" 航天雷特 ", "液化石油气(民用 气相)") == "航天雷特—液化石油气"
    assert title("航天雷特", "医用氧") == "航天雷特—医用氧"


@pytest.mark.parametrize("kind", LAYOUTS)
def test_an_svg_is_paths_and_nothing_else(kind: LabelKind) -> None:
    svg = as_svg(looks.label(kind))

    assert set(re.findall(r"<(\w+)", svg)) == {"svg", "g", "path"}
    assert set(re.findall(r' ([\w-]+)="', svg)) <= {
        "xmlns",
        "width",
        "height",
        "viewBox",
        "id",
        "fill",
        "fill-rule",
        "stroke",
        "stroke-width",
        "d",
    }
    assert f'width="{LAYOUTS[kind].width:g}mm"' in svg
    assert "NaN" not in svg


def test_the_edges_of_a_matrix_enclose_just_its_dark_fields() -> None:
    rng = random.Random(7)
    for _ in range(100):
        size = rng.randint(1, 9)
        modules = [[rng.random() < 0.5 for _ in range(size)] for _ in range(size)]
        lines = symbols.edges(modules)
        for y in range(size):
            for x in range(size):
                assert _crossed(lines, x + 0.5, y + 0.5) % 2 == modules[y][x]


def _crossed(lines: list[list[tuple[int, int]]], x: float, y: float) -> int:
    sides = [side for line in lines for side in zip(line, [*line[1:], line[0]], strict=True)]
    assert all((one[0] == other[0]) != (one[1] == other[1]) for one, other in sides)
    return sum(
        one[0] == other[0] and one[0] > x and min(one[1], other[1]) < y < max(one[1], other[1])
        for one, other in sides
    )


def test_every_signed_address_fits_the_strongest_correction() -> None:
    for number in range(1, 40):
        code = f"3705020010{number:07d}"
        assert len(symbols.matrix(signed_url(code, "L", number.to_bytes(32)))) == 33


def test_an_address_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too much"):
        symbols.matrix("http://teshe.org.cn/Q?id=" + "x" * 90)
