"""The audit: who did what, chained so that a change of the past shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import Base


class Audit(Base):
    """One entry of a chain: one chain per enterprise, chain 0 for the platform. A trigger numbers and hashes it."""

    __tablename__ = "audit"
    tenant_id: Mapped[int] = mapped_column(Integer, primary_key=True)  # 0: the platform's own chain
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous_hash: Mapped[str]
    hash: Mapped[str]
