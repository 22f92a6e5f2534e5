"""What every table shares: the schema, names of constraints, and the tenant's key in front of every other.

Types follow from row-level security: codes are `char(n) COLLATE "C"` and states `text` with a CHECK, because only operators that
PostgreSQL calls leakproof can use an index behind a policy; a point has an integer `tile` beside it for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "gas"


class Base(DeclarativeBase):
    """The registry of every table."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar = {
        str: Text,
        int: Integer,
        datetime: DateTime(timezone=True),
        date: Date,
        UUID: Uuid,
        Decimal: Numeric,
        dict[str, Any]: JSONB,
        list[str]: JSONB,
    }


def new_id() -> UUID:
    """A fresh UUIDv7: unique everywhere, and it tells nobody how many there are."""
    return uuid_utils.compat.uuid7()


def chars(length: int) -> Any:
    """A fixed-length code compared byte by byte."""
    return CHAR(length, collation="C")


def one_of(column: str, values: Iterable[StrEnum], name: str | None = None) -> CheckConstraint:
    """A CHECK that a text column holds a value of a rule's enum."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


def within(table: str, column: str, *, to: str = "id") -> ForeignKeyConstraint:
    """A foreign key that can't point across a wall: (tenant_id, column) → (tenant_id, id)."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{SCHEMA}.{table}.tenant_id", f"{SCHEMA}.{table}.{to}"]
    )


CURRENT_TENANT = text(f"{SCHEMA}.current_tenant()")
NOW = func.now()


class OfTenant:
    """A row of one enterprise; an insert can't forget whose it is, because the default is the scope's tenant."""

    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-1)


__all__ = [
    "CURRENT_TENANT",
    "NOW",
    "SCHEMA",
    "Base",
    "BigInteger",
    "OfTenant",
    "String",
    "chars",
    "new_id",
    "one_of",
    "within",
]
