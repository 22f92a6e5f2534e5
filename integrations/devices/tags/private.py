"""The private block: what an enterprise keeps for itself, AES-128-GCM under its own key. Nothing about safety, no person's name."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from integrations.devices.tags.flaws import Fault
from integrations.devices.tags.image import WORD
from integrations.devices.tags.sections import PRIVATE_KIND

HEAD, NONCE, TAG = 3, 12, 16
OVERHEAD = HEAD + NONCE + TAG  # 31 bytes


def seal(secret: bytes, kid: int, key: bytes, nonce: bytes, uid: bytes, digest: bytes) -> bytes:
    """The block; `nonce` is 12 random bytes, never used twice with this key."""
    head = bytes([PRIVATE_KIND]) + kid.to_bytes(2, "big")
    return head + nonce + AESGCM(key).encrypt(nonce, secret, _bound(head, uid, digest))


def unseal(block: bytes, uid: bytes, digest: bytes, keys: Mapping[int, bytes]) -> bytes | Fault:
    """What is inside, or why it can't be said: NOT_CHECKED without the key, MALFORMED, or ALTERED."""
    if len(block) < OVERHEAD or block[0] != PRIVATE_KIND:
        return Fault.MALFORMED
    head, nonce, sealed = block[:HEAD], block[HEAD : HEAD + NONCE], block[HEAD + NONCE :]
    key = keys.get(int.from_bytes(head[1:], "big"))
    if key is None:
        return Fault.NOT_CHECKED
    try:
        return AESGCM(key).decrypt(nonce, sealed, _bound(head, uid, digest))
    except (InvalidTag, ValueError):
        return Fault.ALTERED


def _bound(head: bytes, uid: bytes, digest: bytes) -> bytes:
    return WORD + head[:1] + bytes([min(len(uid), 0xFF)]) + uid + digest + head[1:]
