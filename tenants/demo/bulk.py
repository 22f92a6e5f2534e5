"""Putting many rows in at once: one statement for thousands, through the walls like every other insert.

COPY is refused under row-level security; a JSON array that the database reads as rows of the table is nearly as fast.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKTElement
from sqlalchemy import JSON, Column, Text, cast, column, func, insert, inspect, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from tenants.models.base import Base, new_id

MOST_ROWS = 6000  # in one statement


def values_of(record: Base) -> dict[str, Any]:
    """The columns of an object that belongs to no session."""
    return {key: value for key, value in vars(record).items() if not key.startswith("_")}


def insert_all(session: Session, records: Iterable[tuple[type[Base], dict[str, Any]]]) -> None:
    """Insert records table by table; columns without a value get their default."""
    tables: dict[type[Base], list[dict[str, Any]]] = {}
    for model, row in records:
        tables.setdefault(model, []).append(row)
    for model, rows in tables.items():
        insert_rows(session, model, rows)


def insert_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of one table in large statements."""
    defaults, table = plain_defaults(model), model.__table__
    names = list(
        dict.fromkeys(
            [*defaults, *(key for row in rows for key in row), *("id" for c in table.c if c.name == "id")]
        )
    )
    typed = [column(name, _read_as(table.c[name].type)) for name in names]
    for start in range(0, len(rows), MOST_ROWS):
        some = [
            {
                **defaults,
                "id": row.get("id") or new_id(),
                **{key: value for key, value in row.items() if value is not None},
            }
            for row in rows[start : start + MOST_ROWS]
        ]
        said = json.dumps(some, default=plain, ensure_ascii=False)
        read = (
            func.json_to_recordset(cast(literal(said, Text()), JSON))
            .table_valued(*typed)
            .render_derived(with_types=True)
        )
        session.execute(insert(model).from_select(names, select(*read.c), include_defaults=False))


def _read_as(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Points are read as text and become points in their column."""
    return Text() if isinstance(kind, Geometry) else kind


def plain_defaults(model: type[Base]) -> dict[str, Any]:
    """The values that a row of this table gets where none is given, by attribute; not those that the database reckons."""
    found = {}
    for attribute in inspect(model).column_attrs:
        column = attribute.columns[0]
        default = column.default if isinstance(column, Column) else None
        if default is not None and default.is_scalar:
            found[attribute.key] = default.arg  # type: ignore[attr-defined]
    return found


def complete(record: Base) -> None:
    """Give a record that is in no session yet the defaults that it would get on its way in."""
    for name, value in plain_defaults(type(record)).items():
        if getattr(record, name) is None:
            setattr(record, name, value)


def _geometry(value: WKTElement) -> str:
    return f"SRID={value.srid};{value.desc}"


_PLAIN: dict[type, Callable[[Any], str]] = {
    UUID: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    Decimal: str,
    WKTElement: _geometry,
}


def plain(value: object) -> str:
    """What JSON has no word for, as PostgreSQL reads it; raises KeyError for what no table holds."""
    return _PLAIN[type(value)](value)
