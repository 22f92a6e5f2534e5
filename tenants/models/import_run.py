"""An import (导入): the file somebody sent, what was found in it row by row, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, one_of, within
from tenants.rules.states import ImportMode, ImportState


class RowState(StrEnum):
    """What the check said of a row, and at last that it was written."""

    GOOD = "good"
    WARNED = "warned"
    BAD = "bad"
    WRITTEN = "written"


class ImportRun(OfTenant, Base):
    """One import; a worker claims it with a lease, attempts are counted before the work.

    While a worker is at it `phase_at` says since when. `notices` are sentences about the whole file, `problem` why nothing came of it.
    """

    __tablename__ = "import_run"
    kind: Mapped[str]  # which template: "cylinders"
    state: Mapped[str] = mapped_column(default=ImportState.QUEUED.value)
    mode: Mapped[str] = mapped_column(default=ImportMode.ALL.value)
    file_name: Mapped[str]
    file_bytes: Mapped[int]
    file_hash: Mapped[str]  # SHA-256
    head: Mapped[list[str]] = mapped_column(JSONB, default=list)  # the column names as they stand in the file
    notices: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    problem: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)  # in the phase under way
    rows_good: Mapped[int] = mapped_column(default=0)
    rows_warned: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    rows_written: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")  # who chose, stopped or took back last
    role: Mapped[str]  # of whoever sent it; the audit of the worker's deeds carries it
    phase_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]  # applied or undone
    cancel_at: Mapped[datetime | None]  # somebody wants it to stop
    swept_at: Mapped[datetime | None]  # file and rows are gone, the entry stays
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        one_of("state", ImportState),
        one_of("mode", ImportMode),
        Index("ix_import_run_created", "tenant_id", "created_at"),
        Index("ix_import_run_hash", "tenant_id", "file_hash"),
        Index(
            "ix_import_run_due", "due_at", postgresql_where=text("state IN ('queued', 'approved', 'undoing')")
        ),
    )


class ImportFile(OfTenant, Base):
    """The bytes as they were sent; `id` is the import's. Kept some days and then deleted."""

    __tablename__ = "import_file"
    content: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (within("import_run", "id"),)


class ImportRow(OfTenant, Base):
    """One row of the file: its cells as they were read, its values where it can be written; `target_id` is what it makes."""

    __tablename__ = "import_row"
    run_id: Mapped[UUID]
    row_no: Mapped[int]  # as the spreadsheet counts, from 1
    state: Mapped[str]
    values: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    cells: Mapped[list[str]]
    problems: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    target_id: Mapped[UUID]
    __table_args__ = (
        within("import_run", "run_id"),
        one_of("state", RowState),
        CheckConstraint("row_no > 0", name="row_no"),
        Index("uq_import_row_run", "tenant_id", "run_id", "row_no", unique=True),
        Index("ix_import_row_target", "tenant_id", "target_id"),
    )
