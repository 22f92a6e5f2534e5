"""The OpenAPI document and the readable page: made from the views, valid, complete, and true."""

from __future__ import annotations

import html
import json
import re
import subprocess
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from integrations.devices.calls import DATA
from integrations.devices.openapi import calls_of
from integrations.devices.words import EVENTS, FLAWS, NOTES, PROBLEMS
from tenants.rules.refusal import Refusal
from tenants.rules.states import EventKind
from tests.cast import A
from tests.integrations.devices.gateway import PREFIX, Gateway, event

UNDESCRIBED = {"devices.get_openapi", "devices.get_docs"}


@pytest.fixture
def document(stranger: Gateway) -> dict[str, Any]:
    answer = stranger.get("/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def shape(document: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_view_of_the_api_is_in_it_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    there = {
        (re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("devices.") and rule.endpoint not in UNDESCRIBED
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert (f"{PREFIX}/verdicts", "post") in there


def test_examples_fit_their_shapes(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                where = {**content["schema"], "components": document["components"]}
                Draft202012Validator(where).validate(content["example"])


def test_answers_fit_their_shapes(gateway: Gateway, stranger: Gateway, document: dict[str, Any]) -> None:
    receipt = gateway.upload(event(), "bad", event(position={"lon": 1, "lat": 2, "crs": "GCJ02"}))
    shape(document, "ReceiptAnswer").validate(receipt)
    shape(document, "UploadAnswer").validate(gateway.results(receipt["upload"]))
    for label in (A.code("good"), A.code("overdue"), "nonsense"):
        shape(document, "VerdictAnswer").validate(gateway.verdict(label=label))
    shape(document, "TimeAnswer").validate(stranger.get("/time").get_json())
    for answer in (
        stranger.get("/uploads/1"),
        gateway.post("/verdicts", {}),
        gateway.post("/events", {"events": []}),
    ):
        shape(document, "ProblemDetails").validate(answer.get_json())


def test_an_event_that_is_taken_fits_and_one_that_is_not_does_not(document: dict[str, Any]) -> None:
    checker = shape(document, "Event")
    checker.validate(event(uid="ab12", position={"lon": 118, "lat": 37, "crs": "WGS84"}))
    for wrong in ({"seq": -1}, {"kind": "x"}, {"colour": "red"}, {"label": 1}, {"data": []}):
        assert not checker.is_valid(event(**wrong))


def test_every_description_is_there_in_both_languages(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            assert said.get("description"), f"{name}.{field}"
            assert said.get("x-description-zh"), f"{name}.{field}"
    for table in ({code: said for code, (_, said) in PROBLEMS.items()}, FLAWS, EVENTS, NOTES):
        for code, (zh, en) in table.items():
            assert re.search(r"[\u4e00-\u9fff]", zh), code
            assert en.isascii(), code


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tells_everything_and_runs_nothing(stranger: Gateway, lang: str) -> None:
    answer = stranger.client.get(f"{PREFIX}/docs?lang={lang}")
    page = answer.text
    assert answer.status_code == 200
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    told = [
        *PROBLEMS,
        *FLAWS,
        *EVENTS,
        *NOTES,
        *(refusal.value for refusal in Refusal),
        *(kind.value for kind in EventKind),
    ]
    assert [code for code in told if f"<code>{code}</code>" not in page] == []
    assert ("充装前判定" in page) == (lang == "zh")


def test_every_kind_of_event_says_what_its_data_holds() -> None:
    assert set(DATA) == {kind.value for kind in EventKind}


def test_the_pages_commands_can_be_copied(stranger: Gateway, gateway: Gateway) -> None:
    """The shell reads each command as it was meant, and what it would send is taken."""
    page = stranger.client.get(f"{PREFIX}/docs?lang=en").text
    commands = [html.unescape(one) for one in re.findall(r"<pre[^>]*>(curl.*?)</pre>", page, re.DOTALL)]
    assert len(commands) == len(list(calls_of(stranger.client.application)))
    for command in commands:
        shell = 'curl() { printf "%s\\0" "$@"; }; TOKEN=t; UPLOAD=u\n' + command
        words = subprocess.run(
            ["bash", "-c", shell], capture_output=True, text=True, check=True
        ).stdout.split("\0")
        if "-d" in words:
            path = next(word for word in words if "://" in word).partition(PREFIX)[2]
            body = json.loads(words[words.index("-d") + 1])
            nobodys = {
                "/enrol": (404,),
                "/tags/sign": (404,),
                "/operators/sign-in": (403,),
            }  # the examples' things are nobody's
            wanted = nobodys.get(path, (200, 202))
            assert gateway.post(path, body).status_code in wanted
