"""A signed request counts for what was signed, once, while the key is good, and for nothing else."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import requests
from flask import Flask
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from integrations.devices.signed import Nonces
from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.devices import revoke_device
from tests.cast import A, B
from tests.integrations.devices.gateway import PREFIX, Gateway, event
from tests.integrations.devices.handheld_key import ORIGIN, Handheld, handheld


@pytest.fixture
def device(app: Flask) -> Handheld:
    return handheld(app, A)


def problem(response: Any) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


def test_a_signed_call_is_the_enrolled_devices(device: Handheld, app: Flask) -> None:
    said = device.post("/events", {"events": [event()]})
    assert said.status_code == 202, said.text
    upload = said.get_json()["upload"]
    assert device.get(f"/uploads/{upload}").status_code == 200
    assert handheld(app, A).get(f"/uploads/{upload}").status_code == 404
    assert handheld(app, B).get(f"/uploads/{upload}").status_code == 404
    assert device.get("/keyring").status_code == 200


def test_a_question_mark_is_signed_too(device: Handheld) -> None:
    assert device.get("/keyring?lang=zh").status_code == 200


SPOILT: dict[str, tuple[dict[str, Any], str]] = {
    "another body": ({"digest": b"{}"}, "bad_digest"),
    "no digest signed": ({"cover": ("@method", "@target-uri")}, "signature_incomplete"),
    "no method signed": ({"cover": ("@target-uri", "content-digest")}, "signature_incomplete"),
    "no address signed": ({"cover": ("@method", "content-digest")}, "signature_incomplete"),
    "no nonce": ({"nonce": ...}, "signature_incomplete"),
    "a short nonce": ({"nonce": "abc"}, "signature_incomplete"),
    "no time": ({"created": ...}, "signature_incomplete"),
    "an old one": ({"created": int(time.time()) - 3000}, "clock_skew"),
    "one from the future": ({"created": int(time.time()) + 3000}, "clock_skew"),
    "an expired one": ({"expires": int(time.time()) - 10}, "signature_expired"),
    "another purpose": ({"tag": "something"}, "bad_signature"),
    "no purpose": ({"tag": ...}, "bad_signature"),
    "another algorithm": ({"alg": "hmac-sha256"}, "bad_signature"),
    "another place": ({"origin": "http://elsewhere"}, "bad_signature"),
    "no key": ({"keyid": ...}, "unknown_key"),
    "a key that is no id": ({"keyid": "me"}, "unknown_key"),
    "a key nobody enrolled": ({"keyid": str(UUID(int=7))}, "unknown_key"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_is_told(device: Handheld, what: str) -> None:
    spoilt, code = SPOILT[what]
    assert problem(device.post("/events", {"events": [event()]}, **spoilt)) == (401, code)


def test_a_clock_that_is_off_is_told_the_time(device: Handheld) -> None:
    said = device.get("/keyring", created=int(time.time()) - 3000).get_json()
    assert datetime.fromisoformat(said["server_time"]).tzinfo is not None


def test_a_clock_within_five_minutes_will_do(device: Handheld) -> None:
    for off in (-280, 280):
        assert device.get("/keyring", created=int(time.time()) + off).status_code == 200


def test_another_address_or_body_under_a_good_signature_is_refused(device: Handheld) -> None:
    body = b'{"events": []}'
    headers = device.headers("POST", "/events", body)
    client = device.client
    moved = client.post(f"{PREFIX}/verdicts", data=body, headers=headers, content_type="application/json")
    assert problem(moved) == (401, "bad_signature")
    asked = client.post(
        f"{PREFIX}/events?lang=zh", data=body, headers=headers, content_type="application/json"
    )
    assert problem(asked) == (401, "bad_signature")
    changed = client.post(
        f"{PREFIX}/events", data=body + b" ", headers=headers, content_type="application/json"
    )
    assert problem(changed) == (401, "bad_digest")


def test_a_request_counts_once(device: Handheld) -> None:
    headers = device.headers("GET", "/keyring", b"")
    assert device.client.get(f"{PREFIX}/keyring", headers=headers).status_code == 200
    assert problem(device.client.get(f"{PREFIX}/keyring", headers=headers)) == (401, "replayed")


def test_anothers_key_under_ones_own_id_is_refused(app: Flask, device: Handheld) -> None:
    thief = Handheld(app.test_client(), handheld(app, B).private, device.told)
    assert problem(thief.get("/keyring")) == (401, "bad_signature")


def test_a_revoked_device_is_told_so(device: Handheld) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        revoke_device(session, Actor(role=Role.ADMIN, username="boss"), UUID(device.told["device_id"]))
    assert problem(device.get("/keyring")) == (401, "key_revoked")


def test_two_signatures_for_the_same_purpose_are_none(device: Handheld) -> None:
    one, two = (device.headers("GET", "/keyring", b"") for _ in range(2))
    both = {
        **one,
        **{
            name: f"{one[name]}, {two[name].replace('sig1', 'sig2', 1)}"
            for name in ("Signature-Input", "Signature")
        },
    }
    assert problem(device.client.get(f"{PREFIX}/keyring", headers=both)) == (401, "bad_signature")


@pytest.mark.parametrize("junk", ["", "x", "sig1=()", 'sig1=("@method");created=1', "sig1=:AAAA:", "\u00ff"])
def test_junk_in_the_headers_is_a_problem_not_an_accident(device: Handheld, junk: str) -> None:
    headers = {"Signature-Input": junk.encode("latin-1").decode("latin-1"), "Signature": junk}
    assert device.client.get(f"{PREFIX}/keyring", headers=headers).status_code == 401


def test_a_role_may_do_by_signature_what_it_may_by_token(app: Flask) -> None:
    assert problem(handheld(app, A, Role.DRIVER).post("/verdicts", {"purpose": "fill"})) == (
        403,
        "not_allowed",
    )


def test_a_body_over_the_limit_is_refused_unread(device: Handheld) -> None:
    assert problem(device.post("/events", {"events": ["x" * 1_100_000]})) == (413, "too_large")


def test_without_redis_each_process_remembers(gateway: Gateway) -> None:
    nonces = Nonces("redis://127.0.0.1:1/0")
    key = UUID(int=1)
    assert [nonces.take(key, "n" * 16), nonces.take(key, "n" * 16), nonces.take(key, "m" * 16)] == [
        True,
        False,
        True,
    ]


@pytest.fixture(autouse=True)
def unlimited(app: Flask) -> None:
    """Each test enrols its own device; the budget of enrolments isn't what is looked at here."""
    app.extensions["device_budget"].forget()


def test_the_guides_example_signs_what_is_taken(app: Flask, device: Handheld) -> None:
    """The library's own signer, used as the integrator's guide says."""
    for method, path, body in (
        ("GET", "/keyring", None),
        ("POST", "/verdicts", {"purpose": "fill", "label": A.code("good")}),
    ):
        request = requests.Request(method, ORIGIN + PREFIX + path, json=body).prepare()
        resolver = MappingKeyResolver(public_keys={}, private_keys={device.key_id: device.private})
        signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver)
        signer.sign(
            request,
            key_id=device.key_id,
            tag="qp-device",
            nonce="n" * 20 + method,
            body=request.body,
            covered_component_ids=["@method", "@target-uri"],
        )
        headers = {name: str(value) for name, value in request.headers.items() if name != "Content-Length"}
        said = device.client.open(PREFIX + path, method=method, data=request.body, headers=headers)
        assert said.status_code == 200, said.text
