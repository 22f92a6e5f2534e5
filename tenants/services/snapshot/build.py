"""One snapshot file, whole or what changed since the one a device holds, signed by the platform."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import tenants.rules
from tenants.models import Medium
from tenants.rules.facts import EnterpriseFacts
from tenants.rules.states import KeyPurpose
from tenants.services import keys
from tenants.services.facts import enterprise_facts
from tenants.services.snapshot import header as heads
from tenants.services.snapshot.rows import Version, changed_rows, horizon, kinds_in_use, read_version
from tenants.services.snapshot.table import REFUSALS, Column, Lists, columns_of
from tenants.vault import Vault

MAGIC = b"QPSNAP1\n"
FORMAT = 1
HOLDS = timedelta(hours=24)
ALIGNED = 8


def build(session: Session, tenant_id: int, vault: Vault, now: datetime, since: str | None = None) -> bytes:
    """The file; `since` is the version that the device holds. What can't be built upon gets the whole."""
    enterprise = enterprise_facts(session, tenant_id)
    lists = _lists(session)
    version = horizon(session, _basis(enterprise, lists))
    earlier = read_version(since)
    goes_on = version.goes_on_from(earlier)
    rows = changed_rows(session, earlier.horizon if earlier is not None and goes_on else 0)
    columns = columns_of(rows, enterprise, lists, now)
    key = keys.signing_key(session, KeyPurpose.SNAPSHOT, now)
    head = {
        **_identity(enterprise, version, since if goes_on else None, now),
        "kid": key.kid,
        "rows": len(rows),
        "chips": columns[-1].count,
        "columns": _placed(columns),
        "refusals": [refusal.value for refusal in REFUSALS],
        "statuses": lists.statuses,
        "stages": lists.stages,
        "label_states": lists.label_states,
        "media": lists.media,
        "kinds": lists.kinds,
        "names": heads.names(session, lists.media),
        "site": heads.site(enterprise, now),
    }
    signed = _file(head, columns)
    return signed + vault.private_key(keys.key_name(key.kid), key.sealed).sign(signed)


def _lists(session: Session) -> Lists:
    media = session.scalars(select(Medium.key).where(Medium.valid_to.is_(None)).order_by(Medium.key))
    return Lists(media=tuple(media), kinds=kinds_in_use(session))


def _identity(
    enterprise: EnterpriseFacts, version: Version, since: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "tenant": f"{enterprise.district}-{enterprise.enterprise}",
        "district": enterprise.district,
        "enterprise": enterprise.enterprise,
        "version": str(version),
        "since": since,
        "issued_at": _said(now),
        "good_until": _said(now + HOLDS),
    }


def _placed(columns: list[Column]) -> list[dict[str, Any]]:
    placed, at = [], 0
    for column in columns:
        placed.append({"name": column.name, "type": column.type, "count": column.count, "offset": at})
        at += _padded(len(column.data))
    return placed


def _file(head: dict[str, Any], columns: list[Column]) -> bytes:
    said = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    said += b" " * (-(len(said) + len(MAGIC) + 4) % ALIGNED)
    parts = [MAGIC, len(said).to_bytes(4, "little"), said]
    parts += [column.data.ljust(_padded(len(column.data)), b"\0") for column in columns]
    return b"".join(parts)


def _padded(length: int) -> int:
    return length + -length % ALIGNED


def _basis(enterprise: EnterpriseFacts, lists: Lists) -> str:
    """A digest of everything but rows that columns are made from; a delta is only built on the same."""
    made_from = (FORMAT, rules_digest(), enterprise.limits, enterprise.entrusted_allowed, astuple(lists))
    return sha256(repr(made_from).encode()).hexdigest()[:16]


@cache
def rules_digest() -> str:
    """The rules of this release, in one number."""
    files = sorted(Path(tenants.rules.__file__ or "").parent.glob("*.py"))
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _said(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
