"""How numbers are written: 万 and 亿 in Chinese, k and M in English, the full number where there is room for it."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor, log10

Number = int | float | Decimal
_UNITS = {"zh": ((10**8, "亿"), (10**4, "万")), "en": ((10**6, "M"), (10**3, "k"))}
_SHORT_FROM = 10_000


def full(value: Number | None, places: int = 0) -> str:
    """Every digit, thousands parted; a dash for what isn't known."""
    return "—" if value is None else f"{value:,.{places}f}"


def short(value: Number, language: str) -> str:
    """Below 10,000 as it is; above in 万/亿 or k/M with at most three digits behind the unit's own."""
    number = float(value)
    if abs(number) < _SHORT_FROM:
        return f"{number:,.1f}".removesuffix(".0")
    for size, unit in _UNITS.get(language, _UNITS["en"]):
        if abs(number) >= size:
            scaled = number / size
            digits = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 1000 else 0
            text = f"{scaled:,.{digits}f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + unit
    return f"{number:,.0f}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal."""
    return "—" if share is None else f"{share * 100:.1f}%"


def change(now: Number, before: Number) -> float | None:
    """The relative change; None where there was nothing before."""
    return float(now) / float(before) - 1 if before else None


def ticks(most: float, count: int = 4) -> list[float]:
    """Round values from 0 up to at least `most`, for an axis."""
    if most < 1e-6:
        return [0, 1]
    raw = most / count
    size = 10 ** floor(log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    step = max(step, 1) if most >= 2 else step
    return [step * place for place in range(ceil(most / step) + 1)]
