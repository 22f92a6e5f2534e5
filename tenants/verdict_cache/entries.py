"""Facts as entries of the cache, and entries as facts; whatever has another shape is no entry."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from tenants.rules.facts import CylinderFacts, EnterpriseFacts
from tenants.rules.jsonable import Jsonable
from tenants.rules.states import LabelState
from tenants.verdict_cache import keys
from tenants.verdict_cache.store import Entry

Facts = TypeVar("Facts", CylinderFacts, EnterpriseFacts)
LARGEST = 1_000_000  # bytes; facts of an enterprise with hundreds of workers have a tenth of it


def cylinder_entry(facts: CylinderFacts) -> Entry:
    """A cylinder's facts under its id, with pointers from its labels and from the chips in force."""
    pointers = [keys.of_label(label.code) for label in facts.labels]
    pointers += [
        keys.of_uid(label.uid) for label in facts.labels if label.uid and label.state is LabelState.BOUND
    ]
    wanted = tuple(pointer for pointer in pointers if pointer is not None)
    return Entry(keys.of_cylinder(facts.id), facts.version, _text(facts), wanted, str(facts.id))


def enterprise_entry(facts: EnterpriseFacts) -> Entry:
    """The enterprise's own facts."""
    return Entry(keys.ENTERPRISE, facts.version, _text(facts))


def read_cylinder(raw: bytes | None, tenant_id: int, cylinder_id: UUID | None = None) -> CylinderFacts | None:
    """The cylinder in this entry, if it is this enterprise's (and this very one)."""
    facts = _cylinder(raw) if raw is not None else None
    if facts is None or facts.tenant_id != tenant_id or cylinder_id not in (None, facts.id):
        return None
    return facts


def read_enterprise(raw: bytes | None, tenant_id: int) -> EnterpriseFacts | None:
    """The enterprise in this entry, if it is this one."""
    facts = _enterprise(raw) if raw is not None else None
    return facts if facts is not None and facts.tenant_id == tenant_id else None


@lru_cache(maxsize=2048)
def _cylinder(raw: bytes) -> CylinderFacts | None:
    return _read(CylinderFacts, raw)


@lru_cache(maxsize=128)
def _enterprise(raw: bytes) -> EnterpriseFacts | None:
    return _read(EnterpriseFacts, raw)


def _read(kind: type[Facts], raw: bytes) -> Facts | None:
    try:
        entry: dict[str, Any] = json.loads(raw) if len(raw) <= LARGEST else {}
        facts = kind.from_json(entry["facts"])
        return facts if facts.version == entry["v"] else None
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
        return None


def _text(facts: Jsonable) -> str:
    return json.dumps(facts.as_json(), ensure_ascii=False, separators=(",", ":"))
