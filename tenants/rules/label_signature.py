"""The short signature in the address that a new label bears: eight signs that only the platform's label key can make for this code.

It tells an invented label from a genuine one. It can't tell a copy of a genuine label: a copy has the signature too, and only what
happened to the cylinder gives it away. Labels from before have none, and need none.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import parse_qsl

from tenants.rules.codes import LONG, printed_url
from tenants.rules.label_words import Genuine

WORD = b"QPLABEL1\n"  # no other message of the platform begins so
BYTES = 6  # of the HMAC: 48 bits
SIGNS = 8
FIELD = "s"


def signature(code: str, key: bytes) -> str:
    """The eight signs for a code of 17 digits; raises ValueError for anything else."""
    if len(code) != LONG or not (code.isascii() and code.isdigit()):
        raise ValueError("a code has 17 digits")
    made = hmac.digest(key, WORD + code.encode(), sha256)[:BYTES]
    return base64.urlsafe_b64encode(made).decode()


def signed_url(code: str, family: str, key: bytes) -> str:
    """The printed address with its signature."""
    return f"{printed_url(code, family)}&{FIELD}={signature(code, key)}"


def check(code: str, s: str | None, keys: Iterable[bytes], *, some_lost: bool = False) -> Genuine:
    """Whether `s` was made for this code by one of the keys; without a signature, or when the key may be one that was lost, ABSENT."""
    told = (s or "").strip()
    if not told:
        return Genuine.ABSENT
    matches = [_same(told, signature(code, key)) for key in keys]  # every key, so that time tells nothing
    if any(matches):
        return Genuine.GENUINE
    return Genuine.ABSENT if some_lost or not matches else Genuine.WRONG


def signature_in(text: str) -> str | None:
    """The signature in a scanned address, or None."""
    _, found, question = text.partition("?")
    fields = parse_qsl(question.partition("#")[0]) if found else []
    return next((value for name, value in fields if name.lower() == FIELD), None)


def _same(told: str, made: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), made.encode())
