"""Tags over the API: signed once, restored when torn, believed when they hold, found out when they were set back."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from integrations.devices.tags.image import decode, encode
from integrations.devices.tags.keyring import Key, Keyring
from integrations.devices.tags.profiles import NTAG216
from integrations.devices.tags.reading import Reading, Situation, read
from integrations.devices.tags.simulated import SimulatedChip
from integrations.devices.tags.writing import add_fill
from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import KeyPurpose, Role
from tenants.services import keys
from tenants.vault import Vault
from tests.cast import A, B
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway
from tests.integrations.devices.handheld_key import enrol, opened

UID = "04A1B2C3D4E580"


@pytest.fixture(autouse=True)
def bare(stage: Database) -> None:
    """Every test begins with chips on no label and no tag signed."""
    with stage.as_admin() as connection:
        connection.execute(text("DELETE FROM gas.tag"))
        connection.execute(text("UPDATE gas.label SET uid = NULL WHERE state = 'bound'"))


@pytest.fixture
def sign(gateway: Gateway) -> Callable[..., dict[str, Any]]:
    def ask(**changes: Any) -> dict[str, Any]:
        body = {"uid": UID, "label": A.code("good"), "profile": "ntag216", **changes}
        said: dict[str, Any] = gateway.post("/tags/sign", body).get_json()
        return said

    return ask


@pytest.fixture
def verify(gateway: Gateway) -> Callable[..., dict[str, Any]]:
    def ask(image: str | bytes, uid: str = UID, **more: Any) -> dict[str, Any]:
        sent = image if isinstance(image, str) else base64.b64encode(image).decode()
        response = gateway.post("/tags/verify", {"uid": uid, "image": sent, **more})
        assert response.status_code == 200, response.text
        said: dict[str, Any] = response.get_json()
        return said

    return ask


def faults(said: dict[str, Any]) -> list[tuple[str, str]]:
    return [(flaw["part"], flaw["code"]) for flaw in said["flaws"]]


def test_a_signed_tag_says_what_the_archive_says(
    sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]]
) -> None:
    made = sign()
    assert (made["anew"], made["seq"], made["label"]) == (True, 1, A.code("good"))
    said = verify(made["image"])
    assert (said["verdict"], said["flaws"], said["known"], said["to_write"]) == ("holds", [], True, False)
    assert said["base"]["code"] == A.code("good")
    assert said["base"]["status"] == 1
    assert date.fromisoformat(said["base"]["due_on"]) > datetime.now(UTC).date()
    assert said["url"] == f"http://teshe.org.cn/L?id={A.code('good')}"


@pytest.mark.parametrize(("name", "status"), [("suspended", 2), ("oxygen", 1)])
def test_the_state_and_the_family_of_a_cylinder(
    sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]], name: str, status: int
) -> None:
    said = verify(sign(label=A.code(name), profile="ntag213")["image"])
    assert said["base"]["status"] == status
    assert said["url"].startswith("http://teshe.org.cn/" + ("Q" if name == "oxygen" else "L"))


def test_the_same_again_is_the_same_and_a_change_is_signed_anew(
    sign: Callable[..., dict[str, Any]], stage: Database
) -> None:
    first, again = sign(), sign()
    assert again == {**first, "anew": False}
    with stage.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.cylinder SET max_fill_kg = coalesce(max_fill_kg, 10) + 1 WHERE id = :id"),
            {"id": A.cylinder_id("good")},
        )
    changed = sign()
    assert (changed["anew"], changed["seq"]) == (True, 2)
    assert sign(renew=True)["seq"] == 3


def test_a_torn_tag_is_restored_from_the_server(
    gateway: Gateway, sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]]
) -> None:
    sign()
    chip = SimulatedChip(bytes.fromhex(UID), NTAG216)
    empty = verify(chip.read() or b"")
    assert (empty["verdict"], faults(empty), empty["to_write"]) == ("refused", [("message", "empty")], True)
    kept = gateway.get(f"/tags/{UID.lower()}/image").get_json()
    chip.write_message(base64.b64decode(kept["image"]))
    assert verify(chip.read() or b"")["verdict"] == "holds"


def handheld(app: Flask) -> tuple[int, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.generate()
    said = enrol(app.test_client(), opened(A, datetime.now(UTC)).token, private)
    return said.get_json()["kid"], private


def fill(app: Flask, image: bytes, kid: int, private: Ed25519PrivateKey) -> bytes:
    now = datetime.now(UTC)
    reading = look(app, image)
    return encode(add_fill(reading, bytes.fromhex(UID), kid, now, 14480, 1, 2, private.sign))


def look(app: Flask, image: bytes) -> Reading:
    """What a device makes of it that believes the platform's key in the image."""
    with scope.device_scope(A.tenant_id) as session:
        key = keys.signing_key(session, KeyPurpose.TAG, datetime.now(UTC))
        entry = Key(key.kid, "platform", "tag", key.public_key)
    return read(image, bytes.fromhex(UID), Situation(Keyring([entry]), datetime.now(UTC)))


def test_a_fill_on_the_tag_is_kept_and_an_older_content_found_out(
    app: Flask,
    gateway: Gateway,
    sign: Callable[..., dict[str, Any]],
    verify: Callable[..., dict[str, Any]],
) -> None:
    blank = base64.b64decode(sign()["image"])
    kid, private = handheld(app)
    filled = fill(app, blank, kid, private)
    said = verify(filled)
    assert (said["verdict"], said["fill"]["net_g"], said["fill"]["kid"]) == ("holds", 14480, kid)
    newest = gateway.get(f"/tags/{UID}/image").get_json()["image"]
    assert base64.b64decode(newest) == filled
    old = verify(blank)
    assert (old["verdict"], faults(old), old["to_write"]) == ("refused", [("fill", "rolled_back")], True)
    assert sign()["image"] == newest  # nothing changed: the newest comes again, with its fill


def test_a_fill_by_nobody_s_key_moves_no_numbers(
    app: Flask,
    gateway: Gateway,
    sign: Callable[..., dict[str, Any]],
    verify: Callable[..., dict[str, Any]],
) -> None:
    made = sign()
    forged = fill(app, base64.b64decode(made["image"]), 32_000, Ed25519PrivateKey.generate())
    said = verify(forged)
    assert (said["verdict"], faults(said)) == ("unsure", [("fill", "key_unknown")])
    assert said["to_write"] is False
    assert gateway.get(f"/tags/{UID}/image").get_json()["image"] == made["image"]
    assert verify(made["image"])["verdict"] == "holds"


def test_a_copy_on_another_chip_is_found_out(
    sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]]
) -> None:
    said = verify(sign()["image"], uid="04A1B2C3D4E581")
    assert (said["verdict"], faults(said), said["known"]) == ("refused", [("base", "foreign_chip")], False)


def test_a_base_that_was_replaced_is_old_only_once_the_new_one_was_seen(
    sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]]
) -> None:
    first = sign()["image"]
    assert verify(first)["verdict"] == "holds"
    second = sign(renew=True)["image"]
    waiting = verify(first)  # the new content isn't on the chip yet
    assert (waiting["verdict"], waiting["to_write"]) == ("holds", True)
    assert verify(second)["verdict"] == "holds"
    assert faults(verify(first)) == [("base", "rolled_back")]


def test_a_chip_whose_counter_went_back_is_found_out(
    sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]]
) -> None:
    image = sign()["image"]
    assert verify(image, counter=900)["verdict"] == "holds"
    assert faults(verify(image, counter=12)) == [("counter", "counter_back")]


def test_a_revoked_key_is_believed_for_nothing_and_its_tags_are_signed_anew(
    app: Flask, sign: Callable[..., dict[str, Any]], verify: Callable[..., dict[str, Any]]
) -> None:
    first = sign()
    with scope.platform_scope() as session:
        vault, operator = Vault.of(app.config["SETTINGS"]), Actor(role=Role.OPERATOR, username="operator")
        keys.revoke(session, operator, first["kid"], "stolen", vault, datetime.now(UTC))
    assert faults(verify(first["image"])) == [("base", "key_revoked")]
    second = sign()
    assert (second["anew"], second["kid"] != first["kid"]) == (True, True)
    assert verify(second["image"])["verdict"] == "holds"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"label": A.code("issued")}, 409, "label_unbound"),
        ({"label": A.code("lost")}, 409, "label_unbound"),
        ({"label": B.code("good")}, 404, "not_found"),
        ({"label": "37050200101"}, 404, "not_found"),
        ({"label": "1234"}, 422, "invalid"),
        ({"uid": "04"}, 422, "invalid"),
        ({"profile": "uhf64"}, 422, "invalid"),
        ({"profile": "ntag213", "slots": 1}, 422, "no_room"),
    ],
)
def test_what_can_not_be_signed(gateway: Gateway, changes: dict[str, Any], status: int, code: str) -> None:
    body = {"uid": UID, "label": A.code("good"), "profile": "ntag216", **changes}
    response = gateway.post("/tags/sign", body)
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_a_chip_of_another_label_is_not_signed(gateway: Gateway, stage: Database) -> None:
    with stage.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.label SET uid = :uid WHERE id = :id"),
            {"uid": UID, "id": A.label_id("due_soon")},
        )
    for asked in (
        {"uid": UID, "label": A.code("good")},
        {"uid": UID[:-2] + "81", "label": A.code("due_soon")},
    ):
        response = gateway.post("/tags/sign", {**asked, "profile": "ntag216"})
        assert (response.status_code, response.get_json()["code"]) == (409, "chip_elsewhere")
    assert (
        gateway.post(
            "/tags/sign", {"uid": UID, "label": A.code("due_soon"), "profile": "ntag216"}
        ).status_code
        == 200
    )


def test_whatever_is_read_is_answered(gateway: Gateway, verify: Callable[..., dict[str, Any]]) -> None:
    assert faults(verify(b"\xd1\x01")) == [("message", "cut_short")]
    response = gateway.post("/tags/verify", {"uid": UID, "image": "?"})
    assert (response.status_code, response.get_json()["code"]) == (422, "bad_image")


def test_another_enterprise_s_tag_is_not_known_here(
    gateway: Gateway, other: Gateway, stranger: Gateway, sign: Callable[..., dict[str, Any]]
) -> None:
    made = sign()
    assert other.get(f"/tags/{UID}/image").status_code == 404
    assert stranger.get(f"/tags/{UID}/image").status_code == 401
    assert stranger.post("/tags/sign", {}).status_code == 401
    said = other.post("/tags/verify", {"uid": UID, "image": made["image"]}).get_json()
    assert (said["verdict"], said["known"], said["to_write"]) == (
        "holds",
        False,
        False,
    )  # the platform signed it
    mine = other.post("/tags/sign", {"uid": UID, "label": B.code("good"), "profile": "ntag216"})
    assert (mine.status_code, mine.get_json()["seq"]) == (200, 1)
    assert decode(base64.b64decode(mine.get_json()["image"])).url.endswith(B.code("good"))
    assert gateway.get(f"/tags/{UID}/image").get_json() == {**made, "anew": False}


def test_the_wall_stands_around_tags(app: Flask, sign: Callable[..., dict[str, Any]]) -> None:
    sign()
    with scope.device_scope(B.tenant_id) as session:
        assert session.execute(text("SELECT count(*) FROM gas.tag")).scalar_one() == 0
        moved = session.execute(text("UPDATE gas.tag SET profile = 'ntag213'"))
        assert moved.rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(ProgrammingError), scope.tenant_scope(A.tenant_id) as session:
        session.execute(text("UPDATE gas.tag SET base_seq = 1"))
