"""What leaves the house: every row that the list has, codes whole, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from tenants.rules.cells import harmless
from tests import cast
from tests.databases import Database
from tests.portal.conftest import Browser

ARCHIVE = "/enterprise/cylinders"
GOOD = cast.A.cylinder_id("good")


def test_an_export_has_every_row_that_the_list_has_and_is_noted(
    own_admin: Browser, own_database: Database
) -> None:
    answer = own_admin.get(f"{ARCHIVE}/export.csv?status=in_use")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    in_use = [name for name, special in cast.CYLINDERS.items() if "status" not in special]
    assert len(lines) == len(in_use) + 1
    assert lines[0][0] == "标签"
    assert cast.A.code("good") in {line[0] for line in lines}
    with own_database.as_admin() as connection:
        detail = connection.scalar(text("SELECT detail FROM gas.audit WHERE action = 'list_exported'"))
    assert detail == {"rows": len(in_use), "kind": "csv"}


def test_a_spreadsheet_keeps_codes_whole(admin: Browser) -> None:
    answer = admin.get(f"{ARCHIVE}/export.xlsx?q={cast.A.code('good')}")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[1][0] == cast.A.code("good")


@pytest.mark.parametrize("text_", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_becomes_a_formula(text_: str) -> None:
    assert harmless(text_) == "'" + text_
    assert harmless("a" + text_) == "a" + text_


def test_a_planted_formula_leaves_the_house_as_text(own_admin: Browser, own_database: Database) -> None:
    with own_database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.cylinder SET maker = '=cmd|'' /C calc''!A1' WHERE id = :id"), {"id": GOOD}
        )
    lines = list(csv.reader(io.StringIO(own_admin.get(f"{ARCHIVE}/export.csv").data.decode("utf-8-sig"))))
    assert any(cell.startswith("'=cmd|") for line in lines for cell in line)
    assert not any(cell.startswith("=") for line in lines for cell in line)
