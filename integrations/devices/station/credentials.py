"""Who the station is for the portal: a bearer token, or a key that signs each request (RFC 9421).

Secrets come from files that only their owner may read.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from requests import PreparedRequest
from requests.auth import AuthBase

TAG = "qp-device"
TOO_OPEN = stat.S_IRWXG | stat.S_IRWXO


class SecretProblem(Exception):
    """The file of a secret can't be used; the text names it."""


def read_secret(path: Path) -> str:
    """What stands in the file; raises SecretProblem when others could read it too."""
    try:
        found = path.stat()
        if found.st_mode & TOO_OPEN:
            raise SecretProblem(
                f"{path}: others may read it (mode {stat.S_IMODE(found.st_mode):04o}); chmod 600 {path}"
            )
        if found.st_uid not in (os.geteuid(), 0):
            raise SecretProblem(f"{path}: belongs to somebody else")
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SecretProblem(f"{path}: {problem}") from None
    if not text:
        raise SecretProblem(f"{path}: is empty")
    return text


def write_secret(path: Path, text: str) -> None:
    """A new file for its owner alone; raises SecretProblem when there is one already."""
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise SecretProblem(f"{path}: {problem}") from None


class Bearer(AuthBase):
    """`Authorization: Bearer`."""

    def __init__(self, token: str) -> None:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise SecretProblem("the token has characters that no token has")
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Signed(AuthBase):
    """An Ed25519 signature over method, address and body."""

    def __init__(self, key_id: str, key: str) -> None:
        try:
            private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key, validate=True))
        except ValueError:
            raise SecretProblem("the key is not 32 bytes in base64") from None
        self._key_id = key_id
        keys: Mapping[str, Ed25519PrivateKey] = {key_id: private}
        self._signer = HTTPMessageSigner(
            signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys={}, private_keys=keys)
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add Content-Digest, Signature-Input and Signature."""
        body = request.body
        self._signer.sign(
            request,
            key_id=self._key_id,
            tag=TAG,
            nonce=os.urandom(16).hex(),
            body=body if isinstance(body, bytes) else None,
            covered_component_ids=["@method", "@target-uri"],
        )
        return request


def new_key() -> tuple[str, str]:
    """A private key and its public one, both in base64."""
    key = Ed25519PrivateKey.generate()
    return (
        base64.b64encode(key.private_bytes_raw()).decode(),
        base64.b64encode(key.public_key().public_bytes_raw()).decode(),
    )
