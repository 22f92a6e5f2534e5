"""What the platform's operator sees: enterprises and authorities, their people's accounts, and when devices last sent something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.models import Account, Authority, Tenant, Upload


@dataclass(frozen=True, slots=True)
class TenantLine:
    """One enterprise on the platform."""

    id: int
    district: str
    enterprise: str
    name: str
    status: str
    accounts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorityLine:
    """One authority on the platform."""

    name: str
    jurisdiction: str
    accounts: int


@dataclass(frozen=True, slots=True)
class PlatformDesk:
    """Both lists."""

    tenants: Sequence[TenantLine]
    authorities: Sequence[AuthorityLine]


def desk(session: Session) -> PlatformDesk:
    """Everything on the operator's start page, in `platform_scope()`; what enterprises keep in their archives is not for the operator."""
    tenants = session.execute(
        select(
            Tenant.id,
            Tenant.district,
            Tenant.enterprise,
            Tenant.name,
            Tenant.status,
            func.count(Account.id),
            Tenant.created_at,
        )
        .outerjoin(Account, Account.tenant_id == Tenant.id)
        .group_by(Tenant.id)
        .order_by(Tenant.district, Tenant.enterprise)
    )
    authorities = session.execute(
        select(Authority.name, Authority.jurisdiction, func.count(Account.id))
        .outerjoin(Account, Account.authority_id == Authority.id)
        .group_by(Authority.id)
        .order_by(Authority.jurisdiction)
    )
    return PlatformDesk(
        tuple(TenantLine(*row) for row in tenants), tuple(AuthorityLine(*row) for row in authorities)
    )


def last_uploads(session: Session) -> dict[int, datetime]:
    """When each enterprise's devices last sent something, in `relay_scope()`."""
    rows = session.execute(select(Upload.tenant_id, func.max(Upload.received_at)).group_by(Upload.tenant_id))
    return {row[0]: row[1] for row in rows}
