"""Which row of the file has the column names, and which column is which."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tenants.rules.states import Names
from tenants.sentences import say
from tenants.services.imports.problems import Problem, notice, shown
from tenants.services.imports.reading import Line
from tenants.services.imports.template import Importer, LeftOut, names_of
from tenants.services.imports.values import as_text
from tenants.services.imports.workbook import FileRefused

FIRST_ROWS = 10  # the names stand in one of these; a title may stand above them
REASONS = LeftOut(Names("不能导入的原因", "Why not imported"), (), say("这一列是系统写的原因"))
_UNIT = re.compile(r"[((（\[【].*?[))）\]】]|[\s**＊:：_]")


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of a file: template key → place in the row, and everything as it is written."""

    row: int
    titles: tuple[str, ...]
    places: Mapping[str, int]


def plain(title: str) -> str:
    """A column name without units, stars, blanks and case: «公称容积 (L)» is 公称容积."""
    return _UNIT.sub("", title).lower()


def find_head(importer: Importer, lines: Iterator[Line]) -> tuple[Head, list[Problem], Iterator[Line]]:
    """The row with most of the known names among the first few, what to say of it, and the lines below it.

    Raises FileRefused when a needed column is missing or one stands there twice.
    """
    first = list(itertools.islice(lines, FIRST_ROWS))
    if not first:
        raise FileRefused(say("文件里没有内容"), say("下载模板，填写后上传"))
    known = _known(importer)
    best = max(first, key=lambda line: sum(plain(as_text(cell)) in known for cell in line.cells))
    head, notices = _read(importer, best, known)
    if best is not first[0]:
        notices.insert(0, notice(say("第 %(row)d 行是列名，上面的行没有读取", row=best.number)))
    return head, notices, itertools.chain(first[first.index(best) + 1 :], lines)


def _known(importer: Importer) -> dict[str, str | LeftOut]:
    """Every name, plain, with the key of its column or with why it is left out."""
    known: dict[str, str | LeftOut] = {}
    for column in importer.columns:
        known |= {plain(name): column.key for name in names_of(column)}
    for left in (*importer.left_out, REASONS):
        known |= {plain(name): left for name in names_of(left)}
    return known


def _read(importer: Importer, line: Line, known: Mapping[str, str | LeftOut]) -> tuple[Head, list[Problem]]:
    titles = tuple(as_text(cell).strip()[:200] for cell in line.cells)
    places: dict[str, int] = {}
    notices = []
    for place, title in enumerate(titles):
        meant = known.get(plain(title))
        if isinstance(meant, LeftOut):
            notices.append(notice(say("“%(column)s”列没有读取：", column=shown(title)), meant.why))
        elif meant is None and title:
            reason = say("“%(column)s”列不认识，没有读取", column=shown(title))
            notices.append(notice(reason, say("需要的话，把列名改成模板中的写法")))
        elif meant in places:
            raise FileRefused(
                say("“%(column)s”有两列，不知道以哪一列为准", column=shown(title)), say("删去或改名其中一列")
            )
        elif meant is not None:
            places[meant] = place
    missing = [column for column in importer.columns if column.must and column.key not in places]
    if missing:
        raise FileRefused(
            say("缺少列：%(columns)s", columns=[column.key for column in missing]),
            say("下载模板，按模板的列名填写"),
        )
    return Head(line.number, titles, places), notices
