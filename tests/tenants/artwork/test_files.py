"""The files that makers work from: sheets to cut, and lists to print by."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from tenants.artwork.lists import HEADS, Row, as_csv, as_xlsx
from tenants.artwork.sheets import Sheets, places
from tenants.rules.label_layouts import LAYOUTS, Box, Layout
from tenants.rules.states import LabelKind
from tests.tenants.artwork import camera, looks

CODES = [f"110000011010{number:05d}" for number in range(1, 19)]
ROWS = [
    Row(
        "1",
        "01101000001",
        "11000001101000001",
        "http://teshe.org.cn/Q?id=11000001101000001",
        "=航天雷特—氧气",
    )
]


def sheets(kind: LabelKind) -> bytes:
    file = io.BytesIO()
    made = Sheets(file, LAYOUTS[kind], "航天雷特 氧气", len(CODES))
    for code in CODES:
        made.add(looks.label(kind, code))
    made.close()
    return file.getvalue()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.kind)
def test_labels_lie_on_the_sheet_and_apart(layout: Layout) -> None:
    found = list(places(layout))

    assert len(found) >= 8
    assert all(Box(5, 15, 200, 277).holds(place) for place in found)
    assert not any(one.meets(other) for one in found for other in found if one is not other)


@pytest.mark.parametrize("kind", [LabelKind.METAL, LabelKind.SEAL_RFID])
def test_every_label_of_every_sheet_is_read_back(kind: LabelKind) -> None:
    pages = camera.pages(sheets(kind), 12)
    read = set().union(*(camera.read_by_zxing(page) for page in pages))

    assert len(pages) == 2
    assert read == set().union(*(looks.expected(code) for code in CODES))


def test_a_sheet_needs_no_font() -> None:
    assert b"/FontFile" not in sheets(LabelKind.METAL)
    assert b"/TrueType" not in sheets(LabelKind.METAL)


def test_a_list_keeps_every_digit_and_no_formula() -> None:
    told = list(csv.reader(io.StringIO(as_csv(ROWS).decode("utf-8-sig"))))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(ROWS))).get_sheet_by_index(0).to_python()

    assert told == [list(HEADS), [*ROWS[0][:4], "'=航天雷特—氧气"]]
    assert sheet == [list(HEADS), list(ROWS[0])]
