"""Reading a cell: text, codes, numbers, stamped dates, choices. Nothing is mended in silence: what can't be read for sure is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tenants.rules.facts import StampedDate
from tenants.rules.stamps import read_stamp
from tenants.rules.states import DatePrecision
from tenants.sentences import Sentence, say
from tenants.services.imports.template import Cell, Parse, Unreadable

EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_WAS_NUMBER = re.compile(r"[0-9]+\.0+|[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
AS_TEXT = say("把这一列设为“文本”格式，再重新填写")


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """The cell as a person sees it, for showing and for the file of rejected rows."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return str(cell)


def text(cell: Cell) -> str:
    """A text; a number is written as the spreadsheet shows it."""
    if isinstance(cell, str):
        found = cell.strip()
        if _UNSEEN.search(found):
            raise Unreadable(say("含有看不见的字符"), say("删去后重新输入，不要从别处粘贴"))
        if found in _ERRORS:
            raise Unreadable(say("单元格是错误值"), say("填写正确的值"))
        return found
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unreadable(say("应为文字，不是日期或逻辑值"), AS_TEXT)
    if isinstance(cell, float) and not cell.is_integer():
        raise Unreadable(say("应为文字，表格软件把它当成了小数"), AS_TEXT)
    if abs(cell) >= EXACT:
        raise Unreadable(say("超过 15 位的数字已被表格软件丢掉后几位"), AS_TEXT)
    return str(int(cell))


def code(cell: Cell) -> str:
    """A number that is a name: a serial number, a label. What a spreadsheet made of it is not taken for it."""
    found = text(cell)
    if isinstance(cell, str) and _WAS_NUMBER.fullmatch(found):
        lost = "e" in found.lower()
        reason = say("科学计数法丢掉了后几位") if lost else say("编号被表格软件改成了小数")
        raise Unreadable(reason, AS_TEXT)
    return found


def number(cell: Cell) -> Decimal:
    """A number with a point; a number cell is taken with the 15 digits that a spreadsheet keeps."""
    mend = say("填写数字，例如 16.5，不带单位")
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Unreadable(say("应为数字"), mend)
    found = cell.strip() if isinstance(cell, str) else f"{Decimal(f'{cell:.15g}'):f}"
    if not _NUMBER.fullmatch(found):
        raise Unreadable(say("应为数字"), mend)
    return Decimal(found)


def stamp(cell: Cell) -> StampedDate:
    """A date cell, to the day; or a text or number such as 2026-05, 202605, 2026年5月, 2026-05-12."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return StampedDate(cell, DatePrecision.DAY)
    mend = say("填到月或到日，例如 2026-05 或 2026-05-12")
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Unreadable(say("不是日期"), mend)
    try:
        return read_stamp(as_text(cell).strip())
    except ValueError:
        raise Unreadable(say("不是日期"), mend) from None


def one_of(choices: Mapping[str, Any], mend: Sentence) -> Parse:
    """One of a few words; `choices` maps what may be written to what it means."""

    def parse(cell: Cell) -> Any:
        found = text(cell)
        if found not in choices:
            raise Unreadable(say("不是可选的值"), mend)
        return choices[found]

    return parse
