"""Whatever a device sends, it gets an answer that it can read: never a 500, and no event pays for another."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.rules.states import EventKind
from tests.cast import A, B
from tests.integrations.devices.gateway import PREFIX, Gateway, event

TEXT = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    ["\0", "\ud800", "", A.code("good"), B.code("good"), "null"]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**30, -(2**63), 1e308])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from([kind.value for kind in EventKind])
FIELDS = st.sampled_from([*event(), "uid", "operator", "place", "position", "signature", "x"])
SPOILT = st.builds(lambda changes: event(**changes), st.dictionaries(FIELDS, JSON, min_size=1, max_size=3))
PLAUSIBLE = st.builds(
    lambda kind, label, operator, data: event(kind=kind, label=label, operator=operator, data=data),
    KINDS, TEXT, TEXT, st.dictionaries(TEXT, JSON, max_size=3),
)  # fmt: skip
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(
    body=JSON
    | st.dictionaries(st.sampled_from(["label", "uid", "medium", "operator", "gun", "purpose"]), JSON)
)
def test_any_json_gets_a_verdict_or_a_problem(app: Flask, body: Any) -> None:
    app.extensions["device_budget"].forget()
    answer = Gateway(app.test_client(), A.token).post("/verdicts", json.dumps(body))
    assert answer.status_code in (200, 400, 422), answer.text
    said = answer.get_json()
    assert (
        said["verdict"] == "block" or said["cylinder"]["code"] if answer.status_code == 200 else said["code"]
    )


@MANY
@given(items=st.lists(JSON | SPOILT | PLAUSIBLE, max_size=6), place=st.integers(0, 6))
def test_a_good_event_is_taken_whatever_stands_around_it(app: Flask, items: list[Any], place: int) -> None:
    app.extensions["device_budget"].forget()
    good = event()
    everything = [*items[:place], good, *items[place:]]
    gateway = Gateway(app.test_client(), A.token)
    answer = gateway.upload(*everything)
    at = everything.index(good)
    assert at not in [bad["index"] for bad in answer["malformed"]]
    assert answer["accepted"] + answer["duplicates"] + len(answer["malformed"]) == len(everything)
    results = gateway.results(answer["upload"])["results"]
    assert good["id"] in [result["id"] for result in results]
    wellformed = [
        one
        for index, one in enumerate(everything)
        if index not in {bad["index"] for bad in answer["malformed"]}
    ]
    assert [result["id"] for result in results] == list(dict.fromkeys(one["id"] for one in wellformed))


@MANY
@given(raw=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_get_a_problem(app: Flask, raw: bytes) -> None:
    app.extensions["device_budget"].forget()
    for path in ("/verdicts", "/events"):
        answer = Gateway(app.test_client(), A.token).post(path, raw)
        assert answer.status_code in (400, 422)
        assert answer.mimetype == "application/problem+json"


@MANY
@given(
    text=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=60),
    path=st.text(max_size=30),
)
def test_any_header_and_any_address_get_an_answer(app: Flask, text: str, path: str) -> None:
    client = app.test_client()
    for headers in ({"Authorization": text}, {"Authorization": f"Bearer {text}"}, {"Accept-Language": text}):
        answer = client.post(
            f"{PREFIX}/verdicts", data=json.dumps({}), headers=headers, content_type="application/json"
        )
        assert answer.status_code == 401
    assert client.get(f"{PREFIX}/uploads/{path.encode('utf-8', 'replace').hex()}").status_code in (401, 404)
