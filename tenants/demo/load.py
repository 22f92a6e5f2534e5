"""Putting the demo in: what is there already stays as it is, so a second load changes nothing. One transaction per enterprise.

The enterprises are independent of one another, so they are founded in as many processes as the machine has use for.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants import audit, scope
from tenants.demo import cast, inspections
from tenants.demo.city import Counted, found_enterprise
from tenants.demo.enterprises import ENTERPRISES
from tenants.demo.seasons import BEIJING
from tenants.demo.stock import month_of
from tenants.models import Account, Licence, Staff, Tenant
from tenants.permissions import Actor
from tenants.rules.states import LicenceState, Role, TenantStatus
from tenants.scope import platform_scope, tenant_scope
from tenants.services import passwords, reference
from tenants.services import tenants as enterprises
from tenants.services.touch import touch_enterprise


@dataclass(slots=True)
class DemoReport:
    """How much a load added."""

    tenants: int = 0
    accounts: int = 0
    cylinders: int = 0
    fills: int = 0
    violations: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """What a process needs to know to found one enterprise."""

    actor: Actor
    place: int  # in ENTERPRISES
    tenant_id: int
    now: datetime
    share: float


def load_demo(
    actor: Actor, password: str, now: datetime | None = None, *, share: float = 1.0, processes: int = 1
) -> DemoReport:
    """Authorities, enterprises, accounts with this password, people, cylinders and their last 90 days up to `now` (UTC).

    With a smaller `share` there are fewer cylinders in good order; everything else is there.
    """
    now = now or datetime.now(UTC)
    today = now.astimezone(BEIJING).date()
    report = DemoReport()
    with platform_scope() as session:
        _reference(session, actor)
        ids = {each.code: _enterprise(session, actor, each, today, report) for each in ENTERPRISES}
        _accounts(session, actor, password, ids, report)
    orders = [
        Order(actor, place, ids[each.code], now, share) for place, each in enumerate(ENTERPRISES) if _is_new(ids[each.code])
    ]  # fmt: skip
    orders.sort(key=lambda order: -sum(count for _, count in ENTERPRISES[order.place].cylinders))
    for counted in _founded(orders, processes):
        report.cylinders += counted.cylinders
        report.fills += counted.fills
        report.violations += counted.violations
    report.violations += inspections.find(now, ids)
    return report


def _is_new(tenant_id: int) -> bool:
    with tenant_scope(tenant_id) as session:
        return session.scalar(select(func.count()).select_from(Staff)) == 0


def _founded(orders: Sequence[Order], processes: int) -> Iterator[Counted]:
    """The largest first, so that no process is left with a large one at the end."""
    if processes < 2 or len(orders) < 2:
        yield from map(_found, orders)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), scope.dispose) as pool:
        yield from pool.map(_found, orders)


def _found(order: Order) -> Counted:
    behind = replace(order.actor, tenant_id=order.tenant_id)
    with tenant_scope(order.tenant_id) as session:
        return found_enterprise(
            session, behind, ENTERPRISES[order.place], order.tenant_id, order.now, order.share
        )


def _reference(session: Session, actor: Actor) -> None:
    """The published tables, which the media of the enterprises are from."""
    for name in reference.TABLES:
        rows = reference.read_table(name, reference.published_file(name))
        reference.import_table(session, actor, name, rows, published=True)


def _enterprise(
    session: Session, actor: Actor, wanted: cast.Enterprise, today: date, report: DemoReport
) -> int:
    there: Tenant | None = enterprises.find_tenant(session, wanted.code)
    if there is not None:
        return there.id
    new = enterprises.NewTenant(
        code=wanted.code,
        name=wanted.name,
        short_name=wanted.short_name,
        credit_code=wanted.credit_code,
        phone=wanted.phone,
        address=wanted.address,
        position=wanted.position,
        licence=_licence(wanted, today) if wanted.character.licensed else None,
        medium_codes=tuple(
            enterprises.NewMediumCode(code, medium, code in wanted.assayed)
            for code, medium in wanted.media.items()
        ),
    )
    report.tenants += 1
    tenant = enterprises.create_tenant(session, actor, new)
    _stop(session, actor, tenant, wanted.character)
    return tenant.id


def _licence(wanted: cast.Enterprise, today: date) -> enterprises.NewLicence:
    """Good for two more years, unless the enterprise is one whose licence ran out."""
    media = tuple(medium for code, medium in wanted.media.items() if code not in wanted.unlicensed)
    ran_out = wanted.character.licence_days
    until = month_of(today, 26) if ran_out is None else today - timedelta(days=ran_out)
    return enterprises.NewLicence(wanted.licence_no, media, until, issued_on=month_of(until, -48))


def _stop(session: Session, actor: Actor, tenant: Tenant, character: cast.Character) -> None:
    """An authority has suspended the licence, or the platform the enterprise."""
    if character.licence_state is not LicenceState.VALID:
        licence = session.scalars(select(Licence).where(Licence.tenant_id == tenant.id)).one()
        licence.state = character.licence_state.value
        audit.write(
            session, actor, audit.Action.LICENCE_CHANGED, licence.number, tenant_id=tenant.id, state=licence.state
        )  # fmt: skip
    if character.status is not TenantStatus.ACTIVE:
        tenant.status = character.status.value
    session.flush()
    touch_enterprise(session, tenant.id)


def _accounts(
    session: Session, actor: Actor, password: str, ids: Mapping[str, int], report: DemoReport
) -> None:
    there = set(session.scalars(select(Account.username)))
    kept = passwords.hash_password(password)  # one hash for all: the password is published anyway
    for username, role, name, place in _wanted_accounts(session, actor, ids):
        if username not in there:
            session.add(
                Account(username=username, password_hash=kept, role=role.value, display_name=name, **place)
            )
            audit.write(
                session,
                actor,
                audit.Action.ACCOUNT_CREATED,
                username,
                place.get("tenant_id"),
                role=role.value,
            )
            report.accounts += 1


def _wanted_accounts(
    session: Session, actor: Actor, ids: Mapping[str, int]
) -> Iterable[tuple[str, Role, str, dict[str, Any]]]:
    yield cast.OPERATOR, Role.OPERATOR, "平台运营", {}
    for office in cast.OFFICES:
        found = enterprises.find_authority(session, office.jurisdiction)
        authority = found or enterprises.create_authority(session, actor, office.name, office.jurisdiction)
        yield office.regulator, Role.REGULATOR, office.name, {"authority_id": authority.id}
        if office.inspector:
            yield office.inspector, Role.INSPECTOR, f"{office.name}监察员", {"authority_id": authority.id}
    for each in ENTERPRISES:
        for job, name in zip(cast.JOBS, each.people, strict=True):
            if job.role is not None:
                place = {"tenant_id": ids[each.code], "staff_code": job.staff_code}
                yield f"{each.code}-{job.role.value}", job.role, name, place
