"""A list as a file: CSV that Excel opens as it is, or XLSX. A text that a spreadsheet would take for a formula is made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import xlsxwriter

from portal import frames, i18n
from portal.web.module import Column, Module
from tenants.rules.cells import harmless

MOST_ROWS = 100_000
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def plain(column: Column, row: Any) -> object:
    """The value of a cell: a number, or text for people."""
    value = column.plain(row) if column.plain else getattr(row, column.key)
    if isinstance(value, StrEnum):
        return i18n.name_of(value)
    if isinstance(value, datetime):
        return frames.when(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return " ".join(str(part) for part in value)
    return "" if value is None else value


def heads(module: Module) -> list[str]:
    """The titles with their units."""
    return [
        f"{column.title} ({column.unit})" if column.unit else str(column.title) for column in module.columns
    ]


def as_csv(module: Module, rows: Iterable[Any]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads the Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(harmless(title) for title in heads(module))
    writer.writerows(
        [harmless(value) if isinstance(value, str) else value for value in line]
        for line in _lines(module, rows)
    )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(module: Module, rows: Sequence[Any]) -> bytes:
    """One sheet; text is written as text, so that codes keep their zeros."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(str(module.title)[:31])
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(module.columns) - 1, 18)
    for place, title in enumerate(heads(module)):
        sheet.write_string(0, place, title, bold)
    for number, line in enumerate(_lines(module, rows), start=1):
        for place, value in enumerate(line):
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                sheet.write_number(number, place, float(value))
            else:
                sheet.write_string(number, place, harmless(str(value)))
    book.close()
    return out.getvalue()


def _lines(module: Module, rows: Iterable[Any]) -> Iterator[list[object]]:
    return ([plain(column, row) for column in module.columns] for row in rows)
