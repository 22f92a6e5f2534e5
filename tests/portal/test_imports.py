"""The pages of an import: who may open them, what they say of a file, and the files that can be fetched."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.web.export import harmless
from tenants.permissions import GRANTS, Permission
from tenants.rules.states import Role
from tests import cast
from tests.databases import Database
from tests.portal.conftest import Browser
from tests.tenants.imports.office import OLD_TABLE, Office, as_csv, good_rows

SEND = "/enterprise/cylinders/import"
RUNS = "/enterprise/imports"
NOT_ADMINS = [role for role in cast.STAFF_ROLES if role is not Role.ADMIN]


@pytest.fixture
def office(own_app: Flask, own_database: Database) -> Office:
    found = Office(own_database)
    found.furnish()
    return found


def send(browser: Browser, content: bytes, name: str = "气瓶.csv") -> TestResponse:
    return browser.submit(SEND, "/account", file=(io.BytesIO(content), name))


def checked(browser: Browser, office: Office, content: bytes) -> str:
    """The address of the import once it is checked."""
    answer = send(browser, content)
    assert answer.status_code == 303
    office.work()
    return answer.headers["Location"]


def test_a_file_is_sent_looked_at_and_written(own_admin: Browser, office: Office) -> None:
    office.issue([office.label(1)])
    page = checked(own_admin, office, as_csv(good_rows(1, label=office.label(1)) + good_rows(2, first=2)))
    shown = own_admin.get(page).text
    assert "检查完了，还没有写入" in shown
    assert "标签号。可以建档，充装时会被拒充或无法判定" in shown
    assert own_admin.submit(f"{page}/approve", "/account", mode="all").status_code == 303
    assert "已写入 0 / 3 行" in own_admin.get(f"{page}/progress").text
    office.work()
    done = own_admin.get(f"{page}/progress")
    assert done.headers["HX-Refresh"] == "true"
    assert "已写入 3 行" in own_admin.get(page).text
    assert own_admin.submit(f"{page}/undo", "/account").status_code == 303
    office.work()
    assert "已撤销" in own_admin.get(page).text
    assert "气瓶.csv" in own_admin.get(RUNS).text


def test_both_languages_tell_the_same_faults(own_admin: Browser, office: Office) -> None:
    page = checked(own_admin, office, OLD_TABLE.read_bytes())
    zh = own_admin.get(page).text
    own_admin.submit("/preferences", "/account", locale="en", next="/account")
    en = own_admin.get(page).text
    assert "这个品种的气瓶不能盛装该介质" in zh
    assert "A cylinder of this kind cannot hold this medium" in en
    assert "A label has 17 or 11 digits; this has 10" in en
    assert "Missing: Label, Registration number" in en or "Registration number, Next inspection" in en


def test_rejected_rows_are_fetched_mended_and_sent_again(own_admin: Browser, office: Office) -> None:
    rows = [*good_rows(2), ("=cmd|' /C calc'!A0", "厂一", "无此品种", "氮气", "", "", "", "")]
    page = checked(own_admin, office, as_csv(rows))
    body = own_admin.get(f"{page}/rejected.csv")
    lines = list(csv.reader(io.StringIO(body.data.decode("utf-8-sig"))))
    assert lines[0][0] == "出厂编号"
    assert lines[0][-1] == "不能导入的原因"
    assert len(lines) == 2
    assert lines[1][0] == harmless(rows[2][0]) == "'=cmd|' /C calc'!A0"
    assert "没有这个品种" in lines[1][-1]
    book = CalamineWorkbook.from_filelike(io.BytesIO(own_admin.get(f"{page}/rejected.xlsx").data))
    assert book.get_sheet_by_index(0).to_python() == lines
    mended = [lines[0], ["S900", *lines[1][1:2], "2310", *lines[1][3:]]]
    again = checked(own_admin, office, as_csv(mended[1:], head=mended[0]))
    shown = own_admin.get(again).text
    assert "这一列是系统写的原因" in shown
    assert "导入 1 行" in shown


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_template_can_be_filled_in_and_sent(
    own_admin: Browser, office: Office, kind: str, locale: str
) -> None:
    own_admin.submit("/preferences", "/account", locale=locale, next="/account")
    body = own_admin.get(f"{SEND}/template.{kind}").data
    if kind == "csv":
        head = next(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        head = book.get_sheet_by_index(0).to_python()[0]
        assert len(book.sheet_names) == 3
    own_admin.submit("/preferences", "/account", locale="zh", next="/account")
    row = ["S1", "厂一", "钢质无缝气瓶", "氮气", *[""] * (len(head) - 4)]
    shown = own_admin.get(checked(own_admin, office, as_csv([row], head=head))).text
    assert "导入 1 行" in shown
    assert "不认识" not in shown


def test_a_file_sent_twice_is_said_to_be(own_admin: Browser, office: Office) -> None:
    first = checked(own_admin, office, as_csv(good_rows(2)))
    second = own_admin.get(checked(own_admin, office, as_csv(good_rows(2)))).text
    assert "上传过" in second
    assert first in second


def test_what_is_no_spreadsheet_comes_back_with_what_it_is(own_admin: Browser, office: Office) -> None:
    answer = send(own_admin, b"%PDF-1.7", "气瓶.xlsx")
    assert answer.status_code == 400
    assert "PDF" in answer.text
    assert own_admin.submit(SEND, "/account").status_code == 400


def test_a_file_beyond_the_limit_is_answered_with_413(own_admin: Browser, office: Office) -> None:
    answer = send(own_admin, b"a,b\n" + b"0" * (20 * 1024 * 1024))
    assert answer.status_code == 413
    assert "20 MB" in answer.text
    assert send(own_admin, b"a,b\n" + b"0" * (2 * 1024 * 1024)).status_code == 303


def test_a_stranger_is_stopped_at_the_usual_size(own_app: Flask) -> None:
    answer = own_app.test_client().post(SEND, data={"file": (io.BytesIO(b"0" * (2 * 1024 * 1024)), "a.csv")})
    assert answer.status_code == 413


@pytest.mark.parametrize("role", NOT_ADMINS)
def test_a_role_without_the_permission_gets_403(own_app: Flask, office: Office, role: Role) -> None:
    browser = own_app.test_client()
    browser.sign_in(cast.A.username(role))
    for path in (SEND, RUNS, f"{RUNS}/{cast.A.uuid(95)}", f"{RUNS}/{cast.A.uuid(95)}/rejected.csv"):
        assert browser.get(path).status_code == 403
    for deed in ("approve", "cancel", "undo"):
        assert browser.submit(f"{RUNS}/{cast.A.uuid(95)}/{deed}", "/account", mode="all").status_code == 403
    assert Role.ADMIN in GRANTS[Permission.CYLINDERS_IMPORT].roles


def test_the_other_enterprise_s_import_is_not_found(own_admin: Browser, office: Office) -> None:
    for part in ("", "/progress", "/rejected.csv"):
        assert own_admin.get(f"{RUNS}/{cast.B.uuid(95)}{part}").status_code == 404
    for deed in ("approve", "cancel", "undo"):
        assert own_admin.submit(f"{RUNS}/{cast.B.uuid(95)}/{deed}", "/account", mode="all").status_code == 404


def test_all_or_nothing_with_errors_is_refused_in_words(own_admin: Browser, office: Office) -> None:
    page = checked(own_admin, office, as_csv([*good_rows(1), ("", "", "", "", "", "", "", ""), ("x",) * 8]))
    answer = own_admin.submit(f"{page}/approve", "/account", mode="all")
    assert answer.status_code == 409
    assert "没有导入任何一行" in answer.text
    assert own_admin.submit(f"{page}/approve", "/account", mode="neither").status_code == 400
    assert own_admin.submit(f"{page}/cancel", "/account").status_code == 303
    assert "已取消" in own_admin.get(page).text


def test_markup_in_a_file_is_shown_and_not_run(own_admin: Browser, office: Office) -> None:
    name = "<script>alert(1)</script>.csv"
    rows = [("<img src=x>", "厂一", "<script>alert(2)</script>", "氮气", "", "", "", "")]
    answer = send(
        own_admin,
        as_csv(rows, head=(*["出厂编号", "制造单位", "设备品种", "充装介质"], "<b>甲</b>", "乙", "丙", "丁")),
        name,
    )
    office.work()
    for page in (answer.headers["Location"], RUNS):
        shown = own_admin.get(page).text
        assert "<script>alert" not in shown
        assert "<img" not in shown
        assert "<b>甲" not in shown


def test_nothing_personal_is_written_into_the_audit(
    own_admin: Browser, office: Office, own_database: Database
) -> None:
    checked(
        own_admin,
        office,
        as_csv([("S1", *FULL, "王五")], head=("出厂编号", "制造单位", "设备品种", "充装介质", "客户名称")),
    )
    with own_database.as_admin() as connection:
        entries = connection.scalars(
            text("SELECT detail::text || subject FROM gas.audit WHERE action LIKE 'import%'")
        ).all()
    assert entries
    assert "王五" not in "".join(entries)


FULL = ("厂一", "2310", "N2")
