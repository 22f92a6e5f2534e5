"""A one-time token becomes one device with a key of its own, and nobody else's."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy import text

from integrations.devices.identity import WORD
from tenants.rules.states import Role
from tenants.services import keys
from tenants.services.enrolment import HOLDS
from tests.cast import A, B
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway
from tests.integrations.devices.handheld_key import b64, enrol, opened

P256 = b64(
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_token_makes_a_device_with_a_name_by_its_role(app: Flask, stage: Database) -> None:
    client = app.test_client()
    said = enrol(client, opened(A, now(), Role.DRIVER).token)
    assert said.status_code == 201, said.text
    told = said.get_json()
    assert told["tenant"] == f"{A.district}-{A.enterprise}"
    assert told["role"] == "driver"
    assert told["name"].startswith("driver-")
    assert 1 <= told["kid"] <= 32767
    with stage.as_admin() as connection:
        row = connection.execute(
            text("SELECT tenant_id, model, token_hash FROM gas.device WHERE id = :id"),
            {"id": told["device_id"]},
        ).one()
    assert tuple(row) == (A.tenant_id, "UROVO DT50", None)


def test_spki_and_url_alphabet_are_read_too(app: Flask) -> None:
    private = Ed25519PrivateKey.generate()
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    token = opened(A, now()).token
    given = {
        "public_key": base64.urlsafe_b64encode(spki).decode().rstrip("="),
        "proof": b64(private.sign(WORD + token.encode())),
    }
    assert enrol(app.test_client(), token, private, **given).status_code == 201


def test_a_token_is_good_once(app: Flask) -> None:
    token = opened(A, now()).token
    assert enrol(app.test_client(), token).status_code == 201
    again = enrol(app.test_client(), token)
    assert (again.status_code, again.get_json()["code"]) == (409, "enrolment_used")


def test_a_lost_answer_is_given_again_to_the_same_key_only(app: Flask) -> None:
    token, private = opened(A, now()).token, Ed25519PrivateKey.generate()
    first, again = (enrol(app.test_client(), token, private) for _ in range(2))
    assert again.status_code == 201
    assert {**first.get_json(), "server_time": ""} == {**again.get_json(), "server_time": ""}


def test_a_token_expires(app: Flask) -> None:
    token = opened(A, now() - HOLDS - timedelta(seconds=1)).token
    late = enrol(app.test_client(), token)
    assert (late.status_code, late.get_json()["code"]) == (410, "enrolment_expired")


def test_a_token_nobody_gave_out_is_unknown(app: Flask) -> None:
    said = enrol(app.test_client(), "q8S0m3f1xY7nD2kLw9RtVA")
    assert (said.status_code, said.get_json()["code"]) == (404, "enrolment_unknown")


def test_of_two_at_the_same_moment_one_wins(app: Flask) -> None:
    token, said = opened(A, now()).token, []
    start = threading.Barrier(2)

    def one() -> None:
        start.wait()
        said.append(enrol(app.test_client(), token).status_code)

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(said) == [201, 409]


def test_the_token_is_not_kept(app: Flask, stage: Database) -> None:
    token = opened(A, now()).token
    with stage.as_admin() as connection:
        kept = connection.execute(text("SELECT CAST(e AS text) FROM gas.enrolment e")).scalars().all()
    assert not any(token in row for row in kept)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"public_key": "AAAA"}, 422, "bad_public_key"),
        ({"public_key": "not base64!"}, 422, "bad_public_key"),
        (
            {"public_key": P256},
            422,
            "bad_public_key",
        ),
        ({"proof": b64(b"x" * 64)}, 422, "bad_proof"),
        ({"public_key": ...}, 422, "invalid"),
        ({"role": "admin"}, 422, "invalid"),
    ],
)  # fmt: skip
def test_what_cant_be_used_leaves_the_token_unused(
    app: Flask, changes: dict[str, object], status: int, code: str
) -> None:
    token = opened(A, now()).token
    said = enrol(app.test_client(), token, **changes)
    assert (said.status_code, said.get_json()["code"]) == (status, code)
    assert enrol(app.test_client(), token).status_code == 201


def test_a_name_or_key_that_is_taken_leaves_the_token_unused(app: Flask) -> None:
    client, private = app.test_client(), Ed25519PrivateKey.generate()
    assert enrol(client, opened(A, now()).token, private, name="PDA-17").status_code == 201
    token = opened(A, now()).token
    assert enrol(client, token, name="PDA-17").get_json()["code"] == "name_taken"
    assert enrol(client, token, private, name="PDA-18").get_json()["code"] == "key_taken"
    assert (
        enrol(client, opened(B, now()).token, name="PDA-17").status_code == 201
    )  # the other's names are its own
    assert enrol(client, token, name="PDA-18").status_code == 201


def test_problems_are_told_in_both_languages(app: Flask) -> None:
    said = {
        spoken: app.test_client().post(
            "/api/devices/v1/enrol", json={"token": "x" * 22, "public_key": b64(b"x" * 32)}, headers={"Accept-Language": spoken}
        ).get_json()["title"]
        for spoken in ("zh", "en")
    }  # fmt: skip
    assert "注册码" in said["zh"]
    assert said["en"].isascii()


def test_the_ring_has_the_enterprises_devices_and_not_the_others(
    app: Flask, gateway: Gateway, other: Gateway
) -> None:
    private = Ed25519PrivateKey.generate()
    told = enrol(app.test_client(), opened(A, now(), name="PDA-ring").token, private).get_json()
    rings = [one.get("/keyring").get_json() for one in (gateway, other)]
    public = base64.b64decode(told["ring_key"]["public_key"])
    mine, others = [json.loads(base64.b64decode(ring["payload"])) for ring in rings]
    for ring in rings:
        assert ring["kid"] == told["ring_key"]["kid"]
        signed = keys.RING_WORD + base64.b64decode(ring["payload"])
        assert keys.holds(public, base64.b64decode(ring["signature"]), signed)
    entry = next(key for key in mine["keys"] if key.get("device") == told["device_id"])
    assert (entry["kid"], entry["owner"], entry["purpose"], entry["role"]) == (
        told["kid"],
        told["tenant"],
        "device",
        "filler",
    )
    assert base64.b64decode(entry["public_key"]) == private.public_key().public_bytes_raw()
    assert all(key["owner"] in ("platform", f"{B.district}-{B.enterprise}") for key in others["keys"])


def test_the_ring_is_for_devices_only(stranger: Gateway) -> None:
    assert stranger.get("/keyring").status_code == 401
