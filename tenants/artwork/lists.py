"""The numbers of a run as a list, for makers who print by data: one row a label, every cell text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import xlsxwriter

from tenants.rules.cells import harmless

HEADS = ("序号 No.", "一维码 1-D code", "17位编码 Code", "二维码内容 2-D content", "标签文字 Text")
WIDTHS = (10, 16, 22, 58, 36)
BOM = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """One label."""

    serial: str
    short: str
    code: str
    address: str
    name: str


def as_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8 with its mark, so that Excel takes it for what it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows(tuple(map(harmless, row)) for row in rows)
    return BOM + out.getvalue().encode()


def as_xlsx(rows: Iterable[Row]) -> bytes:
    """A sheet whose cells are text: a spreadsheet would round seventeen digits."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("标签")
        text, head = (
            book.add_format({"num_format": "@"}),
            book.add_format({"bold": True, "num_format": "@", "bg_color": "#E8EEF5"}),
        )
        for place, (title, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.set_column(place, place, width, text)
            sheet.write_string(0, place, title, head)
        for number, cells in _numbered(rows):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    return enumerate(rows, start=1)
