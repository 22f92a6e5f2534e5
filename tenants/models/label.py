"""A label (标签): runs that are ordered, the label itself, and the issue record that every change of it leaves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, chars, one_of, within
from tenants.rules.states import LabelKind, LabelState


class LabelRun(OfTenant, Base):
    """A run of labels of one medium: `quantity` serials from `first_serial`."""

    __tablename__ = "label_run"
    medium_code: Mapped[str] = mapped_column(chars(2))
    medium_id: Mapped[str]
    kind: Mapped[str]
    first_serial: Mapped[int]
    quantity: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        one_of("kind", LabelKind),
        UniqueConstraint("tenant_id", "medium_code", "first_serial"),
        CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity"),
        CheckConstraint("first_serial BETWEEN 1 AND 999999", name="first_serial"),
    )


class Label(OfTenant, Base):
    """One printed code for life; its state moves issued → bound → lost or void.

    It goes back to issued in one case: the import that bound it is taken back before anything was built on it.
    """

    __tablename__ = "label"
    code: Mapped[str] = mapped_column(chars(17))
    kind: Mapped[str]
    medium_code: Mapped[str] = mapped_column(chars(2))
    run_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default=LabelState.ISSUED.value)
    cylinder_id: Mapped[UUID | None]
    uid: Mapped[str | None]  # of the RFID chip, upper-case hex
    bound_at: Mapped[datetime | None]
    changed: Mapped[int] = mapped_column(BigInteger, server_default="0")  # the transaction that wrote last
    disputed_at: Mapped[datetime | None]  # somebody tried to bind it to a second cylinder
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        within("cylinder", "cylinder_id"),
        within("label_run", "run_id"),
        one_of("kind", LabelKind),
        one_of("state", LabelState),
        CheckConstraint("code ~ '^[0-9]{17}$'", name="code"),
        CheckConstraint("uid ~ '^([0-9A-F]{2}){4,16}$'", name="uid"),
        CheckConstraint(
            "(state = 'issued') = (cylinder_id IS NULL) OR state IN ('lost', 'void')", name="bound"
        ),
        Index("ix_label_cylinder", "tenant_id", "cylinder_id"),
        Index("ix_label_code", "code"),
        Index("ix_label_changed", "changed"),
        Index("ix_label_run", "tenant_id", "run_id"),
        Index(
            "uq_label_uid",
            "tenant_id",
            "uid",
            unique=True,
            postgresql_where=text("state = 'bound' AND uid IS NOT NULL"),
        ),
    )


class LabelIssue(OfTenant, Base):
    """The issue record (发卡记录): what happened to a label, when, by whom and why.

    It outlives its cylinder: an import that is taken back deletes the cylinders that it brought, never the record.
    """

    __tablename__ = "label_issue"
    label_id: Mapped[UUID]
    cylinder_id: Mapped[UUID | None]
    action: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    event_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        within("label", "label_id"),
        CheckConstraint(
            "action IN ('issue', 'bind', 'replace', 'lose', 'void', 'dispute', 'release', 'spoil')",
            name="action",
        ),
        Index("ix_label_issue_label", "tenant_id", "label_id"),
        Index("ix_label_issue_at", "tenant_id", "at"),
    )
