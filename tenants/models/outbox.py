"""The outbox: what happened, written in the transaction that made it happen, and read by the relay."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, NOW, Base


class Outbox(Base):
    """One domain event. While `relayed_at` is empty, whoever relies on a copy of the subject must ask PostgreSQL instead."""

    __tablename__ = "outbox"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID | None]  # None: the enterprise itself
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    relayed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbox_waiting", "tenant_id", "id", postgresql_where=text("relayed_at IS NULL")),
    )


class CacheEpoch(Base):
    """One row: the number in every cache key; raised when what Redis holds may be older than what was written to it."""

    __tablename__ = "cache_epoch"
    key: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
