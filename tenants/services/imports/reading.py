"""Opening a file that nobody can trust: what it is by its content, which row has the column names, and its rows one after the other."""

from __future__ import annotations

import csv
import io
import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from tenants.sentences import Sentence, say
from tenants.services.imports.problems import Problem, notice
from tenants.services.imports.template import Cell
from tenants.services.imports.values import is_blank
from tenants.services.imports.workbook import (
    MOST_COLUMNS,
    FileRefused,
    Look,
    column_letters,
    look_through,
    place,
    too_many_columns,
    too_many_rows,
)

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
LONGEST_CELL = 2000  # characters
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
_KNOWN = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"Rar!": "RAR", b"7z\xbc\xaf": "7z"}  # fmt: skip
ASK = say("请上传 .xlsx 或 .csv 文件")
RESAVE = say("用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传")
EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet


@dataclass(slots=True)
class Line:
    """One row as the spreadsheet counts it, with what a cell hides beside its value."""

    number: int
    cells: Sequence[Cell]
    problems: list[tuple[int, Problem]] = field(default_factory=list)  # column index, −1 for the whole row


@dataclass(slots=True)
class Opened:
    """A file that can be read: its lines, blank ones left out, and what is to be said of it as a whole."""

    lines: Iterator[Line]
    notices: list[Problem]
    expected: int  # about how many lines


def kind_of(content: bytes) -> str:
    """xlsx or csv, by content; raises FileRefused for anything else."""
    if not content.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise FileRefused(say("文件是空的"), ASK)
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileRefused(say("文件有密码"), say("去掉密码后另存，再上传"))
        raise FileRefused(say("这是旧版 .xls 文件（或其他旧格式）"), RESAVE)
    for magic, name in _KNOWN.items():
        if content.startswith(magic):
            raise FileRefused(say("这是 %(name)s 文件，不是表格", name=name), ASK)
    if content.startswith(_ZIP):
        return "xlsx"
    start = content[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf")):
        raise FileRefused(say("这是网页或文档，不是表格"), RESAVE)
    return "csv"


def open_file(content: bytes, name: str) -> Opened:
    """The file, ready to be read; raises FileRefused. What is found wrong further on is raised while reading."""
    kind = kind_of(content)
    opened = _open_xlsx(content) if kind == "xlsx" else _open_csv(content)
    ending = name.rpartition(".")[2].lower()
    if ending != kind:
        opened.notices.append(
            notice(
                say("文件名以 .%(ending)s 结尾，内容是 %(kind)s，已按内容读取", ending=ending[:10], kind=kind)
            )
        )
    return opened


def _open_xlsx(content: bytes) -> Opened:
    look = look_through(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(look.name)
        rows = sheet.iter_rows()
    except (CalamineError, ValueError, OSError):
        raise FileRefused(say("文件不完整或已损坏，打不开"), RESAVE) from None
    notices = []
    if look.others:
        notices.append(
            notice(
                say(
                    "只读取了第一个工作表“%(name)s”，另外 %(others)d 个没有读取",
                    name=look.name[:40],
                    others=look.others,
                )
            )
        )
    first_row = sheet.start[0] if sheet.start else 0
    return Opened(_sheet_lines(rows, first_row, sheet.start, look), notices, look.last_row)


def _sheet_lines(
    rows: Iterator[list[Cell]], first_row: int, start: tuple[int, int] | None, look: Look
) -> Iterator[Line]:
    """Rows with their numbers; what stands left of the first column is put back, so that columns keep their letters."""
    lead = [""] * (start[1] if start else 0)
    special = _Special(look)
    for number, cells in enumerate(rows, start=first_row + 1):
        whole = [*lead, *cells] if lead else cells
        if number in special.rows or not all(map(is_blank, whole)):
            yield special.line(number, whole)


class _Special:
    """What hides beside the values: formulas, merged cells, and dates that show no day."""

    def __init__(self, look: Look) -> None:
        self._months = look.months
        self._formulas: dict[int, list[int]] = {}
        for one in look.formulas:
            self._formulas.setdefault(one // 16384, []).append(one % 16384)
        self._merged: dict[int, list[tuple[int, str]]] = {}
        for top, bottom, left, _, written in look.merged:
            for row in range(top, min(bottom, look.last_row) + 1):
                self._merged.setdefault(row, []).append((left, written))
        self.rows = self._merged.keys() | self._formulas.keys()

    def line(self, number: int, cells: list[Cell]) -> Line:
        """The row with everything that is to be said of it."""
        self._show_months(number, cells)
        line = Line(number, cells)
        for column in self._formulas.get(number, ()):
            reason = say("单元格 %(place)s 是公式，不是值", place=f"{column_letters(column)}{number}")
            line.problems.append((column, Problem("", reason, say("复制后选择性粘贴为“数值”"))))
        for column, written in self._merged.get(number, ()):
            reason = say("单元格 %(place)s 是合并的", place=written)
            line.problems.append((column, Problem("", reason, say("取消合并，每行各填各的"))))
        return line

    def _show_months(self, number: int, cells: list[Cell]) -> None:
        at = bisect_left(self._months, place(number, 0))
        while at < len(self._months) and self._months[at] // 16384 == number:
            column = self._months[at] % 16384
            if column < len(cells):
                cells[column] = _month(cells[column])
            at += 1


def _month(cell: Cell) -> Cell:
    """A date whose cell shows year and month: as it is seen."""
    if isinstance(cell, float) and 1 <= cell < 100_000:
        with suppress(OverflowError):
            cell = EPOCH + timedelta(days=int(cell))
    return cell.strftime("%Y-%m") if isinstance(cell, date | datetime) else cell


def _open_csv(content: bytes) -> Opened:
    text, encoding = _decoded(content)
    if "\0" in text:
        raise FileRefused(say("文件含有空字符，可能已损坏，或不是文本文件"), RESAVE)
    head = text[: text.find("\n") + 1 or len(text)]
    parted = max(",\t;", key=head.count)
    notices = [] if encoding == "utf-8" else [notice(say("文字编码按 %(name)s 读取", name=encoding.upper()))]
    return Opened(_text_lines(text, parted), notices, text.count("\n"))


def _decoded(content: bytes) -> tuple[str, str]:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), encoding
    raise FileRefused(
        say("文字编码认不出来，或文件被截断"), say("另存为“CSV UTF-8（逗号分隔）”或 .xlsx 后重新上传")
    )


def _text_lines(text: str, parted: str) -> Iterator[Line]:
    """Rows of a CSV; a row number is the number of the record, as a spreadsheet would show it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parted)
    for number in itertools.count(1):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileRefused(
                say("第 %(row)d 行读不下去，引号可能没有成对", row=number),
                say("改正这一行的引号，或另存为 .xlsx"),
            ) from None
        if len(cells) > MOST_COLUMNS:
            raise too_many_columns()
        if any(cell.strip() for cell in cells):
            yield Line(number, cells)


def limited(lines: Iterator[Line]) -> Iterator[Line]:
    """The same lines; raises FileRefused at the first that is too many."""
    for count, line in enumerate(lines):
        if count >= MOST_ROWS:
            raise too_many_rows()
        yield line


def overlong(cells: Sequence[Cell]) -> Sentence | None:
    """What to say of a row with a cell that no field could hold."""
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
        return say("有单元格超过 %(most)d 个字", most=LONGEST_CELL)
    return None
