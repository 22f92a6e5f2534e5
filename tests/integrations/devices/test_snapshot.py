"""A snapshot never passes what the rule refuses, goes on from what is held, and belongs to one enterprise."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from integrations.devices.snapshot import judging, reading
from tenants import scope
from tenants.rules.codes import MalformedCode, parse_scan
from tenants.services import keys
from tenants.services.snapshot.build import build
from tenants.services.sources import DatabaseSource
from tenants.services.verdicts import Wanted, judge
from tenants.vault import Vault
from tests.cast import BOTH, CYLINDERS, LOOSE, A, B, Enterprise
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway

TYPE = "application/vnd.qp.snapshot"


def keys_of(gateway: Gateway) -> Any:
    ring = json.loads(base64.b64decode(gateway.get("/keyring").get_json()["payload"]))
    public = {
        key["kid"]: base64.b64decode(key["public_key"])
        for key in ring["keys"]
        if key["purpose"] == "snapshot"
    }
    return lambda kid, signature, message: kid in public and keys.holds(public[kid], signature, message)


def fetch(gateway: Gateway, held: reading.Snapshot | None = None) -> reading.Snapshot:
    since = f"?since={held.header['version']}" if held else ""
    said = gateway.get(f"/snapshot{since}")
    assert said.status_code == 200, said.text
    assert said.mimetype == TYPE
    return reading.read(said.data, keys_of(gateway), held)


def rule(e: Enterprise, asked: list[tuple[judging.Try, str | None]]) -> list[set[str]]:
    with scope.device_scope(e.tenant_id) as session:
        source = _Remembering(DatabaseSource(session, e.tenant_id))
        return [
            {
                refusal.value
                for refusal in judge(
                    source,
                    Wanted(at=one.at, label=label, uid=one.uid, medium=one.medium, operator=one.operator),
                ).refusals
            }
            for one, label in asked
        ]


class _Remembering:
    """Asks the database once for each thing."""

    def __init__(self, source: DatabaseSource) -> None:
        self.enterprise, self.by_code, self.by_uid = (
            cache(source.enterprise),
            cache(source.by_code),
            cache(source.by_uid),
        )


def tries(e: Enterprise, now: datetime, uids: list[str]) -> list[tuple[judging.Try, str | None]]:
    other = B if e is A else A
    labels = [e.code(name) for name in (*CYLINDERS, *LOOSE)] + [
        other.code("good"),
        e.code("good")[:-6] + "999999",
        "nonsense",
        None,
    ]
    found = []
    for label, medium, operator, uid in product(
        labels, (None, "01", "02", "77", "LPG"), (None, "F01", "nobody"), (None, *uids)
    ):
        code, malformed = None, False
        try:
            code = parse_scan(label, e.district).code if label else None
        except MalformedCode:
            malformed = True
        found.append(
            (
                judging.Try(
                    at=now, code=code, malformed=malformed, uid=uid, medium=medium, operator=operator
                ),
                label,
            )
        )
    return found


@pytest.mark.parametrize("e", BOTH, ids=lambda e: e.mark)
def test_it_says_what_the_rule_says(
    app: Flask, gateway: Gateway, other: Gateway, stage: Database, e: Enterprise
) -> None:
    snapshot = fetch(gateway if e is A else other)
    chips = sorted(snapshot.chips)[:1]
    now = datetime.now(UTC)
    asked = tries(e, now, [*chips, "04FFFFFFFFFFFF"])
    differing = {
        (wanted.code, wanted.medium, wanted.operator, wanted.uid): (offline, online)
        for (wanted, _), online in zip(asked, rule(e, asked), strict=True)
        if (offline := set(judging.refusals(snapshot, wanted))) != online
    }
    assert differing == {}


def test_time_passes_in_it_as_it_does_in_the_rule(app: Flask, gateway: Gateway) -> None:
    snapshot, now = fetch(gateway), datetime.now(UTC)
    for days in (1, 15, 25, 400, 4000):
        later = now + timedelta(days=days)
        for name in CYLINDERS:
            wanted = judging.Try(at=later, code=A.code(name), operator="F01")
            offline = set(judging.refusals(snapshot, wanted)) - {"snapshot_too_old"}
            assert [offline] == rule(A, [(wanted, A.code(name))]), (name, days)
            assert "snapshot_too_old" in judging.refusals(snapshot, wanted)


def test_a_clock_set_back_doesnt_make_it_younger(gateway: Gateway) -> None:
    snapshot = fetch(gateway)
    wanted = judging.Try(at=datetime(2001, 1, 1, tzinfo=UTC), code=A.code("overdue"))
    assert "inspection_overdue" in judging.refusals(snapshot, wanted)


def test_a_mass_beyond_the_limit_is_refused(app: Flask, gateway: Gateway, stage: Database) -> None:
    with stage.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.cylinder SET max_fill_kg = 14.499 WHERE tenant_id = :t AND id = :c"),
            {"t": A.tenant_id, "c": A.cylinder_id("due_soon")},
        )
    snapshot = fetch(gateway)
    for kilos, refused in ((14.5, False), (14.549, False), (14.55, True)):
        wanted = judging.Try(at=datetime.now(UTC), code=A.code("due_soon"), gas_kg=kilos)
        assert ("overfill" in judging.refusals(snapshot, wanted)) == refused, kilos


def test_what_changed_since_is_all_that_comes(app: Flask, gateway: Gateway, stage: Database) -> None:
    held = fetch(gateway)
    assert held.header["since"] is None
    assert held.header["rows"] == len(held.rows)
    nothing = fetch(gateway, held)
    assert nothing.header["rows"] <= 2  # transactions that were running may come again
    with stage.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.cylinder SET status = 'scrapped' WHERE tenant_id = :t AND id = :c"),
            {"t": A.tenant_id, "c": A.cylinder_id("good")},
        )
    try:
        changed = fetch(gateway, nothing)
        assert changed.header["since"] == nothing.header["version"]
        assert 1 <= changed.header["rows"] < len(held.rows)
        assert len(changed.rows) == len(held.rows)
        wanted = judging.Try(at=datetime.now(UTC), code=A.code("good"))
        assert "condemned" in judging.refusals(changed, wanted)
        assert "condemned" not in judging.refusals(held, wanted)
        whole = fetch(gateway)
        assert whole.rows == changed.rows
        assert whole.chips == changed.chips
    finally:
        with stage.as_admin() as connection:
            connection.execute(
                text("UPDATE gas.cylinder SET status = 'in_use' WHERE tenant_id = :t AND id = :c"),
                {"t": A.tenant_id, "c": A.cylinder_id("good")},
            )


def test_a_transaction_that_commits_late_is_not_missed(app: Flask, gateway: Gateway, stage: Database) -> None:
    with stage.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.cylinder SET note = 'late' WHERE tenant_id = :t AND id = :c"),
            {"t": A.tenant_id, "c": A.cylinder_id("good")},
        )
        before = fetch(gateway)
    later = fetch(gateway, before)
    assert later.header["since"] == before.header["version"]
    assert later.header["rows"] >= 1


@pytest.mark.parametrize("since", ["x", "1.2.3", "0.0.0000000000000000", "1" * 40, "9.9.%00"])
def test_a_version_that_isnt_ours_gets_the_whole(gateway: Gateway, since: str) -> None:
    said = gateway.get(f"/snapshot?since={since}")
    if said.status_code == 200:
        assert reading.read(said.data, keys_of(gateway)).header["since"] is None
    else:
        assert said.status_code == 400


def test_after_a_restore_the_whole_comes(app: Flask, gateway: Gateway, stage: Database) -> None:
    held = fetch(gateway)
    with stage.as_admin() as connection:
        connection.execute(text("UPDATE gas.cache_epoch SET epoch = epoch + 1"))
    assert fetch(gateway, held).header["since"] is None


def test_nothing_of_the_other_is_in_it(gateway: Gateway, other: Gateway) -> None:
    for mine, its, e, stranger in ((gateway, A, A, B), (other, B, B, A)):
        snapshot = fetch(mine)
        assert snapshot.header["tenant"] == f"{its.district}-{its.enterprise}"
        assert {code[:9] for code in snapshot.rows} == {e.district + e.enterprise}
        assert stranger.mark.encode() not in mine.get("/snapshot").data


def test_the_others_and_a_changed_one_are_not_taken(gateway: Gateway, other: Gateway) -> None:
    file, holds = gateway.get("/snapshot").data, keys_of(gateway)
    spoilt = bytearray(file)
    spoilt[len(file) // 2] ^= 1
    for wrong in (bytes(spoilt), file[:-1], b"", b"QPSNAP1\n", file[:-64] + b"\0" * 64):
        with pytest.raises(reading.Unreadable):
            reading.read(wrong, holds)
    with pytest.raises(reading.Unreadable):
        reading.read(file, holds, tenant=f"{B.district}-{B.enterprise}")
    newer = fetch(gateway)
    with pytest.raises(reading.Unreadable):
        reading.read(file, holds, newer)


def test_it_travels_packed_for_whoever_can_unpack(gateway: Gateway) -> None:
    packed = gateway.get("/snapshot", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert reading.read(gzip.decompress(packed.data), keys_of(gateway)).rows
    assert "Content-Encoding" not in gateway.get("/snapshot").headers


def test_without_a_token_there_is_none(stranger: Gateway) -> None:
    assert stranger.get("/snapshot").status_code == 401


def test_a_label_can_be_found_among_the_columns_as_they_come(gateway: Gateway) -> None:
    rows = sorted(fetch(gateway).rows.values(), key=lambda row: (row["head"], row["tail"]))
    heads, tails = [row["head"] for row in rows], [row["tail"] for row in rows]
    for at, row in enumerate(rows):
        assert reading.place_of(heads, tails, row["code"]) == at
    assert reading.place_of(heads, tails, "99999999999999999") is None


def test_the_enterprises_own_state_is_in_the_header(app: Flask, stage: Database) -> None:
    vault = Vault.of(app.config["SETTINGS"])
    with stage.stage() as connection:
        connection.execute(text("SELECT 1"))
    with scope.device_scope(A.tenant_id) as session:
        file = build(session, A.tenant_id, vault, datetime.now(UTC) + timedelta(days=40_000))
    header = reading.read(file, lambda *_: True).header
    assert "licence_expired" in header["site"]["refused"]
