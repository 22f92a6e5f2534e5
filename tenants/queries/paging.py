"""What a list is asked for, and a page of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, UnaryExpression, func, select
from sqlalchemy.orm import Session

PAGE = 50
SIZES = (20, 50, 100, 200)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Search text, filters by key, order and page; `size` None means every row."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1
    size: int | None = PAGE


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """One page of rows, and how many there are in all."""

    rows: Sequence[Row]
    total: int


def ordered(column: Any, descending: bool) -> UnaryExpression[Any]:
    """A column upwards or downwards, unknown values at the end."""
    expression: UnaryExpression[Any] = (column.desc() if descending else column.asc()).nulls_last()
    return expression


def count(session: Session, table: Any, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many rows of this enterprise fulfil the conditions."""
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def page_of(statement: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """The statement, cut to the page."""
    if wanted.size is None:
        return statement
    return statement.limit(wanted.size).offset((wanted.page - 1) * wanted.size)
