"""Reading what was filled in: text → value, by the field's kind; what can't be read is told field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext

from portal.web.module import Field
from tenants.errors import Invalid
from tenants.rules.facts import StampedDate
from tenants.rules.stamps import read_stamp
from tenants.rules.states import DatePrecision

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


def read(fields: Iterable[Field], given: Mapping[str, str]) -> dict[str, Any]:
    """Values by key; raises Invalid naming every field that is missing or can't be read."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields:
        text = given.get(field.key, "").strip()
        try:
            values[field.key] = _value(field, text)
        except ValueError as problem:
            problems[field.key] = str(problem)
    if problems:
        raise Invalid(fields=problems)
    return values


def _value(field: Field, text: str) -> Any:
    if not text:
        if field.must:
            raise ValueError(gettext("必填"))
        return "" if field.kind in ("text", "area") else None
    if len(text) > field.longest:
        raise ValueError(gettext("不能超过 %(longest)d 个字", longest=field.longest))
    match field.kind:
        case "number":
            return _number(text)
        case "whole":
            return _whole(text)
        case "stamp":
            return stamp(text)
        case "select":
            return _converted(field, text)
    return text


def _converted(field: Field, text: str) -> Any:
    try:
        return field.convert(text)
    except ValueError:
        raise ValueError(gettext("请从列表中选择")) from None


def _number(text: str) -> Decimal:
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else _no_number()
    except InvalidOperation:
        return _no_number()


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(gettext("应为整数"))
    return int(text)


def _no_number() -> Decimal:
    raise ValueError(gettext("应为数字，例如 16.5"))


def stamp(text: str) -> StampedDate:
    """A date as it is stamped: 2026-05, 2026-05-12, also 202605, 2026.5, 2026年5月."""
    try:
        return read_stamp(text)
    except ValueError:
        raise ValueError(gettext("请填到月或到日，例如 2026-05 或 2026-05-12")) from None


def written(value: Any) -> str:
    """A value as it stands in the form."""
    if value is None:
        return ""
    if isinstance(value, StampedDate):
        return value.on.strftime("%Y-%m" if value.precision is DatePrecision.MONTH else "%Y-%m-%d")
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
