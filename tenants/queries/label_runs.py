"""Label runs as a list, and one run with its parts, its figures and what was spoilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tenants.models import Label, LabelIssue, LabelMaking, LabelRun
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.rules.label_parts import part_of, parts_of
from tenants.rules.label_words import MakingState
from tenants.rules.states import LabelKind, LabelState

SORTS = {"created_at": LabelRun.created_at, "quantity": LabelRun.quantity}
MOST_SPOILT = 200
LIVE = (MakingState.QUEUED.value, MakingState.DONE.value)


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run: its serials, how many of its labels are in which state, and how many of its parts are made."""

    id: UUID
    medium_code: str
    medium_id: str
    kind: LabelKind
    first_serial: int
    quantity: int
    created_at: datetime
    created_by: str
    bound: int
    issued: int
    made: int

    @property
    def last_serial(self) -> int:
        """Of the last label."""
        return self.first_serial + self.quantity - 1

    @property
    def parts(self) -> int:
        """How many files it takes."""
        return parts_of(self.quantity)

    @property
    def making(self) -> str:
        """How much of it is made: none, some, all."""
        return "all" if self.made >= self.parts else "some" if self.made else "none"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a run, and the making that stands for it, if any; `before` are those that came to nothing."""

    number: int
    first_serial: int
    last_serial: int
    making: LabelMaking | None
    before: Sequence[LabelMaking]


@dataclass(frozen=True, slots=True)
class SpoiltLine:
    """One spoilt number."""

    code: str
    at: datetime
    by: str
    reason: str


def run_list(session: Session, wanted: Wanted) -> Found[RunLine]:
    """A page of runs, the newest first unless asked otherwise."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.filters.get("kind") in set(LabelKind):
        conditions.append(LabelRun.kind == wanted.filters["kind"])
    if medium_code := wanted.filters.get("medium_code"):
        conditions.append(LabelRun.medium_code == medium_code)
    total = count(session, LabelRun, conditions)
    column = SORTS.get(wanted.sort, LabelRun.created_at)
    descending = wanted.descending or wanted.sort not in SORTS
    statement = select(LabelRun).where(*conditions).order_by(ordered(column, descending), LabelRun.id)
    runs = [row[0] for row in session.execute(page_of(statement, wanted))]
    return Found(_lines(session, runs), total)


def run_line(session: Session, run: LabelRun) -> RunLine:
    """One run with its figures."""
    return _lines(session, [run])[0]


def _lines(session: Session, runs: Sequence[LabelRun]) -> tuple[RunLine, ...]:
    ids = [run.id for run in runs]
    counted = session.execute(
        select(Label.run_id, Label.state, func.count())
        .where(Label.run_id.in_(ids))
        .group_by(Label.run_id, Label.state)
    )
    states = {(row[0], row[1]): row[2] for row in counted}
    finished = session.execute(
        select(LabelMaking.run_id, func.count())
        .where(LabelMaking.run_id.in_(ids), LabelMaking.state == MakingState.DONE.value)
        .group_by(LabelMaking.run_id)
    )
    made = {row[0]: row[1] for row in finished}
    return tuple(
        RunLine(run.id, run.medium_code, run.medium_id, LabelKind(run.kind), run.first_serial, run.quantity, run.created_at,
                run.created_by, states.get((run.id, LabelState.BOUND.value), 0), states.get((run.id, LabelState.ISSUED.value), 0),
                made.get(run.id, 0))
        for run in runs
    )  # fmt: skip


def parts(session: Session, run: LabelRun) -> tuple[Part, ...]:
    """Every file of a run, in order."""
    makings = session.scalars(
        select(LabelMaking).where(LabelMaking.run_id == run.id).order_by(LabelMaking.created_at)
    ).all()
    found = []
    for number in range(1, parts_of(run.quantity) + 1):
        first, many = part_of(run.first_serial, run.quantity, number)
        of_part = [making for making in makings if making.part == number]
        live = next((making for making in of_part if making.state in LIVE), None)
        before = [making for making in of_part if making is not live]
        found.append(Part(number, first, first + many - 1, live, before))
    return tuple(found)


def spoilt(session: Session, run_id: UUID) -> tuple[Sequence[SpoiltLine], int]:
    """The spoilt numbers of a run, the latest first, and how many there are in all."""
    conditions = (Label.run_id == run_id, LabelIssue.action == "spoil")
    joined = (Label.tenant_id == LabelIssue.tenant_id) & (Label.id == LabelIssue.label_id)
    rows = session.execute(
        select(Label.code, LabelIssue.at, LabelIssue.by, LabelIssue.reason)
        .join(Label, joined)
        .where(*conditions)
        .order_by(LabelIssue.at.desc(), Label.code)
        .limit(MOST_SPOILT)
    )
    total = (
        session.scalar(select(func.count()).select_from(LabelIssue).join(Label, joined).where(*conditions))
        or 0
    )
    return tuple(SpoiltLine(row.code, row.at, row.by, row.reason) for row in rows), total
