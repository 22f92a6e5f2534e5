"""The wall before the device API: another's label, chip, upload or event id is like one that nobody has."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from tests.cast import A, B, Enterprise
from tests.cast_fixture import copy_of
from tests.databases import Database
from tests.house import crawl
from tests.house.crawl import NOWHERE

API = "/api/devices/v1"
ABSENT_UID = "99999999" + "00000000"


@pytest.fixture(scope="module")
def app(cast_template: Database) -> Iterator[Flask]:
    for database in copy_of(cast_template):
        yield create_app(database.settings)


@pytest.fixture
def device(app: Flask) -> FlaskClient:
    """A's gateway; requests carry its token."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {A.token}"
    return client


def told(client: FlaskClient, path: str, body: dict[str, object]) -> tuple[int, str]:
    answer = client.post(API + path, json=body)
    text = crawl.without_ids(crawl.settled(answer.text), B, NOWHERE)
    for uid in (B.digit.upper() * 8 + "00000000", ABSENT_UID):
        text = text.replace(uid, "UID")
    return answer.status_code, text.replace(json.loads(answer.text).get("signature") or "\0", "")


@pytest.mark.parametrize("name", ["good", "overdue", "scrapped", "issued", "disputed"])
def test_a_verdict_on_anothers_label_is_one_on_nobodys(device: FlaskClient, name: str) -> None:
    answers = [told(device, "/verdicts", {"label": e.code(name), "purpose": "fill"}) for e in (B, NOWHERE)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert '"block"' in answers[0][1]


def test_a_verdict_on_anothers_chip_is_one_on_nobodys(device: FlaskClient) -> None:
    chips = (B.digit.upper() * 8 + "00000000", ABSENT_UID)
    answers = [told(device, "/verdicts", {"uid": uid, "purpose": "fill"}) for uid in chips]
    assert answers[0] == answers[1]


def test_an_own_label_is_known(device: FlaskClient) -> None:
    """A control: the same question about the own cylinder is answered with the cylinder."""
    status, text = told(device, "/verdicts", {"label": A.code("good"), "purpose": "fill"})
    assert status == 200
    assert A.mark in text


def event(e: Enterprise, number: int, label: str) -> dict[str, object]:
    return {
        "id": str(e.uuid(number)),
        "seq": number,
        "kind": "take_in",
        "occurred_at": "2026-11-01T08:00:00+08:00",
        "label": label,
        "data": {},
    }


def test_an_event_id_that_another_has_used_is_free(device: FlaskClient) -> None:
    answers = [told(device, "/events", {"events": [event(e, 91, A.code("good"))]}) for e in (B, NOWHERE)]
    assert [status for status, _ in answers] == [202, 202]
    assert all(json.loads(text)["accepted"] == 1 and not json.loads(text)["malformed"] for _, text in answers)


def test_anothers_upload_is_no_upload(device: FlaskClient) -> None:
    one, none = (device.get(f"{API}/uploads/{e.uuid(90)}") for e in (B, NOWHERE))
    assert one.status_code == none.status_code == 404
    assert crawl.without_ids(crawl.settled(one.text), B, NOWHERE) == crawl.without_ids(
        crawl.settled(none.text), B, NOWHERE
    )
    assert device.get(f"{API}/uploads/{A.uuid(90)}").status_code == 200


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer x", f"Basic {A.token}", f"Bearer {A.token.lower()}"])
def test_a_token_that_is_not_quite_right_opens_nothing(app: Flask, token: str) -> None:
    answer = app.test_client().post(
        f"{API}/verdicts", json={"label": A.code("good"), "purpose": "fill"}, headers={"Authorization": token}
    )
    assert answer.status_code == 401
    assert A.mark not in answer.text
