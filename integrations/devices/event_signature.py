"""The signature of one event: the device's key over the event itself, made when it happened and kept with it for ever."""

from __future__ import annotations

from typing import Any

import rfc8785

from integrations.devices.identity import from_base64
from tenants.services import keys

WORD = b"QPEVENT1\n"


def signed_bytes(event: dict[str, Any]) -> bytes:
    """What is signed: a word of its own, then the event without `signature`, canonicalised by RFC 8785; raises ValueError."""
    try:
        return WORD + rfc8785.dumps({name: value for name, value in event.items() if name != "signature"})
    except rfc8785.CanonicalizationError as problem:
        raise ValueError(str(problem)) from None


def holds(event: dict[str, Any], public_key: bytes) -> bool:
    """Whether this key made the event's signature; what can't be canonicalised (a number beyond 2^53) was signed by nobody."""
    try:
        return keys.holds(public_key, from_base64(str(event["signature"])), signed_bytes(event))
    except ValueError:
        return False
