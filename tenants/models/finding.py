"""What an inspector found at a cylinder and decided about it; history, never edited: a lifting is a finding of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, chars, one_of, within
from tenants.rules.findings import HAZARDS, MOST_WORDS
from tenants.rules.states import Disposition


class Finding(OfTenant, Base):
    """One finding: the authority that made it with its jurisdiction of that day, the hazard as the number of a violation's key."""

    __tablename__ = "finding"
    cylinder_id: Mapped[UUID]
    label_code: Mapped[str] = mapped_column(chars(17))
    at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    authority_id: Mapped[int | None] = mapped_column(Integer)
    jurisdiction: Mapped[str]
    inspector: Mapped[str]  # the account's name
    hazard: Mapped[int]
    disposition: Mapped[str]
    words: Mapped[str] = mapped_column(default="", server_default="")
    client_ref: Mapped[UUID]
    __table_args__ = (
        within("cylinder", "cylinder_id"),
        UniqueConstraint("tenant_id", "client_ref"),
        one_of("disposition", Disposition),
        CheckConstraint(f"hazard BETWEEN {HAZARDS[0]} AND {HAZARDS[-1]}", name="hazard"),
        CheckConstraint(f"length(words) <= {MOST_WORDS}", name="words"),
        CheckConstraint("jurisdiction ~ '^[0-9]{2}([0-9]{2}){0,2}$'", name="jurisdiction"),
        Index("ix_finding_cylinder", "tenant_id", "cylinder_id", "at"),
        Index("ix_finding_at", "tenant_id", "at"),
    )
