"""Workers sign in with a PIN, events carry the device's signature, gaps are named, and a revoked device's events wait for a manager."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from integrations.devices.event_signature import signed_bytes
from tenants import scope
from tenants.errors import Conflict, Invalid, NotFound
from tenants.permissions import Actor
from tenants.queries.device_gaps import gaps
from tenants.rules.states import Role
from tenants.services import held, keys, operators
from tenants.services.apply.batch import apply_claimed
from tenants.services.apply.inbox import claim_next
from tenants.services.devices import revoke_device
from tests.cast import A, B, Enterprise
from tests.chaos.model import NoCache
from tests.databases import Database
from tests.integrations.devices.gateway import event
from tests.integrations.devices.handheld_key import Handheld, b64, handheld

BOSS = Actor(role=Role.ADMIN, username="boss", tenant_id=A.tenant_id)
PIN = "4711"


@pytest.fixture
def device(app: Flask) -> Handheld:
    return handheld(app, A)


@pytest.fixture
def worker(app: Flask) -> str:
    """A worker of A with a PIN."""
    return with_pin(A)


def with_pin(e: Enterprise) -> str:
    with scope.tenant_scope(e.tenant_id) as session:
        code = session.scalars(
            text("SELECT code FROM gas.staff WHERE left_on IS NULL ORDER BY code LIMIT 1")
        ).one()
        operators.set_pin(session, BOSS, code, PIN, datetime.now(UTC))
    return str(code)


def sign_in(device: Handheld, operator: str, pin: str = PIN) -> Any:
    return device.post("/operators/sign-in", {"operator": operator, "pin": pin})


def signed(device: Handheld, **changes: Any) -> dict[str, Any]:
    body = event(**changes)
    return {**body, "signature": b64(device.private.sign(signed_bytes(body)))}


def upload(device: Handheld, *events: dict[str, Any]) -> dict[str, Any]:
    said = device.post("/events", {"events": list(events)})
    assert said.status_code == 202, said.text
    return said.get_json()


def test_a_card_says_who_works_with_which_device(app: Flask, device: Handheld, worker: str) -> None:
    card = sign_in(device, worker).get_json()
    payload = base64.b64decode(card["payload"])
    told = json.loads(payload)
    assert (told["operator"], told["device"], told["tenant"]) == (
        worker,
        device.told["device_id"],
        device.told["tenant"],
    )
    with scope.device_scope(B.tenant_id) as session:
        message, signature = operators.WORD + payload, base64.b64decode(card["signature"])
        assert keys.verify(session, keys.Purpose.SNAPSHOT, card["kid"], signature, message, datetime.now(UTC))


def test_five_wrong_tries_lock_this_worker_on_this_device(app: Flask, device: Handheld, worker: str) -> None:
    for _ in range(operators.MOST_TRIES):
        assert sign_in(device, worker, "9999").get_json()["code"] == "bad_pin"
    locked = sign_in(device, worker)
    assert (locked.status_code, locked.get_json()["code"]) == (429, "pin_locked")
    assert 0 < int(locked.headers["Retry-After"]) <= 901
    assert sign_in(handheld(app, A), worker).status_code == 200
    with_pin(A)  # a new PIN opens it
    assert sign_in(device, worker).status_code == 200


@pytest.mark.parametrize("operator", ["nobody", "F01\u0000"])
def test_who_isnt_known_looks_like_a_wrong_pin(device: Handheld, operator: str) -> None:
    assert sign_in(device, operator).get_json()["code"] in ("bad_pin", "invalid")


def test_the_others_workers_arent_known_here(app: Flask, device: Handheld) -> None:
    code = with_pin(B)
    with scope.tenant_scope(A.tenant_id) as session:
        mine = session.scalars(text("SELECT id FROM gas.staff_pin")).all()
    with scope.tenant_scope(B.tenant_id) as session:
        assert not set(mine) & set(session.scalars(text("SELECT id FROM gas.staff_pin")).all())
    assert sign_in(handheld(app, B), code).status_code == 200


@pytest.mark.parametrize("pin", ["123", "123456789", "abcd", "1111", "1234", "٤٧١١"])
def test_a_pin_that_is_no_pin_is_refused(app: Flask, pin: str) -> None:
    with pytest.raises(Invalid), scope.tenant_scope(A.tenant_id) as session:
        operators.set_pin(session, BOSS, "F01", pin, datetime.now(UTC))
    with pytest.raises(NotFound), scope.tenant_scope(A.tenant_id) as session:
        operators.set_pin(session, BOSS, "nobody", PIN, datetime.now(UTC))


def test_a_signed_event_is_taken_and_a_spoilt_one_is_malformed(device: Handheld) -> None:
    good, spoilt = signed(device, data={"note": "瓶阀", "kg": 11.80}), signed(device, seq=2)
    said = upload(device, good, {**spoilt, "seq": 3}, event(seq=4))
    assert said["accepted"] == 2
    assert [(one["index"], one["code"]) for one in said["malformed"]] == [(1, "bad_event_signature")]


def test_anothers_signature_is_none(app: Flask, device: Handheld) -> None:
    said = upload(device, signed(handheld(app, B)))
    assert [one["code"] for one in said["malformed"]] == ["bad_event_signature"]


def test_a_number_no_program_agrees_on_was_signed_by_nobody(device: Handheld) -> None:
    said = upload(device, {**event(data={"n": 2**60}), "signature": b64(b"x" * 64)})
    assert [one["code"] for one in said["malformed"]] == ["bad_event_signature"]


def test_numbers_that_never_came_are_named(app: Flask, device: Handheld) -> None:
    early, late = "2026-03-01T10:02:00+08:00", "2026-03-01T10:40:00+08:00"
    upload(device, event(seq=5, occurred_at=early), event(seq=9, occurred_at=late))
    expected = [{"first": 6, "last": 8, "count": 3, "after": early, "before": late}]
    assert device.get("/missing").get_json() == {"missing": expected}
    with scope.tenant_scope(B.tenant_id) as session:
        assert UUID(device.told["device_id"]) not in {gap.device_id for gap in gaps(session)}
    upload(device, event(seq=6), event(seq=7), event(seq=8))
    assert device.get("/missing").get_json() == {"missing": []}


def revoked(device: Handheld) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        revoke_device(session, BOSS, UUID(device.told["device_id"]), "lost")


def state_of(stage: Database, one: dict[str, Any]) -> tuple[str, str, str]:
    with stage.as_admin() as connection:
        found = connection.execute(
            text("SELECT e.state, e.code, u.state FROM gas.device_event e JOIN gas.upload u ON u.tenant_id = e.tenant_id AND"
                 " u.id = e.upload_id WHERE e.id = :id"),
            {"id": one["id"]},
        ).one()  # fmt: skip
    return tuple(found)  # type: ignore[return-value]


def test_a_revoked_devices_events_wait_for_the_manager(device: Handheld, stage: Database) -> None:
    revoked(device)
    one, two = signed(device), signed(device, seq=2)
    assert upload(device, one, two)["accepted"] == 2
    assert upload(device, one)["duplicates"] == 1
    assert state_of(stage, one) == ("pending", "device_revoked", "done")
    assert device.get("/missing").status_code == 401
    now = datetime.now(UTC)
    for e, problem in ((B, NotFound), (A, None)):
        try:
            with scope.tenant_scope(e.tenant_id) as session:
                held.accept(session, BOSS, UUID(one["id"]), "delivered before the loss", now)
        except NotFound:
            assert problem is NotFound
    assert state_of(stage, one) == ("pending", "", "queued")
    assert state_of(stage, two) == ("pending", "device_revoked", "queued")
    while claim := claim_next():
        apply_claimed(claim, NoCache())
    assert state_of(stage, one)[0] in ("applied", "refused")
    assert state_of(stage, two) == ("pending", "device_revoked", "done")
    with scope.tenant_scope(A.tenant_id) as session:
        held.decline(session, BOSS, UUID(two["id"]), "not ours")
    assert state_of(stage, two)[:2] == ("rejected", "declined")
    with pytest.raises(Conflict), scope.tenant_scope(A.tenant_id) as session:
        held.decline(session, BOSS, UUID(two["id"]), "again")


def test_unsigned_events_of_a_revoked_device_dont_get_in(device: Handheld) -> None:
    revoked(device)
    said = upload(device, event())
    assert [one["code"] for one in said["malformed"]] == ["event_unsigned"]


def test_a_device_says_how_it_is(device: Handheld, stage: Database) -> None:
    headers = {**device.headers("GET", "/keyring", b""), "X-App-Version": "1.4.2", "X-Battery": "83"}
    assert device.client.get("/api/devices/v1/keyring", headers=headers).status_code == 200
    with stage.as_admin() as connection:
        told = connection.execute(
            text("SELECT app_version, battery, last_seen_at FROM gas.device WHERE id = :id"),
            {"id": device.told["device_id"]},
        ).one()
    assert (told.app_version, told.battery) == ("1.4.2", 83)
    assert datetime.now(UTC) - told.last_seen_at < timedelta(minutes=5)
