"""The pages of label runs: the label in sight, the files, what was spoilt; nothing of it for another enterprise or another role."""

from __future__ import annotations

import io
import re
import zipfile
from uuid import UUID

import pytest
from sqlalchemy import text

from tenants import scope
from tenants.rules.label_words import MakingState
from tenants.rules.states import LabelKind, Role
from tenants.services import label_claims, label_making, label_work
from tenants.vault import Vault
from tests.cast import A, B
from tests.databases import Database
from tests.portal.conftest import Browser

ORDER = "/enterprise/label_runs/order"


def ordered(browser: Browser, quantity: int = 3, kind: LabelKind = LabelKind.METAL) -> str:
    answer = browser.submit(ORDER, ORDER, medium_code="01", kind=kind.value, quantity=str(quantity))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def work(database: Database) -> None:
    while claim := label_claims.claim_next():
        label_work.work_on(claim, Vault.of(database.settings))


def making_of(page: str) -> UUID:
    found = re.search(r"makings/([0-9a-f-]{36})/", page)
    assert found
    return UUID(found[1])


@pytest.mark.parametrize("kind", LabelKind)
def test_every_kind_is_shown_with_its_limits(own_admin: Browser, kind: LabelKind) -> None:
    shown = own_admin.get(f"{ORDER}/preview?kind={kind.value}&medium_code=01").text

    assert "data:image/svg+xml;base64," in shown
    assert shown.count("可以") >= 7
    assert "不足" not in shown


def test_the_preview_follows_what_is_chosen_and_survives_nonsense(own_admin: Browser) -> None:
    gas = own_admin.get(f"{ORDER}/preview?kind=metal&medium_code=01").text
    oxygen = own_admin.get(f"{ORDER}/preview?kind=metal&medium_code=02").text
    assert gas != oxygen
    assert own_admin.get(f"{ORDER}/preview?kind=nothing&medium_code=zz").status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": ""}, "请填写整数"),
        ({"quantity": "1.5"}, "请填写整数"),
        ({"quantity": "0"}, "数量应为"),
        ({"quantity": "5", "kind": "gold"}, "请从列表中选择"),
        ({"quantity": "5", "medium_code": "99"}, "没有此代码"),
    ],
)
def test_a_wrong_order_says_what_is_wrong_and_keeps_the_rest(
    own_admin: Browser, fields: dict[str, str], said: str
) -> None:
    answer = own_admin.submit(ORDER, ORDER, **{"medium_code": "01", "kind": "ceramic", **fields})

    assert answer.status_code == 400
    assert said in answer.text
    if "kind" not in fields:
        assert re.search(r'value="ceramic" checked', answer.text)


def test_an_order_sent_twice_is_one_run(own_admin: Browser) -> None:
    run_id = re.findall(r'name="run_id" value="([^"]+)"', own_admin.get(ORDER).text)[0]
    fields = {"medium_code": "01", "kind": "metal", "quantity": "7", "run_id": run_id}
    answers = [own_admin.submit(ORDER, ORDER, **fields) for _ in range(2)]

    assert {answer.headers["Location"] for answer in answers} == {f"/enterprise/label_runs/{run_id}"}
    assert own_admin.submit(ORDER, ORDER, **{**fields, "run_id": "nonsense"}).status_code == 303


def test_from_the_order_to_the_file(own_admin: Browser, own_walls: Database) -> None:
    page = ordered(own_admin)
    assert "制作文件" in own_admin.get(page).text
    assert own_admin.submit(f"{page}/make", page, part="1").status_code == 303
    waiting = own_admin.get(page).text
    assert "排队等待处理" in waiting
    assert "HX-Refresh" not in own_admin.get(f"{page}/progress").headers
    work(own_walls)
    assert own_admin.get(f"{page}/progress").headers["HX-Refresh"] == "true"

    done = own_admin.get(page).text
    assert "还没有下载" in done
    answer = own_admin.submit(f"/enterprise/label_runs/makings/{making_of(done)}/labels.zip", page)
    assert answer.headers["Content-Type"] == "application/zip"
    assert (
        len([name for name in zipfile.ZipFile(io.BytesIO(answer.data)).namelist() if name.endswith(".svg")])
        == 3
    )
    assert "已下载 1 次" in own_admin.get(page).text
    again = own_admin.submit(f"{page}/make", page, part="1")
    assert again.status_code == 409
    assert "不能重复制作" in again.text


def test_a_making_is_stopped(own_admin: Browser, own_walls: Database) -> None:
    page = ordered(own_admin)
    own_admin.submit(f"{page}/make", page, part="1")
    making = making_of(own_admin.get(page).text)
    assert own_admin.submit(f"/enterprise/label_runs/makings/{making}/cancel", page).status_code == 303
    with scope.tenant_scope(A.tenant_id) as session:
        assert label_making.get_making(session, making).state == MakingState.CANCELLED.value
    assert own_admin.submit(f"/enterprise/label_runs/makings/{making}/labels.zip", page).status_code == 409
    assert own_admin.submit(f"{page}/make", page, part="x").status_code == 400


def test_spoilt_numbers_are_written_down_on_the_page(own_admin: Browser) -> None:
    page = ordered(own_admin, 5)
    first = int(re.findall(r"(\d{6}) –", own_admin.get(page).text)[0])
    wrong = own_admin.submit(f"{page}/spoilt", page, serials="abc", why="damaged")
    assert wrong.status_code == 400
    assert "看不懂：abc" in wrong.text
    assert ">abc</textarea>" in wrong.text
    assert own_admin.submit(f"{page}/spoilt", page, serials=str(first), why="").status_code == 400
    assert own_admin.submit(f"{page}/spoilt", page, serials="999999", why="damaged").status_code == 400
    done = own_admin.submit(
        f"{page}/spoilt", page, serials=f"{first}-{first + 1}", why="damaged", note="刻偏"
    )
    assert done.status_code == 303

    shown = own_admin.get(page).text
    assert shown.count("损坏：刻偏") == 2
    twice = own_admin.submit(f"{page}/spoilt", page, serials=str(first), why="damaged")
    assert twice.status_code == 400
    assert "已作废" in twice.text


def test_the_list_names_the_run_and_its_artwork(own_admin: Browser) -> None:
    page = ordered(own_admin)

    shown = own_admin.get("/enterprise/label_runs").text
    assert f'href="{page}"' in shown
    assert "未制作" in shown
    assert own_admin.get("/enterprise/label_runs/export.csv").status_code == 200


def test_an_empty_list_says_what_to_do_first(own_admin: Browser, own_database: Database) -> None:
    assert "没有符合条件的制签批次" in own_admin.get("/enterprise/label_runs?medium_code=77").text
    with own_database.as_admin() as connection:
        for table in ("label_file", "label_making", "label_issue", "label", "label_run"):
            connection.execute(text(f"ALTER TABLE gas.{table} DISABLE TRIGGER USER"))
            connection.execute(text(f"DELETE FROM gas.{table} WHERE tenant_id = {A.tenant_id}"))

    assert "先制发一批标签" in own_admin.get("/enterprise/label_runs").text


def test_a_store_keeper_reads_and_makes_nothing(client: Browser) -> None:
    client.sign_in(A.username(Role.STORE))
    page = f"/enterprise/label_runs/{A.uuid(50)}"

    assert client.get(page).status_code == 200
    assert 'action="' + page + '/make"' not in client.get(page).text
    assert client.get(ORDER).status_code == 403
    assert client.submit(f"/enterprise/label_runs/makings/{A.uuid(51)}/labels.zip", page).status_code == 403


def test_a_filler_sees_no_runs(client: Browser) -> None:
    client.sign_in(A.username(Role.FILLER))
    assert client.get("/enterprise/label_runs").status_code == 403


def test_another_enterprise_finds_nothing(client: Browser) -> None:
    client.sign_in(B.username(Role.ADMIN))
    for path in (f"{A.uuid(50)}", f"{A.uuid(50)}/progress"):
        assert client.get(f"/enterprise/label_runs/{path}").status_code == 404
    own = f"/enterprise/label_runs/{B.uuid(50)}"
    for path in (
        f"{A.uuid(50)}/make",
        f"{A.uuid(50)}/spoilt",
        f"makings/{A.uuid(51)}/cancel",
        f"makings/{A.uuid(51)}/labels.zip",
    ):
        answer = client.submit(f"/enterprise/label_runs/{path}", own, serials="1", why="damaged", part="1")
        assert answer.status_code == 404, path
