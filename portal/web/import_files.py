"""Files of an import: the template to download, and the rows that could not be taken over, to be mended and sent again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import xlsxwriter
from flask_babel import gettext

from portal import i18n
from portal.web.export import harmless
from portal.web.import_words import told
from tenants.rules.states import Names
from tenants.services.imports.heads import REASONS
from tenants.services.imports.problems import from_json
from tenants.services.imports.reading import MOST_ROWS
from tenants.services.imports.template import NOTES_SHEETS, ImportColumn, Importer

BOM = b"\xef\xbb\xbf"
WIDTH = 18
Rejected = Iterable[tuple[Sequence[str], Sequence[dict[str, object]]]]


def named(names: Names) -> str:
    """A name in the reader's language."""
    return names.en if i18n.language() == "en" else names.zh


def own_columns(importer: Importer) -> list[ImportColumn]:
    """The columns of the template."""
    return [column for column in importer.columns if column.own]


def template_csv(importer: Importer) -> bytes:
    """The column names and nothing else."""
    out = io.StringIO()
    csv.writer(out).writerow(named(column.names) for column in own_columns(importer))
    return BOM + out.getvalue().encode()


def template_xlsx(importer: Importer, choices: Mapping[str, Sequence[str]]) -> bytes:
    """A sheet to fill in whose cells are text, so that nothing typed is changed; a sheet that explains it; lists to choose from."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(named(importer.title)[:31])
    notes, lists = (book.add_worksheet(named(names)) for names in NOTES_SHEETS)
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "num_format": "@", "border": 1})
    must = book.add_format({"bold": True, "bg_color": "#FFE3A8", "num_format": "@", "border": 1})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(own_columns(importer)):
        sheet.set_column(place, place, WIDTH, text)
        sheet.write_string(0, place, named(column.names), must if column.must else head)
        sheet.write_comment(0, place, "\n".join(_explained(column)))
        if offered := choices.get(column.key):
            lists.write_column(0, place, offered)
            letter = xlsxwriter.utility.xl_col_to_name(place)
            source = f"='{lists.get_name()}'!${letter}$1:${letter}${len(offered)}"
            sheet.data_validation(1, place, MOST_ROWS, place, {"validate": "list", "source": source, "error_type": "warning"})  # fmt: skip
    _explain(book, notes, importer)
    book.close()
    return out.getvalue()


def _explain(book: xlsxwriter.Workbook, notes: xlsxwriter.worksheet.Worksheet, importer: Importer) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    notes.set_column(0, 0, 22)
    notes.set_column(1, 1, 8)
    notes.set_column(2, 3, 44, wrapped)
    notes.write_row(0, 0, [gettext("列名"), gettext("必填"), gettext("示例"), gettext("说明")], bold)
    for number, column in enumerate(own_columns(importer), start=1):
        hint = i18n.spoken(column.hint) if column.hint else ""
        notes.write_row(
            number, 0, [named(column.names), gettext("是") if column.must else "", column.example, hint]
        )
    advice = gettext(
        "最多 %(rows)d 行。日期写 2026-05 或 2026-05-12；编号列保持“文本”格式；不用公式和合并单元格。",
        rows=MOST_ROWS,
    )
    notes.write_string(len(own_columns(importer)) + 2, 0, advice)


def _explained(column: ImportColumn) -> Iterator[str]:
    yield gettext("必填") if column.must else gettext("选填")
    if column.example:
        yield gettext("示例：%(example)s", example=column.example)
    if column.hint:
        yield i18n.spoken(column.hint)


def rejected_csv(importer: Importer, head: Sequence[str], rows: Rejected) -> bytes:
    """The rows as they were sent and a column of reasons; nothing in it is calculated by a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in _rejected(importer, head, rows):
        writer.writerow([harmless(cell) for cell in line])
    return BOM + out.getvalue().encode()


def rejected_xlsx(importer: Importer, head: Sequence[str], rows: Rejected) -> bytes:
    """The same as a workbook of texts."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(named(importer.title)[:31])
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(head), WIDTH, text)
    for number, line in enumerate(_rejected(importer, head, rows)):
        for place, cell in enumerate(line):
            sheet.write_string(number, place, harmless(cell), text)
    book.close()
    return out.getvalue()


def _rejected(importer: Importer, head: Sequence[str], rows: Rejected) -> Iterator[list[str]]:
    """The head without an earlier column of reasons, then each row with its own reasons."""
    earlier = {REASONS.names.zh, REASONS.names.en}
    kept = [place for place, title in enumerate(head) if title not in earlier]
    colon, between = (": ", "; ") if i18n.language() == "en" else ("：", "；")
    yield [*(head[place] for place in kept), named(REASONS.names)]
    for cells, problems in rows:
        said = [told(importer, from_json(dict(one))) for one in problems if one["grave"]]
        reasons = between.join(f"{one.title}{colon}{one.reason}" if one.title else one.reason for one in said)
        yield [*(cells[place] if place < len(cells) else "" for place in kept), reasons]
