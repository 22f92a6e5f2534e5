"""Dates that may be proposed where none is stamped: the next inspection and the end of life, by kind of cylinder and class of medium.

Rows come from `tenants/reference/inspection_cycles.csv`. A figure that is empty or of confidence U derives nothing: the stamped date is
entered, or a person decides. What is derived is a proposal; a stamp always wins.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tenants.rules.facts import StampedDate
from tenants.rules.jsonable import Jsonable
from tenants.rules.states import NotDerived

ANY_MEDIUM = "ANY"


@dataclass(frozen=True, slots=True)
class CycleRow(Jsonable):
    """A row of the table: years between inspections and years of service, each with its own confidence."""

    key: str
    kind_code: str
    medium_class: str
    interval_years: Decimal | None
    interval_confidence: str
    service_life_years: Decimal | None
    life_confidence: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A date with the keys of the rows it comes from, or why there is none."""

    date: StampedDate | None = None
    because: NotDerived | None = None
    rows: tuple[str, ...] = ()


Figure = tuple[str, Decimal | None, str]  # key, years, confidence


def next_inspection(
    table: Iterable[CycleRow],
    kind_code: str,
    medium_class: str,
    last: StampedDate | None,
    made: StampedDate | None = None,
) -> Proposal:
    """The last inspection plus one interval; a new cylinder counts from its manufacture."""
    rows = _matching(table, kind_code, medium_class)
    return _earliest([(row.key, row.interval_years, row.interval_confidence) for row in rows], last or made)


def end_of_life(
    table: Iterable[CycleRow], kind_code: str, medium_class: str, made: StampedDate | None
) -> Proposal:
    """The manufacture plus the years of service."""
    rows = _matching(table, kind_code, medium_class)
    return _earliest([(row.key, row.service_life_years, row.life_confidence) for row in rows], made)


def next_inspection_of_mixture(
    table: Iterable[CycleRow],
    kind_code: str,
    component_classes: Sequence[str],
    last: StampedDate | None,
    made: StampedDate | None = None,
) -> Proposal:
    """By the shortest interval among the components; one that has none leaves the mixture without."""
    rows = list(table)
    each = [next_inspection(rows, kind_code, one, last, made) for one in component_classes]
    dated = [(proposal.date.last_legal_day(), proposal) for proposal in each if proposal.date is not None]
    if not each or len(dated) < len(each):
        return next(
            (proposal for proposal in each if proposal.date is None), Proposal(because=NotDerived.NO_ROW)
        )
    return min(dated, key=lambda pair: pair[0])[1]


def _matching(table: Iterable[CycleRow], kind_code: str, medium_class: str) -> list[CycleRow]:
    return [
        row for row in table if row.kind_code == kind_code and row.medium_class in (medium_class, ANY_MEDIUM)
    ]


def _earliest(figures: Sequence[Figure], start: StampedDate | None) -> Proposal:
    """Several rows of one kind and class (LPG made before and after 2007) all have to be sure; the shortest counts."""
    keys = tuple(key for key, _, _ in figures)
    if not figures:
        return Proposal(because=NotDerived.NO_ROW)
    years = [figure for _, figure, _ in figures if figure is not None]
    if len(years) < len(figures):
        return Proposal(because=NotDerived.NO_FIGURE, rows=keys)
    if any(confidence[:1] not in ("S", "M") for _, _, confidence in figures):
        return Proposal(because=NotDerived.UNSURE, rows=keys)
    if start is None:
        return Proposal(because=NotDerived.NO_START, rows=keys)
    return Proposal(date=_later(start, min(years)), rows=keys)


def _later(start: StampedDate, years: Decimal) -> StampedDate:
    """So many years on, to the precision of the start; 29 February becomes 28 where there is none."""
    months = start.on.year * 12 + start.on.month - 1 + int(years * 12)
    year, month = divmod(months, 12)
    day = min(start.on.day, calendar.monthrange(year, month + 1)[1])
    return replace(start, on=start.on.replace(year=year, month=month + 1, day=day))
