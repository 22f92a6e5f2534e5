"""The declared layouts can be made and read, and the check says so when one can't."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenants.rules.label_layouts import (
    LAYOUTS,
    Box,
    Layout,
    contrast_ratio,
    flaws,
    lettering,
    measures,
    misplaced,
)
from tenants.rules.label_words import Limit
from tenants.rules.states import LabelKind
from tests.rules.tables import rows

METAL = LAYOUTS[LabelKind.METAL]


def test_every_kind_has_a_layout() -> None:
    assert set(LAYOUTS) == set(LabelKind)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.kind)
def test_every_layout_can_be_made_and_read(layout: Layout) -> None:
    assert list(misplaced(layout)) == []
    assert flaws(layout) == ()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.kind)
def test_every_layout_is_in_the_order_that_was_asked_for(layout: Layout) -> None:
    assert layout.name.bottom <= layout.bars.y + 0.1
    assert layout.bars.bottom <= layout.digits.y
    assert layout.bars.right <= layout.matrix.x
    assert layout.digits.right <= layout.matrix.x
    assert layout.name.x < layout.width / 2


@pytest.mark.parametrize(
    ("changed", "limit"),
    [
        ({"matrix": Box(50, 14, 12, 12)}, Limit.MODULE),
        ({"bars": Box(8, 14, 20, 14)}, Limit.BAR),
        ({"bars": Box(8, 14, 36, 3)}, Limit.BAR_HEIGHT),
    ],
)
def test_what_is_too_fine_is_said(changed: dict[str, Box], limit: Limit) -> None:
    assert limit in {measure.limit for measure in flaws(replace(METAL, **changed))}  # type: ignore[arg-type]


def test_what_is_too_small_to_read_is_said() -> None:
    assert [measure.limit for measure in flaws(METAL, 1.2)] == [Limit.TEXT]
    assert flaws(METAL, 2.0) == ()
    assert len(measures(METAL)) == 6


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"matrix": Box(60, 12, 26, 26)}, "matrix leaves the label"),
        ({"matrix": Box(50, 12, 25.5, 26)}, "matrix meets a hole"),
        ({"bars": Box(8, 9, 36, 14)}, "bars meets name"),
    ],
)
def test_what_stands_in_the_wrong_place_is_said(changed: dict[str, Box], said: str) -> None:
    assert said in list(misplaced(replace(METAL, **changed)))  # type: ignore[arg-type]


def test_the_corners_of_a_hexagon_are_not_its_box() -> None:
    hexagon = LAYOUTS[LabelKind.HEXAGON_RFID]
    assert "name leaves the label" in list(misplaced(replace(hexagon, name=Box(1, 1, 40, 8))))


def test_every_medium_can_be_read_on_its_colour() -> None:
    for row in rows("media"):
        chosen = lettering(row["colour_hex"], row["lettering_hex"])
        assert contrast_ratio(row["colour_hex"], chosen) >= 3.0, row["key"]


def test_oxygen_keeps_its_lettering_and_red_on_grey_gives_way() -> None:
    assert lettering("#8CC6DE", "#1A1A1A") == "#1A1A1A"
    assert lettering("#A8ADB0", "#C8102E") == "#101010"
