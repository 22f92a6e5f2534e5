"""Looking through an .xlsx before it is parsed: how large it really is, how far its cells reach, and what a reader of values can't see.

A workbook is a zip of XML. Whoever parses it lays out a grid from the first to the last cell, so one cell in the last column of the last
row would take all memory there is: everything is measured here first, in a stream, and too much is refused.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from tenants.sentences import Sentence, say
from tenants.services.imports.template import NOTES_SHEETS

MOST_UNPACKED = 400 * 1024 * 1024  # bytes of all parts together
MOST_TEXTS = 120 * 1024 * 1024  # bytes of the table of texts, which is kept whole in memory
MOST_PARTS = 2000
MOST_COLUMNS = 200
MOST_LINES = 100_500  # rows that the grid may have, blank ones and heads included
MOST_FORMULAS = 20_000
MOST_MERGES = 2_000  # places, and MOST_FORMULAS rows that they cover
OWN_SHEETS = frozenset(name for names in NOTES_SHEETS for name in names)
_CHUNK = 256 * 1024
_PLACE = re.compile(r"([A-Z]{1,4})([0-9]{1,8})")
_VALUES = frozenset({"v", "t", "is"})
_MONTH_ONLY = frozenset({17, 55, 57})  # built-in formats: mmm-yy, and the Chinese year and month
_ASIDE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class FileRefused(Exception):
    """The file as a whole can't be used; `reason` and `mend` say why and what to do."""

    def __init__(self, reason: Sentence, mend: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


@dataclass(slots=True)
class Look:
    """What was seen of the first sheet. Rows count from 1, columns from 0; a place is row * 16384 + column."""

    name: str = ""
    others: int = 0  # further sheets that hold something else
    last_row: int = 0
    last_column: int = 0
    formulas: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int, str]] = field(
        default_factory=list
    )  # rows, columns, and as it is written
    months: array[int] = field(default_factory=lambda: array("Q"))  # date cells that show no day


def place(row: int, column: int) -> int:
    """A cell as one number."""
    return row * 16384 + column


def look_through(content: bytes) -> Look:
    """Measure the workbook; raises FileRefused for what is cut short, too large, or no workbook."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            return _Workbook(packed).look()
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, KeyError, OSError):
        raise _broken() from None
    except expat.ExpatError:
        raise _broken() from None


def _broken() -> FileRefused:
    return FileRefused(
        say("文件不完整或已损坏，打不开"), say("用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传")
    )


def _too_large() -> FileRefused:
    return FileRefused(say("文件展开后太大"), say("删去图片、格式和无关的工作表，只留数据，或分成几个文件"))


class _Workbook:
    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.packed = packed
        self.names = {info.filename.lstrip("/"): info for info in packed.infolist()}
        self.left = MOST_UNPACKED

    def look(self) -> Look:
        infos = self.packed.infolist()
        if len(infos) > MOST_PARTS or len(self.names) != len(infos):
            raise _broken()
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            raise _too_large()
        if any(info.flag_bits & 1 for info in infos):
            raise FileRefused(say("文件有密码"), say("去掉密码后另存，再上传"))
        if "xl/workbook.xml" not in self.names:
            raise FileRefused(say("这是压缩包，不是 .xlsx 表格"), say("请上传 .xlsx 或 .csv 文件"))
        sheets = self._sheets()
        if not sheets:
            raise _broken()
        others = [name for name, _ in sheets[1:] if name not in OWN_SHEETS]
        found = Look(name=sheets[0][0], others=len(others))
        self._measure_the_rest(sheets[0][1])
        _Sheet(found, self._month_styles()).read(self._parts(sheets[0][1]))
        return found

    def _parts(self, name: str, most: int = MOST_UNPACKED) -> Iterator[bytes]:
        """The part in pieces, counted as they come: what the directory says of its size may be a lie."""
        with self.packed.open(self.names[name]) as part:
            size = 0
            while piece := part.read(_CHUNK):
                size += len(piece)
                self.left -= len(piece)
                if size > most or self.left < 0:
                    raise _too_large()
                yield piece

    def _measure_the_rest(self, sheet: str) -> None:
        for name in self.names:
            if name != sheet and (
                name.startswith("xl/") and name.endswith((".xml", ".rels", ".bin")) and "/media/" not in name
            ):
                texts = PurePosixPath(name).name.lower() == "sharedstrings.xml"
                for _ in self._parts(name, MOST_TEXTS if texts else MOST_UNPACKED):
                    pass

    def _elements(self, name: str) -> Iterator[tuple[str, dict[str, str]]]:
        found: list[tuple[str, dict[str, str]]] = []
        parser = _parser(lambda tag, attributes: found.append((tag, attributes)))
        for piece in self._parts(name, 8 * 1024 * 1024):
            parser.Parse(piece, False)
            yield from found
            found.clear()

    def _sheets(self) -> list[tuple[str, str]]:
        """Name and part of each sheet that is to be seen, in the workbook's order."""
        targets = {}
        for tag, attributes in self._elements("xl/_rels/workbook.xml.rels"):
            if tag == "Relationship":
                target = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = (
                    target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                )
        found = []
        for tag, attributes in self._elements("xl/workbook.xml"):
            if tag == "sheet":
                part = targets.get(next((v for k, v in attributes.items() if k.split(":")[-1] == "id"), ""))
                if part in self.names and "worksheets/" in part:
                    found.append((attributes.get("name", ""), part))
        return found

    def _month_styles(self) -> frozenset[str]:
        """The numbers of the styles that show year and month and no day."""
        if "xl/styles.xml" not in self.names:
            return frozenset()
        custom: dict[str, bool] = {}
        styles: list[str] = []
        inside = False
        for tag, attributes in self._elements("xl/styles.xml"):
            if tag == "numFmt":
                custom[attributes.get("numFmtId", "")] = _shows_month_only(attributes.get("formatCode", ""))
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside = tag == "cellXfs"
            elif tag == "xf" and inside:
                styles.append(attributes.get("numFmtId", ""))
        usual = {str(number) for number in _MONTH_ONLY}
        return frozenset(
            str(number) for number, style in enumerate(styles) if custom.get(style, style in usual)
        )


def _shows_month_only(code: str) -> bool:
    shown = _ASIDE.sub("", code).lower().partition(";")[0]
    return "y" in shown and "m" in shown and not set("dhs") & set(shown)


class _Sheet:
    """Walks through the cells of one sheet."""

    def __init__(self, look: Look, month_styles: frozenset[str]) -> None:
        self.look, self.month_styles = look, month_styles
        self.row = self.column = self.covered = 0

    def read(self, pieces: Iterator[bytes]) -> None:
        parser = _parser(self.start)
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell(attributes)
        elif tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 9 else self.row + 1
            self.column = -1
            self._reach(self.row, 0)
        elif tag == "f":
            self.look.formulas.add(place(self.row, self.column))
            if len(self.look.formulas) > MOST_FORMULAS:
                raise FileRefused(
                    say("公式太多，超过 %(most)d 个", most=MOST_FORMULAS),
                    say("全选、复制，选择性粘贴为“数值”后再上传"),
                )
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _cell(self, attributes: dict[str, str]) -> None:
        found = _PLACE.fullmatch(attributes.get("r", ""))
        if found:
            self.row, self.column = int(found[2]), _column(found[1])
        elif "r" in attributes:
            raise _broken()
        else:
            self.column += 1
        self._reach(self.row, self.column)
        if attributes.get("s") in self.month_styles:
            self.look.months.append(place(self.row, self.column))

    def _reach(self, row: int, column: int) -> None:
        look = self.look
        if row > look.last_row:
            look.last_row = row
            if row > MOST_LINES:
                raise too_many_rows()
        if column > look.last_column:
            look.last_column = column
            if column >= MOST_COLUMNS:
                raise too_many_columns()

    def _merge(self, written: str) -> None:
        found = [_PLACE.fullmatch(corner) for corner in written.split(":")]
        corners = [(int(corner[2]), _column(corner[1])) for corner in found if corner]
        if len(corners) == 2:
            self.covered += max(0, min(corners[1][0], self.look.last_row) - corners[0][0] + 1)
        if len(corners) != 2 or len(self.look.merged) >= MOST_MERGES or self.covered > MOST_FORMULAS:
            raise FileRefused(say("合并的单元格太多"), say("取消所有合并单元格后再上传"))
        first, last = corners
        self.look.merged.append((first[0], last[0], first[1], last[1], written))


def too_many_rows() -> FileRefused:
    """More rows than one import may have."""
    return FileRefused(say("行数超过 %(most)d 行", most=100_000), say("分成几个文件，或删去末尾带格式的空行"))


def too_many_columns() -> FileRefused:
    """More columns than any of our tables."""
    return FileRefused(say("列数超过 %(most)d 列", most=MOST_COLUMNS), say("只留需要的列，删去右侧的空列"))


def column_letters(column: int) -> str:
    """The name of a column as a spreadsheet shows it: 0 is A."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parser(start: Any) -> Any:
    """A parser that tells of elements by their local names and takes no document type, so that no entity can grow."""
    parser = expat.ParserCreate()
    parser.buffer_text = False

    def refuse(*_: object) -> None:
        raise _broken()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag not in _VALUES:  # the parts of a cell that say nothing about its place
            start(tag.rpartition(":")[2], attributes)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    return parser
