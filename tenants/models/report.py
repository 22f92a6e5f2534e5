"""What citizens reported, and what was done about it.

`tenant_id` is the enterprise that may read a report, 0 where none may: nobody issued the code, or the citizen asked for it. `about` is
the enterprise it concerns. An authority sees it by its district.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, SCHEMA, Base, OfTenant, chars, one_of
from tenants.rules.reports import MOST_ANSWER, MOST_WORDS, ReportAct, ReportKind, ReportMatter, ReportState

KEYS = ["tenant_id", "report_id", "district"]


class Report(OfTenant, Base):
    """One report; `ticket_hash` is the SHA-256 (hex) of the ticket that only the citizen has, `phone` is sealed."""

    __tablename__ = "report"
    district: Mapped[str] = mapped_column(chars(6))
    about: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(chars(14))
    ticket_hash: Mapped[str] = mapped_column(chars(64))
    label_code: Mapped[str] = mapped_column(chars(17))
    kind: Mapped[str]
    matter: Mapped[str]
    words: Mapped[str]
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    photo: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    state: Mapped[str]
    officer: Mapped[str | None]  # the account that has taken it
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", "district"),
        UniqueConstraint("tenant_id", "number"),
        one_of("kind", ReportKind),
        one_of("matter", ReportMatter),
        one_of("state", ReportState),
        CheckConstraint(f"length(words) <= {MOST_WORDS}", name="words"),
        Index("ix_report_ticket", "ticket_hash"),
        Index("ix_report_received", "tenant_id", "received_at"),
        Index("ix_report_district", "district", "received_at"),
    )


class ReportAnswer(OfTenant, Base):
    """A line of a report's history, never edited."""

    __tablename__ = "report_answer"
    report_id: Mapped[UUID]
    district: Mapped[str] = mapped_column(chars(6))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    act: Mapped[str]
    by: Mapped[str]  # the account's name
    words: Mapped[str] = mapped_column(default="", server_default="")
    client_ref: Mapped[UUID]
    __table_args__ = (
        ForeignKeyConstraint(
            KEYS, [f"{SCHEMA}.report.{column}" for column in ("tenant_id", "id", "district")]
        ),
        UniqueConstraint("tenant_id", "client_ref"),
        one_of("act", ReportAct),
        CheckConstraint(f"length(words) <= {MOST_ANSWER}", name="words"),
        Index("ix_report_answer_report", "tenant_id", "report_id", "at"),
    )
