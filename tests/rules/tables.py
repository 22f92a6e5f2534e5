"""The project's own tables, as the rule is given them."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path

import tenants.reference
from tenants.rules.derive import CycleRow
from tenants.rules.facts import LimitFacts

REFERENCE = Path(tenants.reference.__file__).parent


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def limits(medium_id: str) -> tuple[LimitFacts, ...]:
    """The limits of a medium, with those of its whole class (压缩气体)."""
    state_class = next(row["state_class"] for row in rows("media") if row["key"] == medium_id)
    return tuple(
        LimitFacts(
            row["key"],
            medium_id,
            row["limit_kind"],
            row["value"],
            row["unit"],
            row["condition"],
            row["confidence"],
        )
        for row in rows("filling_limits")
        if row["medium_id"] == medium_id or row["medium_zh"] == f"{state_class}气体"
    )


def cycles() -> tuple[CycleRow, ...]:
    return tuple(
        CycleRow(
            row["key"],
            row["kind_code"],
            row["medium_class"],
            Decimal(row["interval_years"]) if row["interval_years"] else None,
            row["interval_confidence"],
            Decimal(row["service_life_years"]) if row["service_life_years"] else None,
            row["life_confidence"],
        )
        for row in rows("inspection_cycles")
    )
