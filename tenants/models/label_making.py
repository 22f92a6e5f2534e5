"""The making (制作) of a run's artwork: who asked for it, how far it is, and the files that came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, one_of, within
from tenants.rules.label_words import MakingState


class LabelMaking(OfTenant, Base):
    """The labels of one part of a run; a part is made once, and again only when the making before came to nothing.

    A worker claims it with a lease, attempts are counted before the work; while a worker is at it `phase_at` says since when.
    """

    __tablename__ = "label_making"
    run_id: Mapped[UUID]
    part: Mapped[int] = mapped_column(SmallInteger)  # from 1; so many labels of the run to a part
    first_serial: Mapped[int]
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(default=MakingState.QUEUED.value)
    name: Mapped[str]  # the line at the top of each label
    kid: Mapped[int | None]  # of the platform's key that made the signatures
    labels_made: Mapped[int] = mapped_column(default=0)
    file_bytes: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str] = mapped_column(default="")
    phase_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]  # somebody wants it to stop
    fetched: Mapped[int] = mapped_column(default=0)  # how often the file was handed out
    fetched_at: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]  # the file is gone, the entry stays
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        within("label_run", "run_id"),
        one_of("state", MakingState),
        CheckConstraint("part BETWEEN 1 AND 10", name="part"),
        CheckConstraint("quantity BETWEEN 1 AND 10000", name="quantity"),
        Index("ix_label_making_run", "tenant_id", "run_id"),
        Index(
            "uq_label_making_part",
            "tenant_id",
            "run_id",
            "part",
            unique=True,
            postgresql_where=text("state IN ('queued', 'done')"),
        ),
        Index("ix_label_making_due", "due_at", postgresql_where=text("state = 'queued'")),
    )


class LabelFile(OfTenant, Base):
    """A piece of the packed files of a making, so that no statement carries all of it."""

    __tablename__ = "label_file"
    making_id: Mapped[UUID]
    piece: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        within("label_making", "making_id"),
        Index("uq_label_file_piece", "tenant_id", "making_id", "piece", unique=True),
    )
