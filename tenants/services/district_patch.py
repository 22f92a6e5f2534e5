"""The patch table of the districts: what has changed since the boundary files were drawn.

`rename` gives a code its successor (the old one becomes an alias), `alias` points a code without a boundary at one that has it, `add`
enters a district that nobody has drawn yet, `not_gb` marks a unit that GB/T 2260 doesn't know.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tenants.errors import Invalid
from tenants.services.boundaries import Area, Boundaries

PATCH = Path(__file__).parents[1] / "reference" / "district_patch.csv"


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the table."""

    action: str
    code: str
    target: str
    name: str
    source: str
    note: str


@dataclass(slots=True)
class Row:
    """One district on its way into the table; `area` is None where no boundary is known."""

    code: str
    name: str
    area: Area | None
    source: str
    is_gb: bool = True


@dataclass(frozen=True, slots=True)
class Alias:
    """A code that stands for another."""

    code: str
    target: str
    note: str


def read_corrections(path: Path = PATCH) -> tuple[Correction, ...]:
    """Every line; raises KeyError when a column is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        columns = ("action", "code", "target", "name", "source", "note")
        return tuple(Correction(*(line[column] for column in columns)) for line in csv.DictReader(file))


def patched(
    boundaries: Boundaries, corrections: Sequence[Correction], source: str
) -> tuple[list[Row], list[Alias]]:
    """The districts as they are today, by code, and the aliases; a correction of a unit that isn't drawn is passed over."""
    rows = {code: Row(code, area.name, area, source) for code, area in boundaries.areas.items()}
    aliases: list[Alias] = []
    for line in corrections:
        match line.action:
            case "rename" if line.code in rows:
                old = rows.pop(line.code)
                rows[line.target] = Row(line.target, line.name or old.name, old.area, line.source)
                aliases.append(Alias(line.code, line.target, line.note))
            case "alias" if line.target in rows:
                aliases.append(Alias(line.code, line.target, line.note))
            case "add" if line.target in rows:
                rows[line.code] = Row(line.code, line.name, None, line.source)
            case "not_gb" if line.code in rows:
                rows[line.code].is_gb = False
            case "rename" | "alias" | "add" | "not_gb":
                pass
            case _:
                raise Invalid(f"{PATCH.name}: unknown action {line.action!r} for {line.code}")
    return [rows[code] for code in sorted(rows)], aliases
