"""A chip (电子标签) that was signed for a cylinder: the newest image, so that a torn tag can be restored, and how far it counted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import Base, OfTenant, within

LARGEST_IMAGE = 2048  # bytes; the largest chip holds 868


class Tag(OfTenant, Base):
    """One chip. `base_seq` counts what was signed; the `seen_…` numbers count what readers brought back, and never fall."""

    __tablename__ = "tag"
    uid: Mapped[str]  # upper-case hex
    label_id: Mapped[UUID]
    profile: Mapped[str]
    base_seq: Mapped[int]
    kid: Mapped[int]
    says: Mapped[str]  # what the base says, so that the same is not signed twice
    image: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    seen_base_seq: Mapped[int] = mapped_column(default=0)
    seen_fill_seq: Mapped[int] = mapped_column(default=0)
    seen_finding_seq: Mapped[int] = mapped_column(default=0)
    seen_digest: Mapped[str] = mapped_column(default="")
    seen_counter: Mapped[int | None] = mapped_column(Integer)
    seen_at: Mapped[datetime | None]
    __table_args__ = (
        within("label", "label_id"),
        UniqueConstraint("tenant_id", "uid"),
        CheckConstraint("uid ~ '^([0-9A-F]{2}){4,16}$'", name="uid"),
        CheckConstraint(f"length(image) <= {LARGEST_IMAGE}", name="image"),
        CheckConstraint("base_seq BETWEEN 1 AND 65535", name="base_seq"),
        Index("ix_tag_label", "tenant_id", "label_id"),
    )
