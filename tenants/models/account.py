"""A person's way in: the account and the sessions that are open for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, SCHEMA, Base, new_id, one_of
from tenants.rules.states import Role


class Account(Base):
    """A user: of one enterprise, of one authority, or of the platform (neither)."""

    __tablename__ = "account"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-1)
    username: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    display_name: Mapped[str] = mapped_column(default="")
    tenant_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.tenant.id"), index=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.authority.id"))
    staff_code: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="zh")
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    password_changed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        UniqueConstraint("username"),
        one_of("role", Role),
        CheckConstraint("locale IN ('zh', 'en')", name="locale"),
        CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'", name="username"),
        CheckConstraint(
            "CASE WHEN role = 'operator' THEN tenant_id IS NULL AND authority_id IS NULL"
            " WHEN role IN ('regulator', 'inspector') THEN tenant_id IS NULL AND authority_id IS NOT NULL"
            " ELSE tenant_id IS NOT NULL AND authority_id IS NULL END",
            name="place",
        ),
    )


class WebSession(Base):
    """A session kept on the server; the browser holds the token, this table only its SHA-256 (hex)."""

    __tablename__ = "web_session"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_web_session_account", "account_id"),
        Index("ix_web_session_expires", "expires_at"),
    )
