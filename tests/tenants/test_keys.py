"""The platform's keys: sealed at rest, one purpose each, rotated with overlap, revoked for good."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tenants import scope
from tenants.errors import Conflict, NotFound, Unavailable
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services import keys
from tenants.services.keys import Purpose
from tenants.vault import Vault
from tests.cast import A, B
from tests.databases import Database

NOW = datetime.now(UTC)
OPERATOR = Actor(role=Role.OPERATOR, username="cli:test")


@pytest.fixture
def vault(own_walls: Database) -> Vault:
    return Vault.of(own_walls.settings)


def ring_of(tenant_id: int, vault: Vault, now: datetime = NOW) -> tuple[keys.SignedRing, dict[str, object]]:
    with scope.device_scope(tenant_id) as session:
        ring = keys.keyring(session, vault, now)
    return ring, json.loads(ring.payload)


def sign(purpose: Purpose, message: bytes, vault: Vault, now: datetime = NOW) -> keys.Signed:
    with scope.device_scope(A.tenant_id) as session:
        return keys.sign(session, purpose, message, vault, now)


def believed(purpose: Purpose, signed: keys.Signed, message: bytes, now: datetime = NOW) -> bool:
    with scope.device_scope(B.tenant_id) as session:
        return keys.verify(session, purpose, signed.kid, signed.signature, message, now)


def test_a_prepared_database_signs_for_every_purpose(vault: Vault) -> None:
    kids = {sign(purpose, b"a", vault).kid for purpose in Purpose}
    assert kids == {32768, 32769, 32770, 32771}


def test_a_signature_counts_for_its_message_and_purpose_only(vault: Vault) -> None:
    signed = sign(Purpose.TAG, b"message", vault)
    assert believed(Purpose.TAG, signed, b"message")
    assert not believed(Purpose.TAG, signed, b"another")
    assert not believed(Purpose.SNAPSHOT, signed, b"message")
    assert not believed(Purpose.TAG, keys.Signed(signed.kid + 1, signed.signature), b"message")


def test_a_private_key_is_nowhere_in_the_clear(own_walls: Database, vault: Vault) -> None:
    with own_walls.as_admin() as connection:
        kept = connection.execute(text("SELECT kid, sealed FROM gas.platform_key")).all()
    for kid, sealed in kept:
        assert vault.open(keys.key_name(kid), bytes(sealed)) not in bytes(sealed)
        with pytest.raises(Unavailable):
            Vault("00" * 32).open(keys.key_name(kid), bytes(sealed))
        with pytest.raises(Unavailable):
            vault.open(keys.key_name(kid + 1), bytes(sealed))


def test_with_another_secret_new_keys_are_made(own_walls: Database) -> None:
    other = Vault("ab" * 32)
    with scope.platform_scope() as session:
        assert len(keys.ensure_keys(session, other, NOW)) == len(Purpose)
        assert keys.ensure_keys(session, other, NOW) == []


def test_a_ring_is_signed_and_names_the_platforms_keys(vault: Vault) -> None:
    ring, told = ring_of(A.tenant_id, vault)
    by_kid = {key["kid"]: key for key in told["keys"]}  # type: ignore[union-attr]
    assert by_kid[ring.kid]["purpose"] == "ring"
    public = base64.b64decode(by_kid[ring.kid]["public_key"])
    assert keys.holds(public, ring.signature, keys.RING_WORD + ring.payload)
    assert not keys.holds(public, ring.signature, ring.payload)


def test_a_successor_is_known_before_it_signs_and_the_old_one_believed_after(vault: Vault) -> None:
    old = sign(Purpose.SNAPSHOT, b"s", vault)
    with scope.platform_scope() as session:
        kid = keys.rotate(session, OPERATOR, Purpose.SNAPSHOT, vault, NOW)
    _, told = ring_of(A.tenant_id, vault)
    assert kid in {key["kid"] for key in told["keys"]}  # type: ignore[union-attr]
    assert sign(Purpose.SNAPSHOT, b"s", vault).kid == old.kid
    later = NOW + timedelta(days=1, seconds=1)
    assert sign(Purpose.SNAPSHOT, b"s", vault, later).kid == kid
    assert believed(Purpose.SNAPSHOT, old, b"s", later)
    assert not believed(Purpose.SNAPSHOT, old, b"s", later + timedelta(days=7))


def test_a_revoked_key_is_believed_for_nothing_and_has_a_successor(vault: Vault) -> None:
    signed = sign(Purpose.TAG, b"t", vault)
    with scope.platform_scope() as session:
        successor = keys.revoke(session, OPERATOR, signed.kid, "lost", vault, NOW)
    assert not believed(Purpose.TAG, signed, b"t")
    assert sign(Purpose.TAG, b"t", vault, datetime.now(UTC)).kid == successor
    _, told = ring_of(B.tenant_id, vault)
    assert [key["kid"] for key in told["keys"] if key["revoked_at"]] == [signed.kid]  # type: ignore[union-attr]
    with pytest.raises(Conflict), scope.platform_scope() as session:
        keys.revoke(session, OPERATOR, signed.kid, "again", vault, NOW)
    with pytest.raises(NotFound), scope.platform_scope() as session:
        keys.revoke(session, OPERATOR, 1, "never was", vault, NOW)
