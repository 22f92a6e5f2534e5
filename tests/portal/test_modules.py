"""What every declared module does: list, filter, sort, page, add, edit, act."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.web import MODULES
from portal.web.forms import stamp, written
from portal.web.module import Module
from tenants.permissions import GRANTS
from tenants.planes import Plane
from tenants.rules.states import Role
from tests import cast
from tests.databases import Database
from tests.portal.conftest import Browser

HTMX = {"HX-Request": "true", "HX-Target": "drawer"}
ARCHIVE = "/enterprise/cylinders"
GOOD = cast.A.cylinder_id("good")
WHOLE = {"serial_no": "N-1", "maker": "新厂", "kind_code": "LPG_WELDED", "medium_id": "LPG", "ownership": "own", "made": "2024-05",
         "next_inspection": "2028-05-31", "volume_l": "35.5", "tare_kg": "16.5"}  # fmt: skip


def serials(page: str) -> list[str]:
    return [
        name
        for name in (f"ZA-S{cast.A.first_serial + i}" for i in range(len(cast.CYLINDERS)))
        if f">{name}</a>" in page
    ]


def of(*names: str) -> list[str]:
    return [f"ZA-S{cast.A.first_serial + list(cast.CYLINDERS).index(name)}" for name in names]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_a_module_lists_and_gives_its_table_alone(
    signed_in: Callable[[str], Browser], module: Module
) -> None:
    readers = {Plane.TENANT: cast.A.username(Role.ADMIN), Plane.REGULATOR: cast.REGULATOR_OF_A.username,
               Plane.INSPECTOR: cast.INSPECTOR_OF_A.username}  # fmt: skip
    reader = signed_in(readers[GRANTS[module.read].plane])
    whole = reader.get(module.address)
    part = reader.get(module.address, headers={"HX-Request": "true", "HX-Target": "list"})
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert "<table" in part.text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=suspended", ("suspended",)),
        ("due=overdue", ("overdue",)),
        ("due=soon", ("due_soon",)),
        ("medium=O2", ("oxygen",)),
        ("status=nonsense&medium=O2", ("oxygen",)),
        (f"q={cast.A.code('good')}", ("good",)),
        (f"q={cast.A.code('good')[6:]}", ("good",)),
        (f"q=http://teshe.org.cn/L?id={cast.A.code('good')}+;", ("good",)),
        (f"q={cast.A.code('good')[:11]}", tuple(name for name in cast.CYLINDERS if name != "oxygen")),
        ("q=ZA-S11000", tuple(list(cast.CYLINDERS)[:9])),
        (f"q={cast.B.code('good')}", ()),
        ("q=%25", ()),
    ],
)
def test_the_archive_finds_what_is_asked_for(admin: Browser, query: str, names: tuple[str, ...]) -> None:
    assert serials(admin.get(f"{ARCHIVE}?{query}").text) == of(*names)


def test_order_size_and_page_live_in_the_address(admin: Browser) -> None:
    def first(query: str) -> int:
        page = admin.get(f"{ARCHIVE}?size=20&{query}").text
        return page.index("ZA-S110001") < page.index("ZA-S110012")

    assert first("sort=serial_no")
    assert not first("sort=-serial_no")
    assert "ZA-S110001" in admin.get(f"{ARCHIVE}?page=999").text
    for odd in ("sort=drop", "page=x", "size=7", "page=-1", "page=99999999999999999999", "due=x"):
        assert admin.get(f"{ARCHIVE}?{odd}").status_code == 200


def test_an_empty_answer_says_what_to_do(admin: Browser) -> None:
    assert "没有符合条件的气瓶" in admin.get(f"{ARCHIVE}?q=zzz").text


def test_a_new_cylinder_is_in_the_archive_and_known_to_the_relay(
    own_admin: Browser, own_database: Database
) -> None:
    assert own_admin.submit(f"{ARCHIVE}/new", f"{ARCHIVE}/new", **WHOLE).headers["Location"] == ARCHIVE
    assert "N-1" in own_admin.get(ARCHIVE).text
    with own_database.as_admin() as connection:
        row = connection.execute(
            text(
                "SELECT id, made_on::text, made_precision, next_inspection_precision, tare_kg, district"
                " FROM gas.cylinder WHERE serial_no = 'N-1'"
            )
        ).one()
        assert tuple(row)[1:] == ("2024-05-01", "month", "day", Decimal("16.500"), cast.A.district)
        assert (
            connection.scalar(
                text("SELECT count(*) FROM gas.outbox WHERE subject_id = :id AND relayed_at IS NULL"),
                {"id": row.id},
            )
            == 1
        )
        assert (
            connection.scalar(text("SELECT action FROM gas.audit WHERE subject = :id"), {"id": str(row.id)})
            == "cylinder_added"
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"serial_no": ""}, "必填"),
        ({"made": "2026-13"}, "请填到月或到日"),
        ({"made": "1890-01"}, "日期不合理"),
        ({"made": "2099-01"}, "不能晚于今天"),
        ({"next_inspection": "2020-01", "last_inspection": "2024-01"}, "不能早于前一个日期"),
        ({"tare_kg": "-1"}, "应为数字"),
        ({"tare_kg": "NaN"}, "应为数字"),
        ({"tare_kg": "0"}, "应大于 0"),
        ({"tare_kg": "1.23456"}, "最多 3 位小数"),
        ({"medium_id": "CL2"}, "请选择本单位介质代码表中的介质"),
        ({"kind_code": "*"}, "请选择气瓶品种"),
        ({"ownership": "stolen"}, "请从列表中选择"),
        ({"maker": "厂" * 81}, "不能超过 80 个字"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_says_where(
    own_admin: Browser, wrong: dict[str, str], said: str
) -> None:
    answer = own_admin.post(
        f"{ARCHIVE}/new", data={"csrf_token": own_admin.token("/account"), **WHOLE, **wrong}, headers=HTMX
    )
    assert answer.status_code == 400
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="35.5"' in answer.text
    assert "<html" not in answer.text


def test_a_refused_form_speaks_english_too(own_admin: Browser) -> None:
    own_admin.submit("/preferences", "/account", locale="en")
    answer = own_admin.post(
        f"{ARCHIVE}/new",
        data={"csrf_token": own_admin.token("/account"), **WHOLE, "tare_kg": "1.23456"},
        headers=HTMX,
    )
    assert "At most 3 decimals" in answer.text


def test_the_same_stamp_twice_is_refused(own_admin: Browser) -> None:
    own_admin.submit(f"{ARCHIVE}/new", f"{ARCHIVE}/new", **WHOLE)
    answer = own_admin.submit(f"{ARCHIVE}/new", f"{ARCHIVE}/new", **WHOLE)
    assert answer.status_code == 409
    assert "已经建档" in answer.text


def form_of(page: str) -> dict[str, str]:
    import re
    from html import unescape

    fields = {
        name: unescape(value) for name, value in re.findall(r'<input name="(\w+)" value="([^"]*)"', page)
    }
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    fields["row_version"] = re.search(r'name="row_version" value="(\d+)"', page)[1]
    return fields


def test_an_edit_is_kept_and_touches_the_facts(own_admin: Browser, own_database: Database) -> None:
    to = f"{ARCHIVE}/{GOOD}/edit"
    fields = form_of(own_admin.get(to).text)
    assert own_admin.submit(to, to, **fields | {"tare_kg": "17.2"}).status_code == 303
    with own_database.as_admin() as connection:
        row = connection.execute(
            text("SELECT tare_kg, facts_version, row_version FROM gas.cylinder WHERE id = :id"), {"id": GOOD}
        ).one()
        assert tuple(row) == (Decimal("17.200"), 2, 2)


def test_saving_what_is_there_already_changes_nothing(own_admin: Browser, own_database: Database) -> None:
    to = f"{ARCHIVE}/{GOOD}/edit"
    page = own_admin.get(to).text
    note = {"note": "ZA note"}
    assert own_admin.submit(to, to, **form_of(page), **note).status_code == 303
    with own_database.as_admin() as connection:
        assert (
            connection.scalar(text("SELECT facts_version FROM gas.cylinder WHERE id = :id"), {"id": GOOD})
            == 1
        )


def test_the_slower_of_two_is_told_what_changed_and_loses_nothing(own_admin: Browser) -> None:
    to = f"{ARCHIVE}/{GOOD}/edit"
    fields = form_of(own_admin.get(to).text)
    own_admin.submit(to, to, **fields | {"tare_kg": "17.2"})
    slower = own_admin.submit(to, to, **fields | {"maker": "另一家厂"})
    assert slower.status_code == 409
    assert "刚被他人修改过" in slower.text
    assert "<dd>17.2</dd>" in slower.text
    assert 'value="另一家厂"' in slower.text
    again = own_admin.submit(to, to, **form_of(slower.text))
    assert again.status_code == 303
    assert "另一家厂" in own_admin.get(f"{ARCHIVE}/{GOOD}").text


STEPS = [
    ("good", "suspend", 303), ("good", "resume", 409), ("good", "cancel", 303), ("good", "scrap", 303),
    ("suspended", "resume", 303), ("suspended", "suspend", 409), ("suspended", "scrap", 303),
    ("cancelled", "resume", 409), ("cancelled", "suspend", 409), ("cancelled", "scrap", 303),
    ("scrapped", "resume", 409), ("scrapped", "cancel", 409), ("scrapped", "suspend", 409), ("scrapped", "scrap", 409),
]  # fmt: skip


def test_which_status_may_follow_which(own_admin: Browser, own_database: Database) -> None:
    for name, action, status in STEPS:
        with own_database.as_admin() as connection:
            connection.execute(text("UPDATE gas.cylinder SET status = :s WHERE id = :id"),
                               {"s": {"good": "in_use"}.get(name, name), "id": cast.A.cylinder_id(name)})  # fmt: skip
        answer = own_admin.submit(
            f"{ARCHIVE}/do/{action}", "/account", id=cast.A.cylinder_id(name), reason="试验"
        )
        assert answer.status_code == status, (name, action)


def test_scrapping_needs_a_reason_and_voids_the_label(own_admin: Browser, own_database: Database) -> None:
    refused = own_admin.submit(f"{ARCHIVE}/do/scrap", "/account", id=GOOD, reason="  ")
    assert refused.status_code == 400
    own_admin.submit(f"{ARCHIVE}/do/scrap", "/account", id=GOOD, reason="瓶体变形")
    with own_database.as_admin() as connection:
        assert (
            connection.scalar(text("SELECT status_reason FROM gas.cylinder WHERE id = :id"), {"id": GOOD})
            == "瓶体变形"
        )
        assert (
            connection.scalar(
                text("SELECT state FROM gas.label WHERE id = :id"), {"id": cast.A.label_id("good")}
            )
            == "void"
        )
        issue = connection.execute(
            text("SELECT action, reason FROM gas.label_issue WHERE label_id = :id ORDER BY at DESC LIMIT 1"),
            {"id": cast.A.label_id("good")},
        ).one()
        assert tuple(issue) == ("void", "瓶体变形")


def test_a_deed_on_many_is_done_to_all_or_to_none(own_admin: Browser, own_database: Database) -> None:
    chosen = [cast.A.cylinder_id(name) for name in ("good", "overdue", "scrapped")]
    answer = own_admin.submit(f"{ARCHIVE}/do/suspend", "/account", id=chosen, reason="停业")
    assert answer.status_code == 409
    with own_database.as_admin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM gas.cylinder WHERE status_reason = '停业'")) == 0
    assert (
        own_admin.submit(f"{ARCHIVE}/do/suspend", "/account", id=chosen[:2], reason="停业").status_code == 303
    )


def test_a_saved_drawer_tells_the_list_to_look_again(own_admin: Browser) -> None:
    token = own_admin.token("/account")
    answer = own_admin.post(
        f"{ARCHIVE}/do/suspend", data={"csrf_token": token, "id": str(GOOD), "reason": "停业"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert answer.text == ""
    assert "saved" in answer.headers["HX-Trigger"]
    assert answer.headers["HX-Trigger"].isascii()


def test_a_run_is_ordered_bound_replaced_and_lost(own_admin: Browser, own_database: Database) -> None:
    labels = "/enterprise/labels"
    order = "/enterprise/label_runs/order"
    assert own_admin.submit(order, order, medium_code="02", kind="metal", quantity="3").status_code == 303
    with own_database.as_admin() as connection:
        new = connection.execute(
            text(
                "SELECT id, code FROM gas.label WHERE medium_code = '02' AND state = 'issued'"
                " AND run_id IN (SELECT id FROM gas.label_run WHERE quantity = 3) ORDER BY code"
            )
        ).all()
    assert len(new) == 3
    bound = own_admin.submit(f"{labels}/do/bind", "/account", id=new[0].id, serial_no="ZA-S110010", uid="")
    assert bound.status_code == 303
    replaced = own_admin.submit(
        f"{labels}/do/replace", "/account", id=new[0].id, new_code=new[1].code, reason="磨损"
    )
    assert replaced.status_code == 303
    assert own_admin.submit(f"{labels}/do/lose", "/account", id=new[1].id, reason="丢失").status_code == 303
    again = own_admin.submit(f"{labels}/do/bind", "/account", id=new[1].id, serial_no="ZA-S110010", uid="")
    assert again.status_code == 409
    with own_database.as_admin() as connection:
        states = connection.scalars(
            text("SELECT state FROM gas.label WHERE id = ANY(:ids) ORDER BY code"),
            {"ids": [row.id for row in new]},
        ).all()
    assert states == ["void", "lost", "issued"]


@pytest.mark.parametrize(
    ("fields", "said"), [({"serial_no": "none"}, "没有这个出厂编号"), ({"serial_no": ""}, "必填")]
)
def test_binding_to_no_cylinder_says_so(own_admin: Browser, fields: dict[str, str], said: str) -> None:
    answer = own_admin.submit(
        "/enterprise/labels/do/bind", "/account", id=cast.A.label_id("issued"), **fields
    )
    assert answer.status_code == 400
    assert said in answer.text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("2026-05", "2026-05"), ("202605", "2026-05"), ("2026.5", "2026-05"), ("2026年5月", "2026-05"), ("2026-5-7", "2026-05-07"),
     ("20260507", "2026-05-07"), ("2026年5月7日", "2026-05-07"), ("2026/05/07", "2026-05-07")],
)  # fmt: skip
def test_a_stamped_date_can_be_typed_as_people_write_it(typed: str, kept: str) -> None:
    assert written(stamp(typed)) == kept


def test_one_cylinder_s_page_tells_the_verdict_and_its_life(admin: Browser) -> None:
    overdue = admin.get(f"{ARCHIVE}/{cast.A.cylinder_id('overdue')}").text
    assert "现在不得充装" in overdue
    assert "检验已过期" in overdue
    assert "拒充" in overdue
    good = admin.get(f"{ARCHIVE}/{GOOD}").text
    assert "现在不得充装" not in good
    assert "41.113 kg" in good


def test_markup_in_a_name_is_shown_and_not_run(own_admin: Browser, own_database: Database) -> None:
    with own_database.as_admin() as connection:
        connection.execute(
            text(
                "UPDATE gas.cylinder SET maker = '<script>alert(1)</script>', serial_no = '\"><img src=x>' WHERE id = :id"
            ),
            {"id": GOOD},
        )
    for page in (ARCHIVE, f"{ARCHIVE}/{GOOD}", f"{ARCHIVE}/{GOOD}/edit", f"{ARCHIVE}/do/suspend?id={GOOD}"):
        shown = own_admin.get(page).text
        assert "<script>alert" not in shown
        assert "<img" not in shown
