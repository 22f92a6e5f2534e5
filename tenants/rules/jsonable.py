"""Writing a frozen dataclass as JSON and reading it back unchanged, by its annotations.

Decimals, dates, times, UUIDs and enums are written as text; a field that is None is left out. The converters of a class are worked out
once.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Self, Union, get_args, get_origin, get_type_hints
from uuid import UUID


def _exactly(kind: type) -> Callable[[Any], Any]:
    """Only a value of this very type: a text is no truth value, and a truth value no number."""

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} expected")
        return value

    return read


_READERS: dict[type, Callable[[Any], Any]] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID: UUID,
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
}


class Jsonable:
    """Adds `as_json` and `from_json` to a dataclass."""

    __slots__ = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        return {
            field.name: _plain(value)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            if (value := getattr(self, field.name)) is not None
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The object that `as_json` wrote; raises ValueError, TypeError or ArithmeticError for other data."""
        if not isinstance(data, dict):
            raise TypeError(f"{cls.__name__} is written as an object")
        readers, needed = _shape(cls)
        given = {name: read(data[name]) for name, read in readers.items() if data.get(name) is not None}
        return cls(**dict.fromkeys(needed - given.keys()), **given)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Jsonable):
        return value.as_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value


_SHAPES: dict[type, tuple[dict[str, Callable[[Any], Any]], frozenset[str]]] = {}


def _shape(cls: type) -> tuple[dict[str, Callable[[Any], Any]], frozenset[str]]:
    """How each field is read, and which ones have no default but may be None: these were left out when they were None."""
    if cls not in _SHAPES:
        hints = get_type_hints(cls)
        fields = dataclasses.fields(cls)
        may_be_none = {
            f.name
            for f in fields
            if f.default is dataclasses.MISSING and type(None) in get_args(hints[f.name])
        }
        _SHAPES[cls] = {f.name: _reader(hints[f.name]) for f in fields}, frozenset(may_be_none)
    return _SHAPES[cls]


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _reader(next(part for part in get_args(hint) if part is not type(None)))
    if origin is tuple:
        parts = get_args(hint)
        if len(parts) == 2 and parts[1] is Ellipsis:
            one = _reader(parts[0])
            return lambda items: tuple([one(item) for item in items])
        each = [_reader(part) for part in parts]
        return lambda items: tuple([read(item) for read, item in zip(each, items, strict=True)])
    if isinstance(hint, type) and issubclass(hint, Jsonable):
        return hint.from_json
    reader: Callable[[Any], Any] = _READERS.get(hint, hint)
    return reader
