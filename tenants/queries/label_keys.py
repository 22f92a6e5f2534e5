"""Whether the signature in a scanned address is genuine, asked on the citizen's plane."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.errors import Unavailable
from tenants.vault import Vault


class Believed(NamedTuple):
    """The secrets of the label keys that are believed; `some_lost` when one was sealed with another SECRET_KEY.

    `tenants.rules.label_signature.check` takes both. They change when an operator rotates or revokes a key, so a process may keep them for
    a minute.
    """

    secrets: tuple[bytes, ...]
    some_lost: bool


def believed_keys(session: Session, vault: Vault) -> Believed:
    """Ask for the keys and open them."""
    found = session.scalar(text("SELECT gas.label_keys()")) or []
    secrets: list[bytes] = []
    for key in found:
        try:
            secrets.append(vault.open(f"platform-key:{key['kid']}", bytes.fromhex(key["sealed"])))
        except Unavailable:
            continue
    return Believed(tuple(secrets), len(secrets) < len(found))
