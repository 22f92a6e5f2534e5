"""The table twin of a chart as a file: CSV that Excel opens as it is, every row of it."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboards.ask import ZONE, Ask
from dashboards.page import Chart, Column
from tenants.rules.cells import harmless

MOST_ROWS = 50_000


def as_csv(chart: Chart, ask: Ask) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads the Chinese; numbers without separators."""
    rows = chart.everything(ask, MOST_ROWS) if chart.everything else chart.load(ask)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(harmless(head(column)) for column in chart.columns)
    writer.writerows([plain(column, row, ask) for column in chart.columns] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def head(column: Column) -> str:
    """The title with its unit."""
    return f"{column.title} ({column.unit})" if column.unit else str(column.title)


def plain(column: Column, row: Any, ask: Ask) -> object:
    """The value of a cell: a number, or a text that no spreadsheet calculates."""
    value = (column.plain or column.cell)(row, ask)
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int | float | Decimal):
        return "" if value is None else value
    return harmless(str(value))
