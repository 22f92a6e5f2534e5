"""Sessions of people at a screen, kept in PostgreSQL; the browser holds a random token, the table its SHA-256.

A session ends 30 minutes after it was last used, 12 hours after it began, when the password changes, and when it is deleted.
Every function stands in an `auth_scope(session=token_hash)`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from tenants.models import Account, Authority, Tenant, WebSession
from tenants.permissions import Actor
from tenants.rules.states import Role

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and for which enterprise or authority (`place`)."""

    account_id: UUID
    username: str
    display_name: str
    role: Role
    locale: str
    staff_code: str | None
    tenant_id: int | None
    authority_id: int | None
    jurisdiction: str
    place: str
    district: str
    enterprise: str

    def actor(self) -> Actor:
        """This person as whoever acts."""
        return Actor(role=self.role, account_id=self.account_id, username=self.username, tenant_id=self.tenant_id,
                     authority_id=self.authority_id, jurisdiction=self.jurisdiction, staff_code=self.staff_code)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that holds: whose it is, and what was kept in it."""

    person: Person
    data: bytes


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the table keeps of a token."""
    return sha256(token.encode()).hexdigest()


def people() -> Select[*tuple[Any, ...]]:
    """Accounts with their enterprise or authority, in the order that `person_of` reads."""
    return (
        select(Account.id, Account.username, Account.display_name, Account.role, Account.locale, Account.staff_code,
               Account.tenant_id, Account.authority_id, Authority.jurisdiction, Authority.name.label("authority"),
               Tenant.name.label("tenant"), Tenant.district, Tenant.enterprise)
        .select_from(Account)
        .outerjoin(Tenant, Tenant.id == Account.tenant_id)
        .outerjoin(Authority, Authority.id == Account.authority_id)
    )  # fmt: skip


def person_of(row: Any) -> Person:
    """A row of `people()`."""
    return Person(account_id=row.id, username=row.username, display_name=row.display_name or row.username, role=Role(row.role),
                  locale=row.locale, staff_code=row.staff_code, tenant_id=row.tenant_id, authority_id=row.authority_id,
                  jurisdiction=row.jurisdiction or "", place=row.tenant or row.authority or "", district=row.district or "",
                  enterprise=row.enterprise or "")  # fmt: skip


def open_session(session: Session, account_id: UUID, hashed: str) -> None:
    """Begin a session under a fresh token's hash."""
    now = datetime.now(UTC)
    session.execute(
        insert(WebSession)
        .inline()
        .values(
            token_hash=hashed,
            account_id=account_id,
            data=b"",
            created_at=now,
            seen_at=now,
            expires_at=now + IDLE,
        )
    )


def find_session(session: Session, hashed: str, now: datetime | None = None) -> OpenSession | None:
    """The session if it still holds; notes once a minute that it was used."""
    now = now or datetime.now(UTC)
    row = session.execute(
        people()
        .add_columns(WebSession.data, WebSession.created_at, WebSession.seen_at)
        .join(WebSession, WebSession.account_id == Account.id)
        .where(
            WebSession.token_hash == hashed,
            WebSession.expires_at > now,
            WebSession.created_at > now - LONGEST,
            WebSession.created_at >= Account.password_changed_at,
            Account.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        session.execute(
            update(WebSession)
            .where(WebSession.token_hash == hashed)
            .values(seen_at=now, expires_at=min(now + IDLE, row.created_at + LONGEST))
        )
    return OpenSession(person_of(row), bytes(row.data))


def keep_data(session: Session, hashed: str, data: bytes) -> None:
    """Remember what the pages put into the session."""
    session.execute(update(WebSession).where(WebSession.token_hash == hashed).values(data=data))


def end_session(session: Session, hashed: str) -> None:
    """The token is worth nothing from now on."""
    session.execute(delete(WebSession).where(WebSession.token_hash == hashed))


def end_other_sessions(session: Session, account_id: UUID, hashed: str) -> int:
    """End every session of this account but this one; returns how many there were."""
    others = delete(WebSession).where(WebSession.account_id == account_id, WebSession.token_hash != hashed)
    return len(session.scalars(others.returning(WebSession.created_at)).all())


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One open session as its owner sees it."""

    created_at: datetime
    seen_at: datetime
    current: bool


def open_sessions(session: Session, account_id: UUID, hashed: str) -> Sequence[SessionLine]:
    """The account's sessions that still hold, the last used first."""
    rows = session.execute(
        select(WebSession.created_at, WebSession.seen_at, WebSession.token_hash)
        .where(WebSession.account_id == account_id, WebSession.expires_at > datetime.now(UTC))
        .order_by(WebSession.seen_at.desc())
    )
    return tuple(SessionLine(row.created_at, row.seen_at, row.token_hash == hashed) for row in rows)
