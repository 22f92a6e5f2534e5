"""The enterprises of the platform, and the authorities above them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from tenants.models import Authority, Licence, Tenant


@dataclass(frozen=True, slots=True)
class TenantRow:
    """One enterprise with the licence that counts, the newest."""

    tenant_id: int
    code: str
    name: str
    status: str
    licence_no: str | None
    licence_expires_on: date | None


def list_tenants(session: Session) -> tuple[TenantRow, ...]:
    """Every enterprise that the scope sees, by code."""
    newest = (
        select(Licence.number, Licence.expires_on)
        .where(Licence.tenant_id == Tenant.id)
        .order_by(Licence.recorded_at.desc(), Licence.id.desc())
        .limit(1)
        .lateral()
    )
    rows = session.execute(
        select(
            Tenant.id,
            (Tenant.district + "-" + Tenant.enterprise).label("code"),
            Tenant.name,
            Tenant.status,
            newest.c.number,
            newest.c.expires_on,
        )
        .outerjoin(newest, true())
        .order_by(Tenant.district, Tenant.enterprise)
    )
    return tuple(TenantRow(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One authority and the district that it answers for."""

    authority_id: int
    jurisdiction: str
    name: str


def list_authorities(session: Session) -> tuple[AuthorityRow, ...]:
    """Every authority that the scope sees, the widest districts first."""
    rows = session.execute(
        select(Authority.id, Authority.jurisdiction, Authority.name).order_by(
            func.length(Authority.jurisdiction), Authority.jurisdiction, Authority.id
        )
    )
    return tuple(AuthorityRow(*row) for row in rows)
