"""From what pydantic found wrong to a stable code, a field and a sentence that says what the field should be."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from integrations.devices.words import EVENTS, FLAWS, Said

_OWN = ("label_missing", "data_too_large")
LONGEST_NAME = 64


class Wrong(NamedTuple):
    """What is wrong: a code, the field at fault (None when it is the whole), and the sentence."""

    code: str
    field: str | None
    said: Said


def what_is_wrong(shape: type[BaseModel], error: ValidationError) -> list[Wrong]:
    """Everything that pydantic found, one entry a field, in its order."""
    found: dict[str | None, Wrong] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        place = detail["loc"]
        name = str(place[0])[:LONGEST_NAME] if place else None
        kind = str(detail["type"]) if len(place) < 2 else "inside"
        found.setdefault(name, _wrong(shape, kind, name))
    return list(found.values())


def flawed(code: str) -> Wrong:
    """A value somewhere inside can't be used at all."""
    return Wrong(code, None, FLAWS[code])


def _wrong(shape: type[BaseModel], kind: str, name: str | None) -> Wrong:
    if kind in _OWN:
        return Wrong(kind, name, EVENTS[kind])
    if name is None or kind == "model_type":
        return Wrong("not_an_object", None, EVENTS["not_an_object"])
    if kind == "extra_forbidden":
        return _named("unknown_field", name)
    if kind == "missing":
        return _named("missing_field", name)
    return Wrong(f"bad_{name}", name, expected(shape, name))


def _named(code: str, name: str) -> Wrong:
    zh, en = EVENTS[code]
    return Wrong(code, name, Said(f"{zh}:{name}", f"{en}: {name}"))


def expected(shape: type[BaseModel], name: str) -> Said:
    """What a field should be, as a sentence about the one that isn't."""
    zh, en = described(shape, name)
    return Said(f"{name} 不合要求：应为 {zh}", f"{name} can't be used; it should be: {en}")


def described(shape: type[BaseModel], name: str) -> Said:
    """A field's description in both languages."""
    field = shape.model_fields[name]
    extra: dict[str, Any] = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return Said(str(extra.get("x-description-zh", "")), field.description or "")
