"""Imports as a list, and what was found in one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from tenants.models import ImportRow, ImportRun
from tenants.models.import_run import RowState
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.rules.states import ImportState

MOST_SHOWN = 100  # rows of a report
MOST_KINDS = 12  # kinds of problem in its summary
SORTS: dict[str, Any] = {"created_at": ImportRun.created_at, "rows_total": ImportRun.rows_total}


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import of the list."""

    id: UUID
    kind: str
    file_name: str
    state: ImportState
    created_at: datetime
    created_by: str
    rows_total: int
    rows_good: int
    rows_warned: int
    rows_bad: int
    rows_written: int


@dataclass(frozen=True, slots=True)
class RowReport:
    """A row that something is to be said of; problems are as they are kept."""

    row_no: int
    bad: bool
    problems: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class KindOfProblem:
    """One kind of problem, how many rows have it, and an example as it is kept."""

    grave: bool
    rows: int
    example: dict[str, Any]


def import_list(session: Session, wanted: Wanted) -> Found[ImportLine]:
    """A page of the enterprise's imports, the newest first."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.filters.get("state") in set(ImportState):
        conditions.append(ImportRun.state == wanted.filters["state"])
    total = count(session, ImportRun, conditions)
    column = SORTS.get(wanted.sort, ImportRun.created_at)
    statement = (
        select(ImportRun.id, ImportRun.kind, ImportRun.file_name, ImportRun.state, ImportRun.created_at, ImportRun.created_by,
               ImportRun.rows_total, ImportRun.rows_good, ImportRun.rows_warned, ImportRun.rows_bad, ImportRun.rows_written)
        .where(*conditions)
        .order_by(ordered(column, wanted.descending or wanted.sort not in SORTS), ImportRun.id)
    )  # fmt: skip
    rows = session.execute(page_of(statement, wanted)).all()
    return Found(
        tuple(ImportLine(**dict(row._mapping) | {"state": ImportState(row.state)}) for row in rows), total
    )


def rows_to_tell(session: Session, run_id: UUID) -> Sequence[RowReport]:
    """The first rows that something is to be said of: those that can't be imported before those with a remark."""
    wanted = (
        select(ImportRow.row_no, ImportRow.state, ImportRow.problems)
        .where(ImportRow.run_id == run_id, ImportRow.problems != [])
        .order_by(ImportRow.state != RowState.BAD.value, ImportRow.row_no)
        .limit(MOST_SHOWN)
    )
    return [
        RowReport(row.row_no, row.state == RowState.BAD.value, row.problems)
        for row in session.execute(wanted)
    ]


_KINDS = text("""
SELECT grave, count(*) AS rows, (array_agg(one))[1] AS example
FROM gas.import_row r
CROSS JOIN LATERAL jsonb_array_elements(r.problems) one
CROSS JOIN LATERAL (SELECT one ->> 'column', one #>> '{reason,0}', (one ->> 'grave')::boolean) AS kind (field, template, grave)
WHERE r.run_id = :run_id AND r.problems <> '[]'
GROUP BY field, template, grave
ORDER BY grave DESC, count(*) DESC LIMIT :most
""")


def kinds_of_problem(session: Session, run_id: UUID) -> Sequence[KindOfProblem]:
    """What is wrong most often, grave things first."""
    rows = session.execute(_KINDS, {"run_id": run_id, "most": MOST_KINDS})
    return [KindOfProblem(row.grave, row.rows, row.example) for row in rows]


def rejected_rows(session: Session, run_id: UUID) -> Iterator[tuple[Sequence[str], Sequence[dict[str, Any]]]]:
    """Cells and problems of every row that can't be imported, in the file's order."""
    wanted = (
        select(ImportRow.cells, ImportRow.problems)
        .where(ImportRow.run_id == run_id, ImportRow.state == RowState.BAD.value)
        .order_by(ImportRow.row_no)
        .execution_options(yield_per=2000)
    )
    for row in session.execute(wanted):
        yield row.cells, row.problems
