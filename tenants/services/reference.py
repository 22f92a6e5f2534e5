"""The reference tables: read from their files, kept in versions.

An unchanged row is left alone; a changed one is closed (`valid_to`: the first day on which it no longer holds) and the new one added.
A key that a file doesn't have is left as it is. A second change on the same day replaces the first.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Numeric, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Invalid, NotFound
from tenants.models import FillingLimit, InspectionCycle, Medium, Tenant, ViolationKind
from tenants.permissions import Actor
from tenants.services.touch import touch_enterprise

FOLDER = Path(__file__).parents[1] / "reference"
ALWAYS = date(2000, 1, 1)  # the first version of a table holds for everything on record
SHANGHAI = ZoneInfo("Asia/Shanghai")
KEPT = frozenset({"valid_from", "valid_to"})
ReferenceTable = type[Medium] | type[InspectionCycle] | type[ViolationKind] | type[FillingLimit]
TABLES: dict[str, ReferenceTable] = {
    "media": Medium,
    "inspection_cycles": InspectionCycle,
    "violations": ViolationKind,
    "filling_limits": FillingLimit,
}
_IN_VERDICTS = frozenset({"filling_limits"})  # a change of these changes what every enterprise may do


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did to one table; `passed_over` counts rows that somebody has changed here since they were published."""

    table: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    passed_over: int = 0


def get_table(name: str) -> ReferenceTable:
    """The table with this name; raises NotFound with the names there are."""
    if name not in TABLES:
        raise NotFound(f"There is no reference table {name!r}; there are: {', '.join(TABLES)}.")
    return TABLES[name]


def published_file(name: str) -> Path:
    """The project's own file of a table."""
    get_table(name)
    return FOLDER / f"{name}.csv"


def read_table(name: str, path: Path) -> list[dict[str, Any]]:
    """The rows of a file, typed; raises Invalid with the line when the file doesn't fit the table."""
    columns = {column.name: column for column in get_table(name).__table__.columns if column.name not in KEPT}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if set(reader.fieldnames or ()) != columns.keys():
            raise Invalid(f"{path.name} must have the columns {', '.join(columns)}.")
        rows = [_typed(columns, line, f"{path.name} line {reader.line_num}") for line in reader]
    keys = [row["key"] for row in rows]
    if len(set(keys)) != len(keys) or not all(keys):
        raise Invalid(f"{path.name}: every row needs a key of its own.")
    return rows


def import_table(
    session: Session,
    actor: Actor,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    published: bool = False,
    today: date | None = None,
) -> ImportReport:
    """Bring a table to these rows; needs the platform's scope.

    With `published` a row that equals an earlier version of its key is passed over: somebody here has changed it since.
    """
    table: Any = get_table(name)
    today = today or datetime.now(SHANGHAI).date()
    versions: defaultdict[str, list[Any]] = defaultdict(list)
    for row in session.scalars(select(table).order_by(table.key, table.valid_from)):
        versions[row.key].append(row)
    since = today if versions else ALWAYS
    counts = {"added": 0, "changed": 0, "unchanged": 0, "passed_over": 0}
    changed_keys = []
    for values in rows:
        what = _put(session, table, versions[values["key"]], values, since, published=published)
        counts[what] += 1
        if what in ("added", "changed"):
            changed_keys.append(values["key"])
    session.flush()
    if changed_keys:
        _tell(session, actor, name, changed_keys)
    return ImportReport(name, **counts)


def _put(
    session: Session,
    table: ReferenceTable,
    versions: Sequence[Any],
    values: Mapping[str, Any],
    since: date,
    *,
    published: bool,
) -> str:
    current = next((row for row in versions if row.valid_to is None), None)
    if current is not None and _same(current, values):
        return "unchanged"
    if published and any(_same(row, values) for row in versions):
        return "passed_over"
    if current is not None and current.valid_from >= since:
        for column, value in values.items():
            setattr(current, column, value)
        return "changed"
    if current is not None:
        current.valid_to = since
    session.add(table(valid_from=since, **values))
    return "changed" if current is not None else "added"


def _same(row: Any, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, column) == value for column, value in values.items())


def _tell(session: Session, actor: Actor, name: str, keys: Sequence[str]) -> None:
    audit.write(session, actor, audit.Action.REFERENCE_CHANGED, name, rows=len(keys), keys=list(keys[:50]))
    if name in _IN_VERDICTS:
        for tenant_id in session.scalars(select(Tenant.id).order_by(Tenant.id)).all():
            touch_enterprise(session, tenant_id)


def _typed(columns: Mapping[str, Any], line: Mapping[str, str | None], where: str) -> dict[str, Any]:
    try:
        return {name: _value(column, (line[name] or "").strip()) for name, column in columns.items()}
    except (InvalidOperation, KeyError) as problem:
        raise Invalid(f"{where} can't be read: {problem!r}.") from None


def _value(column: Any, text: str) -> Any:
    if isinstance(column.type, Boolean):
        return text in ("1", "true")
    if isinstance(column.type, Numeric):
        return Decimal(text) if text else None
    return None if not text and column.nullable else text
