"""A citizen reports a cylinder and follows it by the ticket; what is wrong is said, nothing typed is lost, and machines are held off."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal import create_app
from public_lookup import tickets
from tenants import scope
from tests.cast import A
from tests.databases import Database

TOKEN = re.compile(r'name="token" value="([^"]+)"')
SUM = re.compile(r"(\d+) \+ (\d+) = \?")


@pytest.fixture
def portal(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A portal of its own, where nobody has reported yet and everybody types slowly."""
    monkeypatch.setattr(tickets, "QUICK", -1)
    app = create_app(own_database.settings)
    scope.configure(app.config["SETTINGS"])
    app.extensions["reports"].hard.reset()
    return app


def picture(kind: str = "JPEG", **more: Any) -> bytes:
    made = BytesIO()
    Image.new("RGB", (2400, 1200), (200, 30, 30)).save(made, kind, **more)
    return made.getvalue()


def fields(**changed: Any) -> dict[str, Any]:
    usual = {
        "code": A.code("good"),
        "kind": "complaint",
        "matter": "short",
        "words": "换的气瓶明显不够重",
        "phone": "138 0000-0000",
    }
    return {**usual, **changed}


def token(citizen: FlaskClient) -> str:
    found = TOKEN.search(citizen.get(f"/report?id={A.code('good')}").text)
    assert found is not None
    return found[1]


def send(citizen: FlaskClient, **changed: Any) -> TestResponse:
    data = fields(**changed)
    data.setdefault("token", token(citizen))
    return citizen.post("/report", data=data, content_type="multipart/form-data")


def kept(database: Database) -> list[Any]:
    with database.as_admin() as connection:
        return list(
            connection.execute(
                text("SELECT * FROM gas.report WHERE words NOT LIKE 'Z%' ORDER BY received_at")
            )
        )


def test_a_report_gets_a_ticket_that_tells_how_far_it_is(
    citizen: FlaskClient, own_database: Database
) -> None:
    answer = send(citizen, lang="zh")
    assert answer.status_code == 303, answer.text
    page = citizen.get(answer.location)
    assert page.status_code == 200
    for said in ("已收到", "最迟", "7 个工作日", A.code("good"), "短斤缺两"):
        assert said in page.text
    assert "13800000000" not in page.text
    (row,) = kept(own_database)
    assert (row.tenant_id, row.about, row.district) == (A.tenant_id, A.tenant_id, A.district)
    assert b"1380000" not in bytes(row.phone)
    ticket = answer.location.partition("?")[0].rpartition("/")[2]
    assert ticket not in str(row)
    english = citizen.get(f"/report?ticket=+{ticket.lower()}+&lang=en", follow_redirects=True).text
    assert "Legal deadline" in english


def test_a_ticket_without_its_secret_tells_nothing(citizen: FlaskClient) -> None:
    number = send(citizen).location.rpartition("/")[2].partition("-")[0]
    for wrong in (number, f"{number}-AAAAAAAAAA", "x", "%00"):
        assert citizen.get(f"/report/{wrong}").status_code in (400, 404)
    assert citizen.get("/report?ticket=..%2F%0d%0aX: y", follow_redirects=True).status_code == 404


def test_sent_twice_it_is_one(citizen: FlaskClient, own_database: Database) -> None:
    same = token(citizen)
    places = {send(citizen, token=same).location for _ in range(2)}
    assert len(places) == 1
    assert len(kept(own_database)) == 1


def test_a_code_that_nobody_issued_belongs_to_its_district(
    citizen: FlaskClient, own_database: Database
) -> None:
    assert send(citizen, code=f"{A.code('good')[:11]}999999").status_code == 303
    (row,) = kept(own_database)
    assert (row.tenant_id, row.about, row.district) == (0, None, A.district)


def test_what_the_enterprise_is_not_to_see_is_not_its_row(
    citizen: FlaskClient, own_database: Database
) -> None:
    assert send(citizen, hidden="1", kind="tip").status_code == 303
    (row,) = kept(own_database)
    assert (row.tenant_id, row.about) == (0, A.tenant_id)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "3705"}, "17 位数字"),
        ({"kind": ""}, "请选择投诉或举报"),
        ({"matter": "weather"}, "请选择是什么问题"),
        ({"words": "短"}, "至少 5 个字"),
        ({"words": "长" * 1001}, "最多 1000 个字"),
        ({"phone": "call me"}, "电话号码不对"),
        ({"token": "forged"}, "请再提交一次"),
        ({"photo": (BytesIO(b"GIF89a no photo"), "p.jpg")}, "打不开这张照片"),
        ({"photo": (BytesIO(b"\xff" * (8 * 1024 * 1024 + 1)), "p.jpg")}, "照片太大"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    citizen: FlaskClient, own_database: Database, changed: dict[str, Any], said: str
) -> None:
    answer = send(citizen, **changed)
    assert answer.status_code == 400
    assert said in answer.text
    for key, value in fields(**changed).items():
        if key in ("code", "words", "phone"):
            assert value in answer.text
    assert TOKEN.search(answer.text)
    assert kept(own_database) == []


def test_a_film_is_refused_with_a_word(citizen: FlaskClient, own_database: Database) -> None:
    answer = send(citizen, photo=(BytesIO(b"\0" * (10 * 1024 * 1024)), "film.mp4"))
    assert answer.status_code == 413
    assert "照片太大" in answer.text
    assert kept(own_database) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_made_anew(citizen: FlaskClient, own_database: Database, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "secret camera"
    exif[0x0112] = 6  # lies on its side
    answer = send(citizen, photo=(BytesIO(picture(kind, exif=exif)), "no-name.bin"))
    assert answer.status_code == 303, answer.text
    (row,) = kept(own_database)
    with Image.open(BytesIO(bytes(row.photo))) as photo:
        assert photo.format == "JPEG"
        assert photo.size == (800, 1600)
        assert not photo.getexif()
    assert b"secret camera" not in bytes(row.photo)


def asked(answer: TestResponse) -> str:
    found = SUM.search(answer.text)
    assert found is not None
    return str(int(found[1]) + int(found[2]))


def test_in_doubt_a_sum_is_asked(
    citizen: FlaskClient, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for doubt in ({"website": "http://spam"}, {}):
        monkeypatch.setattr(tickets, "QUICK", -1 if doubt else 3600)
        same = token(citizen)
        answer = send(citizen, token=same, **doubt)
        assert answer.status_code == 400
        assert send(citizen, token=same, sum="99", **doubt).status_code == 400
        assert send(citizen, token=same, sum=asked(answer), **doubt).status_code == 303
    assert len(kept(own_database)) == 2


def test_many_from_one_place_are_asked_and_then_held_off(citizen: FlaskClient) -> None:
    sent = [send(citizen).status_code for _ in range(4)]
    assert sent == [303, 303, 303, 400]
    for _ in range(26):
        send(citizen, kind="")
    stopped = send(citizen)
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert "12315" in stopped.text


def test_the_page_stands_alone(citizen: FlaskClient) -> None:
    page = citizen.get(f"/report?id={A.code('good')}&lang=en")
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "private, no-store"
    assert f'value="{A.code("good")}"' in page.text
    assert citizen.get("/report?id=%3Cb%3E").text.count("<b>") == 0
