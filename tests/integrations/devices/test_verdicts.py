"""Pass or block before the fill: every reason, in the caller's language, signed, and the same with and without Redis."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tenants.verdict_cache import VerdictCache
from tests.cast import CYLINDERS, A, B
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway, codes

BLOCKED = {
    "overdue": "inspection_overdue",
    "scrapped": "condemned",
    "cancelled": "cancelled",
    "suspended": "suspended",
    "too_old": "beyond_service_life",
    "valve_too_old": "valve_too_old",
    "unregistered": "unregistered",
    "disputed": "label_on_two_cylinders",
}


@pytest.fixture(scope="module", autouse=True)
def checked(stage: Database) -> None:
    """Every cylinder has just been checked before its fill."""
    with stage.as_admin() as connection:
        connection.execute(
            text(
                "UPDATE gas.cylinder SET checked_at = now(), check_passed = true, filled_at = NULL, facts_version = facts_version + 1"
            )
        )


@contextmanager
def without_redis(app: Flask) -> Iterator[None]:
    whole = app.extensions["device_cache"]
    app.extensions["device_cache"] = VerdictCache.at("unix:///nowhere/redis.sock")
    try:
        yield
    finally:
        app.extensions["device_cache"] = whole


def test_a_good_cylinder_passes(gateway: Gateway) -> None:
    answer = gateway.verdict(label=A.code("good"), medium="01", gun="G1", operator="ZAfiller")
    assert (answer["verdict"], answer["refusals"]) == ("pass", [])
    cylinder = answer["cylinder"]
    assert cylinder["code"] == A.code("good")
    assert cylinder["serial_no"] == f"ZA-S{A.first_serial}"
    assert (cylinder["medium"], cylinder["status"]) == ("LPG", "in_use")
    assert cylinder["fillable_until"] > datetime.now().astimezone().date().isoformat()


def test_it_holds_for_a_minute(gateway: Gateway) -> None:
    answer = gateway.verdict(label=A.code("good"))
    issued, until = (datetime.fromisoformat(answer[name]) for name in ("issued_at", "valid_until"))
    assert until - issued == timedelta(seconds=60)


def test_the_signature_is_over_all_of_it(app: Flask, gateway: Gateway) -> None:
    answer = gateway.verdict(label=A.code("overdue"))
    signature = answer.pop("signature")
    plain = json.dumps(answer, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    key = app.config["SETTINGS"].derived_secret("verdict").encode()
    assert signature == f"hmac-sha256:{hmac.new(key, plain, sha256).hexdigest()}"


@pytest.mark.parametrize("name", BLOCKED)
def test_each_reason_blocks(gateway: Gateway, name: str) -> None:
    answer = gateway.verdict(label=A.code(name), operator="ZAfiller")
    assert answer["verdict"] == "block"
    assert BLOCKED[name] in codes(answer["refusals"])
    for refusal in answer["refusals"]:
        assert refusal["message"].isascii()
        assert refusal["to_do"]


@pytest.mark.parametrize(
    ("header", "message"), [("zh", "检验已过期"), ("", "检验已过期"), ("en", "Past its inspection date")]
)
def test_reasons_are_in_the_language_asked_for(gateway: Gateway, header: str, message: str) -> None:
    answer = gateway.post("/verdicts", {"label": A.code("overdue")}, **{"Accept-Language": header})
    assert message in [refusal["message"] for refusal in answer.get_json()["refusals"]]


@pytest.mark.parametrize(
    "scan", [A.code("good")[6:], f"http://teshe.org.cn/L?id={A.code('good')}", f" {A.code('good')};\r\n"]
)
def test_every_form_that_a_reader_delivers_is_read(gateway: Gateway, scan: str) -> None:
    assert gateway.verdict(label=scan)["cylinder"]["code"] == A.code("good")


def test_a_chip_is_enough_and_another_ones_chip_is_a_mismatch(gateway: Gateway) -> None:
    place = list(CYLINDERS).index("good")
    uid = f"AAAAAAAA{place:08X}"
    assert gateway.verdict(uid=uid.lower())["cylinder"]["code"] == A.code("good")
    assert "tag_mismatch" in codes(gateway.verdict(uid="AAAAAAAAFFFF", label=A.code("good"))["refusals"])


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (f"{A.district}{A.enterprise}01999999", "unknown_code"),
        ("99999999901999999", "not_own_cylinder"),
        ("not a code", "malformed_code"),
        ("", "no_label"),
        (A.code("issued"), "no_label"),
        (A.code("void"), "label_void"),
        (A.code("lost"), "label_lost"),
    ],
)
def test_a_label_that_is_no_good_is_a_block_and_no_error(gateway: Gateway, label: str, code: str) -> None:
    answer = gateway.verdict(label=label)
    assert answer["verdict"] == "block"
    assert code in codes(answer["refusals"])


def test_an_unknown_medium_and_an_unknown_operator_are_refusals(gateway: Gateway) -> None:
    answer = gateway.verdict(label=A.code("good"), medium="plutonium", operator="nobody")
    assert {"wrong_medium", "operator_uncertified"} <= set(codes(answer["refusals"]))
    assert "operator_not_named" in codes(gateway.verdict(label=A.code("good"))["cautions"])


def test_the_other_enterprises_cylinder_is_unknown_here(gateway: Gateway) -> None:
    theirs, nobodys = (
        gateway.post("/verdicts", {"label": B.code("good")}),
        gateway.post("/verdicts", {"label": "88888888801999999"}),
    )
    assert theirs.get_json()["verdict"] == "block"
    assert codes(theirs.get_json()["refusals"]) == codes(nobodys.get_json()["refusals"])
    said = theirs.text.replace(B.code("good"), "")
    assert [mark for mark in B.marks if mark in said] == []
    cylinder = theirs.get_json()["cylinder"]
    assert {name for name, value in cylinder.items() if value is not None} == {"code"}


def test_the_other_enterprises_chip_is_unknown_here(gateway: Gateway) -> None:
    answer = gateway.verdict(uid="BBBBBBBB00000000")
    assert codes(answer["refusals"])[0] == "unknown_code"
    assert set(answer["cylinder"].values()) == {None}


def test_with_and_without_redis_it_is_the_same(app: Flask, gateway: Gateway) -> None:
    def asked() -> list[Any]:
        labels = [A.code(name) for name in CYLINDERS] + [B.code("good"), "x", A.code("issued")]
        answers = [gateway.verdict(label=label, operator="ZAfiller") for label in labels]
        return [
            {
                name: value
                for name, value in answer.items()
                if name not in ("issued_at", "valid_until", "signature")
            }
            for answer in answers
        ]

    cold, warm = asked(), asked()
    with without_redis(app):
        assert asked() == warm == cold


def test_a_change_that_forbids_holds_at_once(gateway: Gateway, stage: Database) -> None:
    """No relay runs here: the outbox row itself keeps the stale copy from being believed."""
    assert gateway.verdict(label=A.code("relabelled"))["verdict"] == "pass"
    with stage.as_admin() as connection:
        values = {"tenant": A.tenant_id, "id": A.cylinder_id("relabelled")}
        connection.execute(
            text(
                "UPDATE gas.cylinder SET status = 'suspended', facts_version = facts_version + 1 WHERE id = :id"
            ),
            values,
        )
        connection.execute(
            text(
                "INSERT INTO gas.outbox (tenant_id, kind, subject_id, detail) VALUES (:tenant, 'cylinder_changed', :id, '{}')"
            ),
            values,
        )
    assert codes(gateway.verdict(label=A.code("relabelled"))["refusals"]) == ["suspended"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "label_missing"),
        ({"label": 5}, 422, "bad_label"),
        ({"label": None}, 422, "label_missing"),
        ({"label": "x" * 513}, 422, "bad_label"),
        ({"label": "x", "purpose": "drink"}, 422, "bad_purpose"),
        ({"uid": "not hex"}, 422, "bad_uid"),
        ({"label": "x", "operator": ["a"]}, 422, "bad_operator"),
        ({"label": "x", "colour": "red"}, 422, "unknown_field"),
        ({"label": "x\0"}, 422, "nul_character"),
        ('{"label": "\\ud800"}', 422, "bad_unicode"),
        ('{"label": "a", "label": "b"}', 422, "duplicate_key"),
        ('{"label": NaN}', 422, "not_finite"),
        ([], 422, "not_an_object"),
        ("null", 422, "not_an_object"),
        ('"text"', 422, "not_an_object"),
        ("[" * 100_000 + "]" * 100_000, 422, "too_deep"),
        ("", 400, "malformed_json"),
        ("{", 400, "malformed_json"),
        ("[" * 100_000, 400, "malformed_json"),
        (b"\xff\xfe\x00", 400, "malformed_json"),
        ('{"label": "x"} x', 400, "malformed_json"),
    ],
)
def test_what_cannot_be_used_has_a_code(gateway: Gateway, body: Any, status: int, code: str) -> None:
    answer = gateway.post("/verdicts", body)
    said = answer.get_json()
    assert answer.status_code == status, said
    assert code in (said["code"], *codes(said.get("errors", [])))


def test_nothing_but_json_is_read(app: Flask, gateway: Gateway) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = app.test_client().post(
            "/api/devices/v1/verdicts", data="{}", content_type=kind, headers=gateway.headers()
        )
        assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type"), kind
    packed = gateway.post("/verdicts", {"label": "x"}, **{"Content-Encoding": "gzip"})
    assert packed.status_code == 415
