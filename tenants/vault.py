"""Secrets at rest: what the database keeps of a private key can be opened only with this installation's SECRET_KEY."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.errors import Unavailable
from tenants.settings import Settings

PURPOSE = "vault"
NONCE = 12  # bytes


class Vault:
    """Seals with AES-256-GCM; the name of what is sealed is authenticated with it, so that one can't be put in another's place."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(bytes.fromhex(secret))
        self._opened: dict[bytes, Ed25519PrivateKey] = {}

    @classmethod
    def of(cls, settings: Settings) -> Vault:
        """The vault of this installation."""
        return cls(settings.derived_secret(PURPOSE))

    def seal(self, name: str, secret: bytes) -> bytes:
        """What may be stored."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """The secret again; raises Unavailable when it was sealed with another SECRET_KEY or under another name."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
        except InvalidTag:
            raise Unavailable(f"{name} was sealed with another SECRET_KEY.") from None

    def private_key(self, name: str, sealed: bytes) -> Ed25519PrivateKey:
        """A sealed Ed25519 key, ready to sign; opened once a process."""
        if sealed not in self._opened:
            self._opened[sealed] = Ed25519PrivateKey.from_private_bytes(self.open(name, sealed))
        return self._opened[sealed]
