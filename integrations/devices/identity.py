"""A device gets its identity (`POST /enrol`) and learns whose signatures to believe (`GET /keyring`)."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import Blueprint, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from integrations.devices import calls
from integrations.devices.answers import moment
from integrations.devices.describe import described
from integrations.devices.outgoing import EnrolAnswer, RingKey
from integrations.devices.problems import Problem
from integrations.devices.reading import read_as
from integrations.devices.schemas import EnrolRequest
from tenants import scope
from tenants.callers import client_of
from tenants.errors import Conflict
from tenants.permissions import Permission, needs
from tenants.services import keys
from tenants.services.enrolment import (
    Enrolled,
    EnrolmentExpired,
    EnrolmentUnknown,
    EnrolmentUsed,
    enrol,
    tenant_of_token,
)

WORD = b"QPENROL1\n"
RAW = 32  # bytes of an Ed25519 public key
_TAKEN = {"name": "name_taken", "public_key": "key_taken"}


def put_on(bp: Blueprint) -> None:
    """The views of this file."""
    bp.post("/enrol")(post_enrol)
    bp.get("/keyring")(get_keyring)


@needs(Permission.DEVICE_ENROL)
@described(calls.ENROL)
def post_enrol() -> ResponseReturnValue:
    """201 for whoever holds a token nobody used before."""
    current_app.extensions["device_budget"].spend_sparingly(client_of(request.remote_addr), "enrol")
    asked = read_as(EnrolRequest, request)
    public = read_public_key(asked.public_key)
    if asked.proof is not None and not keys.holds(
        public, from_base64(asked.proof), WORD + asked.token.encode()
    ):
        raise Problem("bad_proof")
    now = datetime.now(UTC)
    with scope.device_key_scope() as session:
        tenant_id = tenant_of_token(session, asked.token)
    if tenant_id is None:
        raise Problem("enrolment_unknown")
    try:
        with scope.device_scope(tenant_id) as session:
            enrolled = enrol(session, asked.token, public, asked.name, asked.model, now)
            ring = keys.signing_key(session, keys.Purpose.RING, now)
            answer = _answer(enrolled, now, RingKey(kid=ring.kid, public_key=keys.b64(ring.public_key)))
    except (EnrolmentUnknown, EnrolmentUsed, EnrolmentExpired) as problem:
        raise Problem(problem.code) from None
    except Conflict as problem:
        raise Problem(_TAKEN[str(problem.details["field"])]) from None
    return jsonify(answer.model_dump(mode="json")), 201


def _answer(enrolled: Enrolled, now: datetime, ring_key: RingKey) -> EnrolAnswer:
    return EnrolAnswer(
        device_id=str(enrolled.device_id),
        key_id=str(enrolled.key_id),
        kid=enrolled.kid,
        tenant=enrolled.tenant,
        role=enrolled.role.value,
        name=enrolled.name,
        server_time=moment(now),
        ring_key=ring_key,
    )


@needs(Permission.DEVICE_KEYS)
@described(calls.KEYRING)
def get_keyring() -> ResponseReturnValue:
    """The ring of the caller's enterprise."""
    with scope.device_scope(g.caller.tenant_id) as session:
        ring = keys.keyring(session, current_app.extensions["device_vault"], datetime.now(UTC))
    return jsonify(ring.as_json())


def read_public_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 key that is given raw or as SPKI; raises Problem."""
    raw = from_base64(text)
    try:
        if len(raw) != RAW:
            key = load_der_public_key(raw)
            if not isinstance(key, Ed25519PublicKey):
                raise Problem("bad_public_key")
            raw = key.public_bytes_raw()
        Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise Problem("bad_public_key") from None
    return raw


def from_base64(text: str) -> bytes:
    """Bytes from either alphabet, padded or not; nothing for what is no base64."""
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
