"""The dry run: every row is read and looked at, nothing is written but what was found.

It is one transaction, so a worker that dies leaves nothing behind; how far it is, is told by other, short transactions.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from tenants.models import ImportRow
from tenants.models.base import new_id
from tenants.models.import_run import RowState
from tenants.sentences import say
from tenants.services.imports.heads import Head, find_head
from tenants.services.imports.problems import Problem
from tenants.services.imports.reading import LONGEST_CELL, Line, limited, open_file, overlong
from tenants.services.imports.template import Importer, Row, Unreadable
from tenants.services.imports.values import as_text, is_blank
from tenants.services.imports.workbook import FileRefused

BATCH = 2000
MOST_PROBLEMS = 12  # that are kept of one row
MOST_NAMED = 5  # rows that are named where something stands twice

# One parameter for a whole batch: the driver has nothing to put together row by row.
_KEEP = text("""
INSERT INTO gas.import_row (id, run_id, row_no, state, values, cells, problems, target_id)
SELECT r.id, :run_id, r.row_no, r.state, r.values, r.cells, r.problems, r.target_id
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS r(id uuid, row_no int, state text, values jsonb, cells jsonb, problems jsonb, target_id uuid)
""")
_ADD = text("""
UPDATE gas.import_row i SET state = 'bad', values = NULL, problems = i.problems || r.problems
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(row_no int, problems jsonb)
WHERE i.run_id = :run_id AND i.row_no = r.row_no
""")


@dataclass(slots=True)
class Found:
    """What the dry run found."""

    head: tuple[str, ...] = ()
    notices: list[Problem] = field(default_factory=list)
    good: int = 0
    warned: int = 0
    bad: int = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.good + self.warned + self.bad


def check(
    session: Session,
    importer: Importer,
    run_id: UUID,
    content: bytes,
    name: str,
    tell: Callable[[int, int], None],
) -> Found:
    """Read the file and keep what was found of each row; `tell(rows, of about)` is called as it goes on. Raises FileRefused."""
    session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
    opened = open_file(content, name)
    head, notices, lines = find_head(importer, opened.lines)
    found = Found(head.titles, opened.notices + notices)
    checked = _Check(session, importer, run_id, head, found)
    for batch in batches(limited(lines)):
        checked.take(batch)
        tell(found.total, max(opened.expected - head.row, found.total))
    if not found.total:
        raise FileRefused(say("只有列名，没有数据"), say("在列名下面逐行填写后上传"))
    checked.settle()
    return found


def batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """The lines in groups of so many."""
    while batch := list(itertools.islice(lines, BATCH)):
        yield batch


class _Check:
    """One check under way. What must not stand twice is remembered with its rows until the end."""

    def __init__(self, session: Session, importer: Importer, run_id: UUID, head: Head, found: Found) -> None:
        self.session, self.importer, self.run_id, self.head, self.found = (
            session,
            importer,
            run_id,
            head,
            found,
        )
        self.judge = importer.judge(session)
        self.placed = [
            (column, head.places[column.key]) for column in importer.columns if column.key in head.places
        ]
        self.keys = {place: column.key for column, place in self.placed}
        self.first: dict[tuple[str, str], int] = {}
        self.again: dict[tuple[str, str], list[int]] = {}
        self.numeric: dict[str, int] = {}

    def take(self, lines: Sequence[Line]) -> None:
        """Read, judge and keep a batch."""
        rows = [self.read(line) for line in lines]
        self.judge.look(rows)
        for row in rows:
            self.remember(row)
        self.session.execute(_KEEP, {"run_id": self.run_id, "rows": _json([self.kept(row) for row in rows])})

    def read(self, line: Line) -> Row:
        """Cells → values by the columns' own reading, and what can't be read."""
        row = Row(line.number, line.cells)
        cells = line.cells
        for place, hidden in line.problems:
            if place in self.keys:
                row.problems.append(replace(hidden, column=self.keys[place]))
        self.shape(row)
        told = {known.column for known in row.problems}
        for column, place in self.placed:
            cell = cells[place] if place < len(cells) else ""
            if column.key in told:
                continue
            if is_blank(cell):
                if column.must:
                    row.problems.append(Problem(column.key, say("必填"), say("填写这一格")))
                continue
            try:
                row.given[column.key] = column.parse(cell)
            except Unreadable as problem:
                row.problems.append(Problem(column.key, problem.reason, problem.mend, as_text(cell)))
        return row

    def shape(self, row: Row) -> None:
        """A row with too few, too many or overlong cells."""
        wanted = len(self.head.titles)
        if len(row.cells) < wanted:
            missing = wanted - len(row.cells)
            reason, mend = say("这一行少了 %(count)d 列，文件可能被截断", count=missing), say("补齐这一行")
            row.problems.append(Problem("", reason, mend))
        elif any(not is_blank(cell) for cell in row.cells[wanted:]):
            mend = say("含逗号的内容要加引号；列名以外的格不要填写")
            row.problems.append(Problem("", say("这一行多出几列"), mend))
        if too_long := overlong(row.cells):
            row.problems.append(Problem("", too_long, say("缩短这一格的内容")))

    def remember(self, row: Row) -> None:
        """Count the row, and note what must not stand in another."""
        for claim in row.claims:
            if (first := self.first.setdefault(claim, row.number)) != row.number:
                self.again.setdefault(claim, [first]).append(row.number)
        if row.bad:
            self.found.bad += 1
        elif row.problems:
            self.found.warned += 1
        else:
            self.found.good += 1

    def kept(self, row: Row) -> dict[str, Any]:
        """The row as it is stored."""
        state = RowState.BAD if row.bad else RowState.WARNED if row.problems else RowState.GOOD
        return {
            "id": str(new_id()),
            "row_no": row.number,
            "state": state.value,
            "values": None if row.bad else row.values,
            "cells": cells_of(row),
            "problems": [problem.as_json() for problem in row.problems[:MOST_PROBLEMS]],
            "target_id": str(new_id()),
        }

    def settle(self) -> None:
        """What stands in several rows is said of each of them; then the rows are counted."""
        added = [
            {"row_no": row_no, "problems": [self._twice(claim, rows).as_json()]}
            for claim, rows in self.again.items()
            for row_no in rows
        ]
        for at in range(0, len(added), BATCH):
            self.session.execute(_ADD, {"run_id": self.run_id, "rows": _json(added[at : at + BATCH])})
        counts = count_states(self.session, self.run_id)
        self.found.good, self.found.warned = counts[RowState.GOOD], counts[RowState.WARNED]
        self.found.bad = counts[RowState.BAD]

    def _twice(self, claim: tuple[str, str], rows: Sequence[int]) -> Problem:
        column, value = claim
        written = ", ".join(map(str, rows[:MOST_NAMED])) + ("…" if len(rows) > MOST_NAMED else "")
        return Problem(column, self.importer.twice[column](written), say("核对钢印，只留正确的一行"), value)


def count_states(session: Session, run_id: UUID) -> dict[RowState, int]:
    """How many rows of an import are in each state."""
    wanted = select(ImportRow.state, func.count()).where(ImportRow.run_id == run_id).group_by(ImportRow.state)
    counted = {RowState(state): count for state, count in session.execute(wanted)}
    return {state: counted.get(state, 0) for state in RowState}


def cells_of(row: Row) -> list[str]:
    """The row as it was read, for the file of rejected rows."""
    return [keepable(as_text(cell)) for cell in row.cells]


def keepable(text: str) -> str:
    """The text without what PostgreSQL's JSON can't hold, cut where no field would hold it either."""
    return text[:LONGEST_CELL].replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _json(rows: Sequence[Any]) -> str:
    return json.dumps(rows, ensure_ascii=False)
