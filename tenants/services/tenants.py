"""Enterprises and authorities: opening one on the platform, with its licence and its medium codes. All need the platform's scope."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Authority, Licence, Medium, MediumCode, Tenant
from tenants.permissions import Actor
from tenants.services.geometry import point
from tenants.services.touch import touch_enterprise

CODE = re.compile(r"([0-9]{6})-([0-9]{3})")


@dataclass(frozen=True, slots=True)
class NewLicence:
    """A filling licence: which media (keys of the reference table) until which day, inclusive."""

    number: str
    media: tuple[str, ...]
    expires_on: date
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewMediumCode:
    """The two digits that the enterprise prints for a medium."""

    code: str
    medium_id: str
    assay_required: bool = False


@dataclass(frozen=True, slots=True)
class NewTenant:
    """An enterprise as it is entered; `code` is district-enterprise such as 370502-001, `position` longitude and latitude."""

    code: str
    name: str
    short_name: str = ""
    credit_code: str = ""
    phone: str = ""
    address: str = ""
    position: tuple[float, float] | None = None
    licence: NewLicence | None = None
    medium_codes: tuple[NewMediumCode, ...] = ()


def split_code(code: str) -> tuple[str, str]:
    """District (6 digits) and enterprise (3 digits) of a code such as 370502-001; raises Invalid."""
    found = CODE.fullmatch(code)
    if found is None:
        raise Invalid(f"An enterprise's code is six digits, a hyphen and three digits, not {code!r}.")
    return found[1], found[2]


def find_tenant(session: Session, code: str) -> Tenant | None:
    """The enterprise with this code, or None."""
    district, enterprise = split_code(code)
    return session.scalars(
        select(Tenant).where(Tenant.district == district, Tenant.enterprise == enterprise)
    ).one_or_none()


def get_tenant(session: Session, code: str) -> Tenant:
    """The enterprise with this code; raises NotFound."""
    tenant = find_tenant(session, code)
    if tenant is None:
        raise NotFound(f"There is no enterprise {code}.")
    return tenant


def create_tenant(session: Session, actor: Actor, wanted: NewTenant) -> Tenant:
    """Open an enterprise; raises Conflict when the code is taken, Invalid when a medium isn't in the reference table."""
    district, enterprise = split_code(wanted.code)
    if find_tenant(session, wanted.code) is not None:
        raise Conflict(f"The enterprise {wanted.code} exists already.")
    if not wanted.name.strip():
        raise Invalid("An enterprise needs a name.", fields={"name": "请填写企业名称"})
    _require_media(
        session,
        {code.medium_id for code in wanted.medium_codes}
        | set(wanted.licence.media if wanted.licence else ()),
    )
    tenant = Tenant(
        district=district,
        enterprise=enterprise,
        name=wanted.name.strip(),
        short_name=wanted.short_name.strip() or wanted.name.strip(),
        credit_code=wanted.credit_code,
        phone=wanted.phone,
        address=wanted.address,
        position=point(*wanted.position) if wanted.position else None,
    )
    session.add(tenant)
    session.flush()
    audit.write(session, actor, audit.Action.TENANT_CREATED, wanted.code, name=tenant.name)
    if wanted.licence is not None:
        grant_licence(session, actor, tenant, wanted.licence)
    set_medium_codes(session, tenant, wanted.medium_codes)
    return tenant


def grant_licence(session: Session, actor: Actor, tenant: Tenant, wanted: NewLicence) -> Licence:
    """A new licence; the newest one counts."""
    if not wanted.number.strip() or not wanted.media:
        raise Invalid("A licence needs a number and at least one medium.")
    _require_media(session, set(wanted.media))
    licence = Licence(
        tenant_id=tenant.id,
        number=wanted.number.strip(),
        media=sorted(set(wanted.media)),
        issued_on=wanted.issued_on,
        expires_on=wanted.expires_on,
    )
    session.add(licence)
    session.flush()
    touch_enterprise(session, tenant.id)
    audit.write(
        session,
        actor,
        audit.Action.LICENCE_CHANGED,
        licence.number,
        tenant_id=tenant.id,
        expires_on=str(wanted.expires_on),
    )
    return licence


def set_medium_codes(session: Session, tenant: Tenant, wanted: Sequence[NewMediumCode]) -> None:
    """Add codes to the enterprise's table; raises Conflict when a code stands for another medium already."""
    for code in wanted:
        if not re.fullmatch(r"[0-9]{2}", code.code):
            raise Invalid(f"A medium code has two digits, not {code.code!r}.")
        there = session.get(MediumCode, (tenant.id, code.code))
        if there is not None and there.medium_id != code.medium_id:
            raise Conflict(f"The code {code.code} stands for {there.medium_id} already.")
        session.merge(
            MediumCode(
                tenant_id=tenant.id,
                code=code.code,
                medium_id=code.medium_id,
                assay_required=code.assay_required,
            )
        )
    session.flush()
    if wanted:
        touch_enterprise(session, tenant.id)


def create_authority(session: Session, actor: Actor, name: str, jurisdiction: str) -> Authority:
    """A supervision authority for a district prefix of 2, 4 or 6 digits; raises Invalid, or Conflict when that prefix has one."""
    if not re.fullmatch(r"[0-9]{2}([0-9]{2}){0,2}", jurisdiction):
        raise Invalid(f"A jurisdiction is a district prefix of 2, 4 or 6 digits, not {jurisdiction!r}.")
    if find_authority(session, jurisdiction) is not None:
        raise Conflict(f"There is an authority for {jurisdiction} already.")
    authority = Authority(name=name, jurisdiction=jurisdiction)
    session.add(authority)
    session.flush()
    audit.write(session, actor, audit.Action.AUTHORITY_CREATED, jurisdiction, name=name)
    return authority


def find_authority(session: Session, jurisdiction: str) -> Authority | None:
    """The authority for exactly this prefix, or None."""
    return session.scalars(
        select(Authority).where(Authority.jurisdiction == jurisdiction).order_by(Authority.id).limit(1)
    ).one_or_none()


def _require_media(session: Session, keys: set[str]) -> None:
    known = set(session.scalars(select(Medium.key).where(Medium.key.in_(keys), Medium.valid_to.is_(None))))
    if unknown := sorted(keys - known):
        raise Invalid(f"Not in the table of media: {', '.join(unknown)}.")
