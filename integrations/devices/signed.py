"""Who signs: HTTP Message Signatures (RFC 9421) with the key that a device enrolled, over method, address and body.

The library checks the signature; what it leaves to its caller is done here: which parts must be covered, the body against its digest, the
clock, and that a request counts once. The address is the portal's public one, whatever a proxy made of it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Request
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, InvalidSignature
from http_message_signatures.algorithms import ED25519
from limits.storage import MemoryStorage, Storage

from integrations.devices.answers import moment
from integrations.devices.budget import LEFT_ALONE, storage_of
from integrations.devices.problems import Problem
from integrations.devices.reading import LARGEST_BODY
from tenants import scope
from tenants.queries.device_callers import Caller, find_caller_by_key

TAG = "qp-device"
WINDOW = 300  # seconds that a device's clock may differ
REMEMBERED = 2 * WINDOW  # seconds for which a nonce counts as used
ALWAYS = ('"@method"', '"@target-uri"')
DIGEST = '"content-digest"'
_NONCE = re.compile(r"[\x21-\x7e]{16,64}")


class Nonces:
    """Which requests came before: remembered in Redis, or in this process while Redis is away (docs/decisions/0063)."""

    def __init__(self, redis_url: str) -> None:
        self._own = MemoryStorage()
        self._shared: Storage | None = storage_of(redis_url) if redis_url else None
        self._again = 0.0

    def take(self, key_id: UUID, nonce: str) -> bool:
        """Whether this nonce of this key is new; from now on it isn't."""
        name = f"devices/nonce/{key_id}/{nonce}"
        if self._shared is not None and time.monotonic() >= self._again:
            try:
                return self._shared.incr(name, REMEMBERED) == 1
            except Exception:  # Redis is away, by whatever name the driver says so
                self._again = time.monotonic() + LEFT_ALONE
        return self._own.incr(name, REMEMBERED) == 1


@dataclass(frozen=True, slots=True)
class _Message:
    """The request as it was signed."""

    method: str
    url: str
    headers: Any


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with our clock, our names for what is wrong, and our keys."""

    def __init__(self) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=self)
        self.caller: Caller | None = None

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:  # noqa: ARG002
        """The parameters, before the signature is looked at."""
        given = sig_input.params
        if not _NONCE.fullmatch(str(given.get("nonce", ""))) or "created" not in given:
            raise Problem("signature_incomplete")
        now = datetime.now(UTC)
        if abs(now.timestamp() - int(given["created"])) > WINDOW:
            raise Problem("clock_skew", server_time=moment(now))
        if "expires" in given and int(given["expires"]) < now.timestamp():
            raise Problem("signature_expired")
        self.caller = _caller_of(str(given.get("keyid", "")))

    def resolve_public_key(self, _: str) -> Ed25519PublicKey | None:
        """The key of the device that was found."""
        key = self.caller.public_key if self.caller else None
        return None if key is None else Ed25519PublicKey.from_public_bytes(key)


def is_signed(request: Request) -> bool:
    """Whether the caller says who it is by a signature."""
    return "Signature-Input" in request.headers or "Signature" in request.headers


def identify_signed(request: Request, origin: str, nonces: Nonces) -> Caller:
    """The device that signed, a revoked one too; raises Problem with what is wrong."""
    request.max_content_length = LARGEST_BODY + 1
    body = request.get_data(cache=True)
    if len(body) > LARGEST_BODY:
        raise Problem("too_large")
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    message = _Message(request.method, f"{origin}{request.path}{query}", request.headers)
    verifier = _Verifier()
    try:
        results = verifier.verify(message, max_age=None, expect_tag=TAG)
    except (InvalidSignature, HTTPMessageSignaturesException):
        raise Problem("bad_signature") from None
    if len(results) != 1 or verifier.caller is None:
        raise Problem("bad_signature")
    _require_covered(results[0].covered_components, body)
    try:
        verifier.verify_body(message, results, body)
    except HTTPMessageSignaturesException:
        raise Problem("bad_digest") from None
    if not nonces.take(verifier.caller.key_id or UUID(int=0), str(results[0].parameters["nonce"])):
        raise Problem("replayed")
    return verifier.caller


def _require_covered(covered: Any, body: bytes) -> None:
    wanted = (*ALWAYS, DIGEST) if body else ALWAYS
    if any(part not in covered for part in wanted):
        raise Problem("signature_incomplete")


def _caller_of(keyid: str) -> Caller:
    try:
        key_id = UUID(keyid)
    except ValueError:
        raise Problem("unknown_key") from None
    with scope.device_key_scope() as session:
        caller = find_caller_by_key(session, key_id)
    if caller is None:
        raise Problem("unknown_key")
    return caller
