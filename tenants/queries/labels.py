"""Labels as a list, and the issue rate (发卡率)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Label
from tenants.queries.cylinders import code_ranges
from tenants.queries.home import LIVE, labelled_cylinders
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.rules.codes import MalformedCode, parse_scan
from tenants.rules.states import LabelKind, LabelState

SORTS: dict[str, Any] = {"code": Label.code, "bound_at": Label.bound_at}


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label, and the cylinder it stands or stood on."""

    id: UUID
    code: str
    kind: LabelKind
    medium_code: str
    state: LabelState
    disputed: bool
    bound_at: datetime | None
    uid: str | None
    cylinder_id: UUID | None
    serial_no: str | None


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How many labels there are in each state; `labelled` of `cylinders` in use or suspended bear one."""

    by_state: dict[str, int]
    cylinders: int
    labelled: int

    @property
    def rate(self) -> float | None:
        """发卡率."""
        return self.labelled / self.cylinders if self.cylinders else None


def label_list(session: Session, district: str, enterprise: str, wanted: Wanted) -> Found[LabelLine]:
    """A page of labels."""
    conditions = _conditions(district, enterprise, wanted)
    total = count(session, Label, conditions)
    column = SORTS.get(wanted.sort, Label.code)
    statement = (
        select(Label.id, Label.code, Label.kind, Label.medium_code, Label.state, Label.disputed_at, Label.bound_at, Label.uid,
               Label.cylinder_id, Cylinder.serial_no)
        .outerjoin(Cylinder, and_(Cylinder.tenant_id == Label.tenant_id, Cylinder.id == Label.cylinder_id))
        .where(*conditions)
        .order_by(ordered(column, wanted.descending), Label.id)
    )  # fmt: skip
    rows = session.execute(page_of(statement, wanted))
    lines = (
        LabelLine(row.id, row.code, LabelKind(row.kind), row.medium_code, LabelState(row.state), row.disputed_at is not None,
                  row.bound_at, row.uid, row.cylinder_id, row.serial_no)
        for row in rows
    )  # fmt: skip
    return Found(tuple(lines), total)


def _conditions(district: str, enterprise: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    filters = wanted.filters
    found: list[ColumnElement[bool]] = []
    if filters.get("state") in set(LabelState):
        found.append(Label.state == filters["state"])
    if filters.get("state") == "disputed":
        found.append(Label.disputed_at.is_not(None))
    if filters.get("kind") in set(LabelKind):
        found.append(Label.kind == filters["kind"])
    if medium_code := filters.get("medium_code"):
        found.append(Label.medium_code == medium_code)
    if wanted.search:
        found.append(_search(district, enterprise, wanted.search))
    return found


def _search(district: str, enterprise: str, text: str) -> ColumnElement[bool]:
    """A whole code in any form, the beginning of one, or a chip's uid."""
    typed = "".join(text.split())
    found: list[ColumnElement[bool]] = [Label.uid == typed.upper()]
    with suppress(MalformedCode):
        found.append(Label.code == parse_scan(text, district).code)
    ranges = (
        and_(Label.code >= first, Label.code <= last)
        for first, last in code_ranges(district, enterprise, typed)
    )
    return or_(*found, *ranges)


def label_figures(session: Session) -> LabelFigures:
    """How many there are, and the issue rate."""
    by_state = session.execute(select(Label.state, func.count()).group_by(Label.state))
    cylinders = (
        session.scalar(select(func.count()).select_from(Cylinder).where(Cylinder.status.in_(LIVE))) or 0
    )
    return LabelFigures({row[0]: row[1] for row in by_state}, cylinders, labelled_cylinders(session))
