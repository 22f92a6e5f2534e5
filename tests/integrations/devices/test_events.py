"""The inbox's door: 202 means durable; a bad event is named and stops no other; a repeat changes nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from structlog.testing import capture_logs

from integrations.devices import api
from tenants import scope
from tenants.faults import CrashPoint
from tenants.models.base import new_id
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.devices import issue_token
from tests.cast import A, B
from tests.databases import Database
from tests.integrations.devices.gateway import PREFIX, Gateway, codes, event

DEEP = "[" * 30 + "]" * 30
BAD: dict[str, tuple[Any, str]] = {
    "a number": (7, "not_an_object"),
    "null": (None, "not_an_object"),
    "a list": ([], "not_an_object"),
    "nothing in it": ({}, "missing_field"),
    "no id": (event(id=...), "missing_field"),
    "an id that isn't one": (event(id="x"), "bad_id"),
    "a UUIDv4": (event(id=str(uuid4())), "bad_id"),
    "a UUID in braces": (event(id="{" + str(new_id()) + "}"), "bad_id"),
    "a number for an id": (event(id=1), "bad_id"),
    "no seq": (event(seq=...), "missing_field"),
    "a text for a seq": (event(seq="1"), "bad_seq"),
    "true for a seq": (event(seq=True), "bad_seq"),
    "half a seq": (event(seq=1.5), "bad_seq"),
    "a negative seq": (event(seq=-1), "bad_seq"),
    "a seq too far": (event(seq=2**63), "bad_seq"),
    "a huge seq": (event(seq=10**40), "number_too_big"),
    "an unknown kind": (event(kind="explode"), "bad_kind"),
    "a kind that is a list": (event(kind=["fill"]), "bad_kind"),
    "no time": (event(occurred_at=...), "missing_field"),
    "a time without offset": (event(occurred_at="2026-03-01T08:00:00"), "bad_occurred_at"),
    "a date": (event(occurred_at="2026-03-01"), "bad_occurred_at"),
    "a day that isn't": (event(occurred_at="2026-02-30T08:00:00Z"), "bad_occurred_at"),
    "seconds since 1970": (event(occurred_at=1_772_000_000), "bad_occurred_at"),
    "the year 1": (event(occurred_at="0001-01-01T00:00:00+14:00"), "bad_occurred_at"),
    "the year 9999": (event(occurred_at="9999-12-31T23:59:59-12:00"), "bad_occurred_at"),
    "an offset of a day": (event(occurred_at="2026-03-01T08:00:00+24:00"), "bad_occurred_at"),
    "neither label nor uid": (event(label=...), "label_missing"),
    "a label that is a number": (event(label=37050290101110001), "bad_label"),
    "a long label": (event(label="1" * 513), "bad_label"),
    "a uid that isn't hex": (event(uid="0xAB"), "bad_uid"),
    "a long operator": (event(operator="x" * 65), "bad_operator"),
    "a place that is an object": (event(place={}), "bad_place"),
    "a position off the earth": (event(position={"lon": 181, "lat": 0, "crs": "WGS84"}), "bad_position"),
    "a position of texts": (event(position={"lon": "118", "lat": "37", "crs": "WGS84"}), "bad_position"),
    "a position of no datum": (event(position={"lon": 118, "lat": 37}), "bad_position"),
    "a position of another datum": (event(position={"lon": 118, "lat": 37, "crs": "BD09"}), "bad_position"),
    "data that is a list": (event(data=[]), "bad_data"),
    "data that is null": (event(data=None), "bad_data"),
    "too much data": (event(data={"note": "瓶" * 2731}), "data_too_large"),
    "deep data": (event(data={"a": json.loads(DEEP)}), "too_deep"),
    "NUL in data": (event(data={"note": "a\0b"}), "nul_character"),
    "NUL in a name": (event(data={"a\0b": 1}), "nul_character"),
    "NUL in the label": (event(label="a\0b"), "nul_character"),
    "half a character": (event(place="\ud83d"), "bad_unicode"),
    "NaN": (event(data={"net_kg": float("nan")}), "not_finite"),
    "infinity": (event(data={"net_kg": float("-inf")}), "not_finite"),
    "an unknown field": (event(colour="red"), "unknown_field"),
    "a signature that isn't base64": (event(signature="***"), "bad_signature"),
}


def stored(stage: Database, upload: str) -> Any:
    with stage.stage() as connection:
        return connection.execute(text("SELECT * FROM gas.upload WHERE id = :id"), {"id": upload}).one()


def test_an_upload_is_accepted_and_waits(gateway: Gateway, stage: Database) -> None:
    sent = [event(seq=number, data={"note": "你好 🔥"}) for number in range(5)]
    answer = gateway.upload(*sent)
    assert answer == {
        "upload": answer["upload"],
        "accepted": 5,
        "duplicates": 0,
        "malformed": [],
        "notes": [],
    }
    row = stored(stage, answer["upload"])
    assert (row.state, row.tenant_id, row.device_id) == ("queued", A.tenant_id, A.uuid(40))
    assert [body["id"] for body in row.events] == [one["id"] for one in sent]
    result = gateway.results(answer["upload"])
    assert result["state"] == "queued"
    assert [(one["id"], one["state"]) for one in result["results"]] == [
        (one["id"], "pending") for one in sent
    ]


def test_who_isnt_of_the_enterprise_is_told_and_nothing_is_lost(gateway: Gateway) -> None:
    people = (f"{A.mark}filler", f"{B.mark}filler", "nobody", None)
    sent = [event(**({"operator": code} if code else {})) for code in people]
    for accepted in (4, 0):  # a repeat is told the same
        answer = gateway.upload(*sent)
        assert answer["accepted"] == accepted
        assert [(note["index"], note["code"]) for note in answer["notes"]] == [
            (1, "operator_unknown"), (2, "operator_unknown"),
        ]  # fmt: skip


def test_the_answer_says_where_to_ask(gateway: Gateway) -> None:
    answer = gateway.post("/events", {"events": [event()]})
    assert answer.headers["Location"] == f"{PREFIX}/uploads/{answer.get_json()['upload']}"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_event_is_named_and_stops_no_other(gateway: Gateway, stage: Database, name: str) -> None:
    bad, code = BAD[name]
    before, after = event(seq=1), event(seq=3)
    answer = gateway.upload(before, bad, after)
    assert (answer["accepted"], answer["duplicates"]) == (2, 0)
    assert [(one["index"], one["code"]) for one in answer["malformed"]] == [(1, code)]
    assert answer["malformed"][0]["message"]
    assert [body["seq"] for body in stored(stage, answer["upload"]).events] == [1, 3]


def test_what_no_json_writer_would_write_stops_no_other_either(gateway: Gateway) -> None:
    good = json.dumps(event())
    odd = {
        "too_deep": '{"data": ' + "[" * 5000 + "]" * 5000 + "}",
        "duplicate_key": '{"seq": 1, "seq": 2}',
        "number_too_big": '{"seq": ' + "9" * 5000 + "}",
        "not_finite": '{"seq": -Infinity}',
        "bad_unicode": '{"label": "\\udc00\\ud800"}',
        "nul_character": '{"label": "\\u0000"}',
    }
    answer = gateway.post(
        "/events", '{"events": [' + ", ".join([*odd.values(), '{"seq": 1e999}', good]) + "]}"
    )
    said = answer.get_json()
    assert (answer.status_code, said["accepted"]) == (202, 1), said
    assert codes(said["malformed"]) == ["too_deep", *list(odd)[1:], "number_too_big"]


def test_all_bad_is_an_upload_without_events(gateway: Gateway) -> None:
    answer = gateway.upload(1, 2)
    assert (answer["accepted"], codes(answer["malformed"])) == (0, ["not_an_object"] * 2)
    assert gateway.results(answer["upload"]) == {"state": "done", "results": []}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "no_events"),
        ({"events": []}, 422, "no_events"),
        ({"events": {}}, 422, "no_events"),
        ({"events": "all"}, 422, "no_events"),
        ({"events": None}, 422, "no_events"),
        ({"events": [1] * 501}, 422, "too_many_events"),
        ({"events": [1], "extra": 1}, 422, "unknown_field"),
        ('{"events": [1], "\\ud800": 1}', 422, "bad_unicode"),
        ('{"events": [], "events": [1]}', 422, "duplicate_key"),
        ([], 422, "not_an_object"),
        ("NaN", 422, "not_finite"),
        ("", 400, "malformed_json"),
        ('{"events": [', 400, "malformed_json"),
        ('{"events": [' + "[" * 100_000, 400, "malformed_json"),
    ],
)
def test_a_call_that_is_no_list_of_events(gateway: Gateway, body: Any, status: int, code: str) -> None:
    answer = gateway.post("/events", body)
    said = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert code in (said["code"], *codes(said.get("errors", [])))


def test_five_hundred_are_taken(gateway: Gateway) -> None:
    sent = [event(seq=number) for number in range(500)]
    assert gateway.upload(*sent)["accepted"] == 500
    assert gateway.upload(*sent)["duplicates"] == 500


def test_a_mebibyte_is_not_too_large(gateway: Gateway) -> None:
    body = json.dumps({"events": [event()]})
    assert gateway.post("/events", body + " " * (1024 * 1024 - len(body))).status_code == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_over_a_mebibyte_is_too_large_however_it_is_sent(app: Flask, gateway: Gateway, chunked: bool) -> None:
    body = b'{"events": [' + b" " * (1024 * 1024) + b"]}"
    how: dict[str, Any] = (
        {
            "input_stream": BytesIO(body),
            "environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        }
        if chunked
        else {"data": body}
    )
    answer = app.test_client().post(
        f"{PREFIX}/events", content_type="application/json", headers=gateway.headers(), **how
    )
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


def test_chunked_is_read_like_any_other(app: Flask, gateway: Gateway) -> None:
    body = json.dumps({"events": [event()]}).encode()
    answer = app.test_client().post(
        f"{PREFIX}/events", content_type="application/json", headers=gateway.headers(), input_stream=BytesIO(body),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 1)


def test_a_repeat_is_counted_and_changes_nothing(gateway: Gateway, stage: Database) -> None:
    one, two = event(), event()
    first = gateway.upload(one)
    again = gateway.upload(one, two, two)
    assert (again["accepted"], again["duplicates"], again["malformed"]) == (1, 2, [])
    assert [body["id"] for body in stored(stage, again["upload"]).events] == [two["id"]]
    assert [result["id"] for result in gateway.results(again["upload"])["results"]] == [one["id"], two["id"]]
    assert stored(stage, first["upload"]).events == [one]


def test_the_same_in_another_spelling_is_a_repeat(gateway: Gateway) -> None:
    one = event(occurred_at="2026-11-01T08:00:00Z")
    gateway.upload(one)
    spelled = json.dumps(
        dict(
            reversed(
                {
                    **one,
                    "id": one["id"].upper(),
                    "occurred_at": "2026-11-01t08:00:00z",
                    "uid": None,
                    "place": "",
                }.items()
            )
        ),
        indent=3,
    )
    answer = gateway.post("/events", '{"events": [' + spelled + "]}").get_json()
    assert (answer["accepted"], answer["duplicates"], answer["malformed"]) == (0, 1, [])


def test_an_id_with_another_body_is_not_taken(gateway: Gateway) -> None:
    one = event()
    gateway.upload(one)
    answer = gateway.upload({**one, "seq": 2}, event(), one)
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    assert [(bad["index"], bad["code"]) for bad in answer["malformed"]] == [(0, "id_reused")]


def test_of_one_id_twice_in_a_call_the_first_counts(gateway: Gateway) -> None:
    one = event()
    answer = gateway.upload(one, {**one, "seq": 2}, one, "bad")
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    assert [(bad["index"], bad["code"]) for bad in answer["malformed"]] == [
        (1, "id_reused"),
        (3, "not_an_object"),
    ]


def test_two_calls_at_once_take_an_event_once(app: Flask, gateway: Gateway) -> None:
    sent = [event(seq=number) for number in range(40)]

    def call(turn: int) -> dict[str, Any]:
        mine = sent if turn % 2 else list(reversed(sent))
        return Gateway(app.test_client(), A.token).upload(*mine)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(8)))
    assert sum(answer["accepted"] for answer in answers) == 40
    assert all(answer["accepted"] + answer["duplicates"] == 40 for answer in answers)


def test_two_calls_at_once_with_one_id_and_two_bodies(app: Flask, gateway: Gateway) -> None:
    one = event()

    def call(seq: int) -> dict[str, Any]:
        return Gateway(app.test_client(), A.token).upload({**one, "seq": seq})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(8)))
    assert sum(answer["accepted"] for answer in answers) == 1
    assert sum(codes(answer["malformed"]) == ["id_reused"] for answer in answers) == 7


def test_the_same_id_in_two_enterprises_is_two_events(gateway: Gateway, other: Gateway) -> None:
    one = event()
    assert gateway.upload(one)["accepted"] == 1
    assert other.upload({**one, "seq": 9})["accepted"] == 1


def test_a_foreign_datum_costs_the_position_and_not_the_event(gateway: Gateway, stage: Database) -> None:
    position = {"lon": 118.5, "lat": 37.4, "accuracy_m": 12, "crs": "GCJ02"}
    answer = gateway.upload(
        event(), event(position=position), event(position={**position, "crs": "CGCS2000"})
    )
    assert answer["accepted"] == 3
    assert [(note["index"], note["code"]) for note in answer["notes"]] == [(1, "position_left_out")]
    kept = stored(stage, answer["upload"]).events
    assert "position" not in kept[1]
    assert kept[1]["position_left_out"]["crs"] == "GCJ02"
    assert kept[2]["position"]["lon"] == 118.5


def test_a_gateway_that_counts_in_milliseconds_is_taken(gateway: Gateway) -> None:
    assert gateway.upload(event(seq=1_772_000_000_000), event(seq=2**63 - 1))["accepted"] == 2


def test_anothers_upload_and_none_are_the_same(app: Flask, gateway: Gateway, other: Gateway) -> None:
    upload = gateway.upload(event())["upload"]
    clerk = Actor(role=Role.ADMIN, tenant_id=A.tenant_id)
    with scope.tenant_scope(A.tenant_id) as session:
        sibling = Gateway(app.test_client(), issue_token(session, clerk, Role.FILLER).token)
    answers = [
        other.get(f"/uploads/{upload}"),
        sibling.get(f"/uploads/{upload}"),
        gateway.get(f"/uploads/{B.uuid(90)}"),
        gateway.get(f"/uploads/{new_id()}"),
        gateway.get("/uploads/nonsense"),
        gateway.get("/uploads/%F0%9F%94%A5"),
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.get_json() | {"request_id": ""} == answers[0].get_json() | {"request_id": ""}


def test_the_bell_rings_after_the_commit_and_its_failure_is_nobodys(
    app: Flask, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(api, "crash_point", lambda point: heard.append(point.value))

    def ring(job: str) -> None:
        heard.append(job)
        raise ConnectionError("Redis is away")

    app.extensions["ring"] = ring
    one = event()
    assert gateway.upload(one)["accepted"] == 1
    assert heard == [
        CrashPoint.AFTER_INBOX_INSERT.value,
        CrashPoint.AFTER_COMMIT_BEFORE_REPLY.value,
        "drain_uploads",
    ]
    gateway.upload(one)
    assert heard.count("drain_uploads") == 1  # a repeat wakes nobody


def test_results_are_told_in_the_language_asked_for(gateway: Gateway, stage: Database) -> None:
    sent = event(kind="fill")
    upload = gateway.upload(sent)["upload"]
    with stage.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.device_event SET state = 'refused', code = 'condemned', refusals = '[\"condemned\"]',"
                 " message = '{\"zh\": \"气瓶已报废\", \"en\": \"Scrapped\"}' WHERE id = :id"), {"id": sent["id"]})  # fmt: skip
    assert gateway.results(upload) == {
        "state": "done",
        "results": [
            {
                "id": sent["id"],
                "state": "refused",
                "refusals": ["condemned"],
                "code": "condemned",
                "message": "Scrapped",
            }
        ],
    }
    assert (
        gateway.get(f"/uploads/{upload}", **{"Accept-Language": "zh"}).get_json()["results"][0]["message"]
        == "气瓶已报废"
    )


def test_no_log_line_names_people_or_cylinders(gateway: Gateway) -> None:
    with capture_logs() as lines:
        gateway.upload(event(operator="王小明", place="G-77"), event(operator="王小明", seq="bad"))
        gateway.verdict(label=A.code("good"), operator="王小明")
    said = str(lines)
    assert "post_events" in said
    assert not [word for word in ("王小明", "G-77", A.code("good"), A.token) if word in said]
