"""The cylinder archive as a list: searched by label, printed address or serial number, filtered, sorted, paged.

Every condition is one that PostgreSQL may use behind the wall: ranges of codes, equal states, dates. No LIKE.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, or_, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Label
from tenants.queries import due
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.rules.codes import LONG, MalformedCode, parse_scan
from tenants.rules.states import CylinderStatus, LabelState, Ownership, Stage

SORTS: dict[str, Any] = {
    "serial_no": Cylinder.serial_no,
    "next_inspection": Cylinder.next_inspection_on,
    "status": Cylinder.status,
    "filled_at": Cylinder.filled_at,
    "added": Cylinder.id,
}
_EQUAL = {
    "status": (Cylinder.status, CylinderStatus),
    "stage": (Cylinder.stage, Stage),
    "ownership": (Cylinder.ownership, Ownership),
}


@dataclass(frozen=True, slots=True)
class CylinderLine:
    """One row of the list; `due` is overdue, soon, fine or unknown."""

    id: UUID
    serial_no: str
    maker: str
    kind_code: str
    medium_id: str
    registration_no: str
    ownership: Ownership
    made_on: date | None
    made_precision: str
    last_inspection_on: date | None
    last_inspection_precision: str
    next_inspection_on: date | None
    next_inspection_precision: str
    end_of_life_on: date | None
    end_of_life_precision: str
    status: CylinderStatus
    stage: Stage
    filled_at: datetime | None
    due: str
    labels: tuple[str, ...]


def cylinder_list(
    session: Session, district: str, enterprise: str, today: date, wanted: Wanted
) -> Found[CylinderLine]:
    """A page of the archive; `district` and `enterprise` complete a code that was typed or scanned short."""
    conditions = _conditions(district, enterprise, today, wanted)
    total = count(session, Cylinder, conditions)
    column = SORTS.get(wanted.sort, Cylinder.id)
    descending = wanted.descending if wanted.sort in SORTS else True
    statement: Select[*tuple[Any, ...]] = (
        select(Cylinder.id, Cylinder.serial_no, Cylinder.maker, Cylinder.kind_code, Cylinder.medium_id, Cylinder.registration_no,
               Cylinder.ownership, Cylinder.made_on, Cylinder.made_precision, Cylinder.last_inspection_on,
               Cylinder.last_inspection_precision, Cylinder.next_inspection_on, Cylinder.next_inspection_precision,
               Cylinder.end_of_life_on, Cylinder.end_of_life_precision, Cylinder.status, Cylinder.stage, Cylinder.filled_at)
        .where(*conditions)
        .order_by(ordered(column, descending), Cylinder.id)
    )  # fmt: skip
    rows = session.execute(page_of(statement, wanted)).all()
    labels = _labels(session, [row.id for row in rows] if wanted.size else None)
    return Found(tuple(_line(row, labels.get(row.id, ()), today) for row in rows), total)


def _line(row: Any, labels: tuple[str, ...], today: date) -> CylinderLine:
    values = dict(row._mapping)
    values |= {
        "ownership": Ownership(row.ownership),
        "status": CylinderStatus(row.status),
        "stage": Stage(row.stage),
    }
    return CylinderLine(
        **values, labels=labels, due=due.tone(row.next_inspection_on, row.next_inspection_precision, today)
    )


def _labels(session: Session, ids: Sequence[UUID] | None) -> dict[UUID, tuple[str, ...]]:
    """Bound labels of these cylinders, or of all."""
    wanted = select(Label.cylinder_id, Label.code).where(Label.state == LabelState.BOUND.value)
    if ids is not None:
        wanted = wanted.where(Label.cylinder_id.in_(ids))
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for cylinder_id, code in session.execute(wanted.order_by(Label.code)):
        if cylinder_id is not None:
            found[cylinder_id].append(code)
    return {cylinder_id: tuple(codes) for cylinder_id, codes in found.items()}


def _conditions(district: str, enterprise: str, today: date, wanted: Wanted) -> list[ColumnElement[bool]]:
    filters = wanted.filters
    found: list[ColumnElement[bool]] = []
    for key, (column, values) in _EQUAL.items():
        if filters.get(key) in set(values):
            found.append(column == filters[key])
    if medium := filters.get("medium"):
        found.append(Cylinder.medium_id == medium)
    if kind := filters.get("kind"):
        found.append(Cylinder.kind_code == kind)
    found += _due(filters.get("due", ""), today)
    if filters.get("label") in ("with", "without"):
        bound = _has_label(Label.state == LabelState.BOUND.value)
        found.append(bound if filters["label"] == "with" else ~bound)
    if wanted.search:
        found.append(search(district, enterprise, wanted.search))
    return found


def _due(wanted: str, today: date) -> list[ColumnElement[bool]]:
    columns = Cylinder.next_inspection_on, Cylinder.next_inspection_precision
    if wanted == "overdue":
        return [due.past(*columns, today)]
    if wanted == "soon":
        return [due.soon(*columns, today)]
    return [Cylinder.next_inspection_on.is_(None)] if wanted == "unknown" else []


def _has_label(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Label.tenant_id == Cylinder.tenant_id, Label.cylinder_id == Cylinder.id, *conditions
    )


def search(district: str, enterprise: str, text: str) -> ColumnElement[bool]:
    """A whole code in any form, the beginning of one, or the beginning of a serial number."""
    if "\0" in text:
        return false()
    typed = "".join(text.split())
    found: list[ColumnElement[bool]] = []
    with suppress(MalformedCode):
        found.append(_labelled(parse_scan(text, district).code, None))
    ranges = list(code_ranges(district, enterprise, typed))
    found += [_labelled(first, last) for first, last in ranges]
    if not found or (len(typed) < LONG and not ranges):  # a serial number may have eleven digits too
        found.append(Cylinder.serial_no.op("^@", is_comparison=True)(typed))
    return or_(*found)


def code_ranges(district: str, enterprise: str, typed: str) -> Iterator[tuple[str, str]]:
    """The codes of this enterprise that begin with these digits, with or without the district in front."""
    if not typed.isascii() or not typed.isdecimal() or len(typed) >= LONG:
        return
    own = district + enterprise
    for head in (typed, district + typed):
        if len(head) >= len(own) and head.startswith(own):
            yield head.ljust(LONG, "0")[:LONG], head.ljust(LONG, "9")[:LONG]


def _labelled(first: str, last: str | None) -> ColumnElement[bool]:
    """On a cylinder that bears or bore a label in this range of codes."""
    within = (Label.code == first,) if last is None else (Label.code >= first, Label.code <= last)
    return Cylinder.id.in_(select(Label.cylinder_id).where(*within, Label.cylinder_id.is_not(None)))
