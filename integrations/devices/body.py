"""Bytes from outside → plain values, with whatever PostgreSQL or JSON itself couldn't bear marked where it stands.

A flaw doesn't stop the reading: it takes the place of the value, so that the event around it is malformed and all others are not.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

DEEPEST = 16
MOST_DIGITS = 19
_FAR_TOO_DEEP = 64
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]|-Infinity', re.DOTALL)
_CUT = "-Infinity"  # stands for what was cut out
_NAMES = {"NaN": "not_finite", "Infinity": "not_finite", _CUT: "not_finite"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Stands where a value can't be used; `code` is a key of words.FLAWS."""

    code: str


def read_json(raw: bytes) -> Any:
    """The value of a body in UTF-8, flaws in place; raises ValueError when it isn't JSON."""
    text = raw.decode("utf-8-sig")
    try:
        return _loads(text, _NAMES)
    except RecursionError:
        return _loads(_pruned(text), {**_NAMES, _CUT: "too_deep"})


def flaw_in(value: Any) -> str | None:
    """The code of the first flaw anywhere in a value, or None."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, Flaw):
            return one.code
        if isinstance(one, str) and (found := _flaw_in_text(one)):
            return found
        if isinstance(one, dict | list):
            if depth > DEEPEST:
                return "too_deep"
            inside = [*one.keys(), *one.values()] if isinstance(one, dict) else one
            waiting.extend((part, depth + 1) for part in inside)
    return None


def _flaw_in_text(text: str) -> str | None:
    if "\0" in text:
        return "nul_character"
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        return "bad_unicode"
    return None


def _loads(text: str, names: dict[str, str]) -> Any:
    return json.loads(
        text,
        object_pairs_hook=_object,
        parse_constant=lambda name: Flaw(names[name]),
        parse_float=_float,
        parse_int=_int,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Flaw:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Flaw("duplicate_key")


def _float(digits: str) -> float | Flaw:
    value = float(digits)
    return Flaw("number_too_big") if math.isinf(value) else value


def _int(digits: str) -> int | Flaw:
    return int(digits) if len(digits.lstrip("-")) <= MOST_DIGITS else Flaw("number_too_big")


def _pruned(text: str) -> str:
    """The same text with everything that is nested far too deeply taken out; the rest can then be read."""
    kept: list[str] = []
    depth = done = 0
    for mark in _MARKS.finditer(text):
        sign = mark[0]
        if sign in "[{":
            depth += 1
            if depth == _FAR_TOO_DEEP:
                kept.append(text[done : mark.start()])
        elif sign in "]}":
            if depth == _FAR_TOO_DEEP:
                kept.append(_CUT)
                done = mark.end()
            depth -= 1
        elif sign == _CUT and depth < _FAR_TOO_DEEP:
            kept += [text[done : mark.start()], "NaN"]
            done = mark.end()
    if depth >= _FAR_TOO_DEEP:
        raise ValueError("unfinished")
    return "".join(kept) + text[done:]
