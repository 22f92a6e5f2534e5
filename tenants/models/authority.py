"""A supervision authority (监管部门) and the district that it answers for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, Integer
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base


class Authority(Base):
    """An office; `jurisdiction` is a district prefix of 2, 4 or 6 digits and is never empty."""

    __tablename__ = "authority"
    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    name: Mapped[str]
    jurisdiction: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (CheckConstraint("jurisdiction ~ '^[0-9]{2}([0-9]{2}){0,2}$'", name="jurisdiction"),)
