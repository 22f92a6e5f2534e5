"""Files that nobody can trust: each gets a clear answer, and nothing of it is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
import xlsxwriter

from tenants.errors import Invalid
from tenants.rules.states import ImportState
from tenants.services.imports import reading
from tests.tenants.imports.office import FULL, HEAD, Office, as_csv, as_xlsx, good_rows, state_of

ROWS = good_rows(3)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same zip with parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, body: body.replace(old, new) if name.endswith("sheet1.xml") else body


def a_zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return out.getvalue()


AT_ONCE = {
    "empty": (b"", "文件是空的"),
    "blank": (b" \r\n\r\n", "文件是空的"),
    "old xls": (OLE, "旧版 .xls"),
    "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "文件有密码"),
    "pdf": (b"%PDF-1.7 ...", "PDF 文件"),
    "png": (b"\x89PNG\r\n\x1a\n....", "PNG 文件"),
    "web page": (b"<html><table><tr><td>1", "网页或文档"),
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_what_is_no_table_is_refused_before_it_is_kept(office: Office, name: str) -> None:
    content, said = AT_ONCE[name]
    with pytest.raises(Invalid) as refused:
        office.send(content, "气瓶.xlsx")
    assert said in refused.value.fields["file"]
    assert refused.value.details["mend"]


def bomb() -> bytes:
    """A workbook of a few hundred kB that unpacks to 450 MB."""
    filler = b" " * (450 * 1024 * 1024)
    return repacked(as_xlsx(ROWS, HEAD), in_sheet(b"<sheetData>", filler + b"<sheetData>"))


def lying_bomb() -> bytes:
    """The same, whose directory says that it is small."""
    content = bytearray(bomb())
    large = (450 * 1024 * 1024).to_bytes(4, "little")[2:]
    at = content.find(b"xl/worksheets/sheet1.xml", content.find(b"PK\x01\x02"))
    while at != -1 and content[at - 46 : at - 42] != b"PK\x01\x02":
        at = content.find(b"xl/worksheets/sheet1.xml", at + 1)
    assert content[at - 46 + 26 : at - 46 + 28] >= large[:2]
    content[at - 46 + 24 : at - 46 + 28] = (5000).to_bytes(4, "little")
    return bytes(content)


LATER: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut short": (lambda: as_xlsx(ROWS)[:-700], "不完整或已损坏"),
    "cut in the middle": (lambda: as_xlsx(ROWS)[:900], "不完整或已损坏"),
    "another zip": (lambda: a_zip("a.txt", "b.txt"), "压缩包"),
    "a bomb": (bomb, "展开后太大"),
    "a bomb that lies": (lying_bomb, "不完整或已损坏"),
    "a million columns": (lambda: (",".join(HEAD) + "," * 1_000_000).encode(), "列数超过"),
    "a cell far right": (lambda: repacked(as_xlsx(ROWS), in_sheet(b'<c r="C2"', b'<c r="XFD2"')), "列数超过"),
    "a cell far down": (lambda: repacked(as_xlsx(ROWS), in_sheet(b'<c r="C2"', b'<c r="C1048576"')), "行数超过"),
    "no such place": (lambda: repacked(as_xlsx(ROWS), in_sheet(b'<c r="C2"', b'<c r="?"')), "不完整或已损坏"),
    "entities": (
        lambda: repacked(
            as_xlsx(ROWS),
            in_sheet(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><worksheet'),
        ),
        "不完整或已损坏",
    ),
    "NUL": (lambda: as_csv(ROWS) + b"a\0b,c\n", "空字符"),
    "no encoding": (lambda: as_csv(ROWS) + b"\xff\xff\xff\n", "编码认不出来"),
    "open quotes": (lambda: as_csv(ROWS) + b'"' + b"x" * 200_000, "引号可能没有成对"),
    "head only": (lambda: as_csv([]), "没有数据"),
    "head missing": (lambda: as_csv([("1", "2")], head=("甲", "乙")), "缺少列"),
    "a column twice": (lambda: as_csv(ROWS, head=(*HEAD[:-1], "出厂编号")), "有两列"),
}  # fmt: skip


@pytest.mark.parametrize("name", LATER)
def test_a_file_that_can_not_be_read_says_why_and_what_to_do(office: Office, name: str) -> None:
    make, said = LATER[name]
    before = office.count()
    run = office.check(make(), "气瓶.xlsx")
    assert state_of(run) is ImportState.REFUSED
    assert said in run.problem[0]["reason"][0] % run.problem[0]["reason"][1]
    assert run.problem[0]["mend"][0]
    assert office.count() == before


def test_more_rows_than_the_limit_are_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 5)
    assert state_of(office.check(as_csv(good_rows(5)))) is ImportState.CHECKED
    assert state_of(office.check(as_csv(good_rows(6)))) is ImportState.REFUSED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_of_spreadsheets(office: Office, encoding: str) -> None:
    run = office.check(as_csv(ROWS, encoding=encoding))
    assert (run.rows_warned, run.rows_bad) == (3, 0)
    assert list(run.head) == list(HEAD)


def test_the_content_counts_and_not_the_name(office: Office) -> None:
    run = office.check(as_xlsx(ROWS), "气瓶.csv")
    assert run.rows_warned == 3
    assert any("已按内容读取" in one["reason"][0] for one in run.notices)
    assert office.check(as_csv(good_rows(3, first=50)), "气瓶.xlsx").rows_warned == 3


def test_english_names_units_and_a_title_above_are_understood(office: Office) -> None:
    head = ("Serial number", "Maker", "Kind of cylinder *", "Medium", "公称容积（L）", "无关的列")
    content = as_csv(
        [head, ("E1", "M", "Seamless steel cylinder", "N2", "40", "x")], head=("我的气瓶", "", "", "", "", "")
    )
    run = office.check(content)
    assert (run.rows_total, run.rows_bad) == (1, 0)
    said = [one["reason"][0] for one in run.notices]
    assert any("列名" in one for one in said)
    assert any("不认识" in one for one in said)


def test_formulas_merged_cells_and_short_rows_are_named(office: Office) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    for number, row in enumerate(good_rows(5), start=1):
        sheet.write_row(number, 0, row)
    sheet.write_formula(1, 0, '="S"&"1"', None, "S1")
    sheet.merge_range(3, 1, 4, 1, "厂一")
    book.close()
    run = office.check(out.getvalue(), "气瓶.xlsx")
    assert office.errors(run.id) == {
        2: [("serial_no", "单元格 A2 是公式，不是值")],
        4: [("maker", "单元格 B4:B5 是合并的")],
        5: [("maker", "单元格 B4:B5 是合并的")],
    }
    short = office.check(as_csv(good_rows(2, first=70)) + b"S9,M\n")
    assert next(said for _, said in office.errors(short.id)[4]).startswith("这一行少了 6 列")


DATES = {
    "2020-01-02": ("2020-01-02", "day"), "2020/1/2": ("2020-01-02", "day"), "2020.1.2": ("2020-01-02", "day"),
    "20200102": ("2020-01-02", "day"), "2020年1月2日": ("2020-01-02", "day"), "2020-01": ("2020-01-01", "month"),
    "202001": ("2020-01-01", "month"), "2020年1月": ("2020-01-01", "month"),
}  # fmt: skip


def test_dates_keep_the_precision_they_are_written_with(office: Office) -> None:
    head = ("出厂编号", "设备品种", "充装介质", "制造日期")
    office.bring(
        as_csv([(f"D{number}", *FULL[1:], written) for number, written in enumerate(DATES)], head=head)
    )
    for number, (on, precision) in enumerate(DATES.values()):
        found = office.cylinders(serial_no=f"D{number}")[0]
        assert (found.made_on.isoformat(), found.made_precision) == (on, precision)


@pytest.mark.parametrize(
    ("shown", "kept"),
    [("yyyy-mm-dd", ("2020-05-01", "day")), ("yyyy-mm", ("2020-05-01", "month")), ('yyyy"年"m"月"', ("2020-05-01", "month")),
     ("mmm-yy", ("2020-05-01", "month"))],
)  # fmt: skip
def test_a_date_cell_counts_as_it_is_shown(office: Office, shown: str, kept: tuple[str, str]) -> None:
    head = ("出厂编号", "设备品种", "充装介质", "制造日期")
    run = office.check(
        as_xlsx([("D1", *FULL[1:], date(2020, 5, 1))], head=head, formats={3: shown}), "气瓶.xlsx"
    )
    office.apply(run.id)
    found = office.cylinders(serial_no="D1")[0]
    assert (found.made_on.isoformat(), found.made_precision) == kept


def test_what_a_spreadsheet_made_of_numbers_is_not_taken_for_them(office: Office) -> None:
    head = ("出厂编号", "设备品种", "充装介质", "标签号")
    numbers = [(131475088.0, *FULL[1:], None), ("N2", *FULL[1:], 37050290106000026.0), (1.5, *FULL[1:], None)]
    run = office.check(as_xlsx(numbers, head=head), "气瓶.xlsx")
    assert office.errors(run.id) == {
        3: [("label", "超过 15 位的数字已被表格软件丢掉后几位")],
        4: [("serial_no", "应为文字，表格软件把它当成了小数")],
    }
    texts = [("131475088.0", *FULL[1:], ""), ("1.31475E+08", *FULL[1:], "")]
    run = office.check(as_csv(texts, head=head))
    assert office.errors(run.id) == {
        2: [("serial_no", "编号被表格软件改成了小数")],
        3: [("serial_no", "科学计数法丢掉了后几位")],
    }
