"""Putting the demo in: what is there already stays as it is, so a second load changes nothing. One transaction per enterprise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.demo import cast
from tenants.demo.stock import Item, Story, month_of, stock_of
from tenants.demo.weeks import HISTORY, Play, batch_of
from tenants.models import Account, Assay, Device, Fill, Label, LabelIssue, Staff, Tenant, Violation
from tenants.permissions import Actor
from tenants.rules import facts as known
from tenants.rules.states import EventKind, LabelKind, LabelState, Role
from tenants.scope import platform_scope, tenant_scope
from tenants.services import labels, passwords, people, reference
from tenants.services import tenants as enterprises
from tenants.services.apply.book import open_book
from tenants.services.apply.event import SHANGHAI


@dataclass(slots=True)
class DemoReport:
    """How much a load added."""

    tenants: int = 0
    accounts: int = 0
    cylinders: int = 0
    fills: int = 0
    violations: int = 0


class NoCache:
    """The demo is judged from PostgreSQL alone."""

    def cylinders(self, tenant_id: int, ids: Iterable[UUID]) -> Mapping[UUID, known.CylinderFacts]:  # noqa: ARG002
        """Nothing is kept."""
        return {}

    def enterprise(self, tenant_id: int) -> known.EnterpriseFacts | None:  # noqa: ARG002
        """Nothing is kept."""
        return None


def load_demo(actor: Actor, password: str, now: datetime | None = None) -> DemoReport:
    """Authorities, enterprises, accounts with this password, people, cylinders and their last weeks up to `now` (UTC)."""
    now = now or datetime.now(UTC)
    today = now.astimezone(SHANGHAI).date()
    report = DemoReport()
    with platform_scope() as session:
        _reference(session, actor)
        ids = {each.code: _enterprise(session, actor, each, today, report) for each in cast.ENTERPRISES}
        _accounts(session, actor, password, ids, report)
    for each in cast.ENTERPRISES:
        with tenant_scope(ids[each.code]) as session:
            if session.scalar(select(func.count()).select_from(Staff)) == 0:
                behind = replace(actor, tenant_id=ids[each.code])
                _fill_enterprise(session, behind, each, ids[each.code], now, report)
    return report


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
    licensed = tuple(medium for code, medium in wanted.media.items() if code not in wanted.unlicensed)
    new = enterprises.NewTenant(
        code=wanted.code,
        name=wanted.name,
        short_name=wanted.short_name,
        credit_code=wanted.credit_code,
        phone=wanted.phone,
        address=wanted.address,
        position=wanted.position,
        licence=enterprises.NewLicence(
            wanted.licence_no, licensed, month_of(today, 26), issued_on=month_of(today, -22)
        ),
        medium_codes=tuple(
            enterprises.NewMediumCode(code, medium, code in wanted.assayed)
            for code, medium in wanted.media.items()
        ),
    )
    report.tenants += 1
    return enterprises.create_tenant(session, actor, new).id


def _accounts(
    session: Session, actor: Actor, password: str, ids: Mapping[str, int], report: DemoReport
) -> None:
    there = set(session.scalars(select(Account.username)))
    kept = passwords.hash_password(password)  # one hash for all: the password is published anyway

    def ensure(username: str, role: Role, name: str, **place: Any) -> None:
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

    ensure(cast.OPERATOR, Role.OPERATOR, "平台运营")
    for office in cast.OFFICES:
        found = enterprises.find_authority(session, office.jurisdiction)
        authority = found or enterprises.create_authority(session, actor, office.name, office.jurisdiction)
        ensure(office.regulator, Role.REGULATOR, office.name, authority_id=authority.id)
        if office.inspector:
            ensure(office.inspector, Role.INSPECTOR, f"{office.name}监察员", authority_id=authority.id)
    for each in cast.ENTERPRISES:
        for job, name in zip(cast.JOBS, each.people, strict=True):
            if job.role is not None:
                username = f"{each.code}-{job.role.value}"
                ensure(username, job.role, name, tenant_id=ids[each.code], staff_code=job.staff_code)


def _fill_enterprise(
    session: Session, actor: Actor, wanted: cast.Enterprise, tenant_id: int, now: datetime, report: DemoReport
) -> None:
    """Everything behind the wall of one enterprise that has nothing yet."""
    today, rng = now.astimezone(SHANGHAI).date(), Random(wanted.code)  # noqa: S311 - the same demo every time
    _staff(session, actor, wanted, today)
    _assays(session, wanted, now)
    for run in wanted.runs:
        labels.order_run(session, actor, run.medium_code, run.quantity, run.kind)
    gun = Device(name="充装线识读枪", role=Role.FILLER.value, created_by=actor.username)
    session.add_all([gun, Device(name="手持终端 1", role=Role.DRIVER.value, created_by=actor.username)])
    items = stock_of(wanted, today, rng)
    for item in items:
        item.cylinder.created_at = now - HISTORY - timedelta(days=rng.randint(3, 20))
    session.add_all(item.cylinder for item in items)
    session.flush()
    bound = _bind(session, wanted, items, now, rng)
    by = Actor(role=Role.FILLER, tenant_id=tenant_id, device_id=gun.id)
    spare = _spare_code(wanted, len(items))
    book = open_book(
        session, by, tenant_id, [*(label.code for label in bound.values()), spare], [], NoCache()
    )
    for item in items:
        starts = now - HISTORY + timedelta(days=rng.uniform(0, 12))
        play = Play(book, wanted, gun.id, item, bound.get(item.number), now, rng, starts)
        play.tell()
    _strangers(Play(book, wanted, gun.id, items[0], None, now, rng, now - timedelta(days=6)), spare)
    book.close()
    report.cylinders += len(items)
    report.fills += sum(isinstance(record, Fill) for record in book.records)
    report.violations += sum(isinstance(record, Violation) for record in book.records)


def _staff(session: Session, actor: Actor, wanted: cast.Enterprise, today: date) -> None:
    def certificates(job: cast.Job) -> tuple[people.NewCertificate, ...]:
        if job.certificate_days is None:
            return ()
        number = f"TS6PDEMO{wanted.code[-3:]}{job.staff_code}"
        until = today + timedelta(days=job.certificate_days)
        return (people.NewCertificate("P", until, number, until - timedelta(days=4 * 365)),)

    people.add_staff(
        session,
        actor,
        [
            people.NewStaff(job.staff_code, name, job.kinds, certificates=certificates(job))
            for job, name in zip(cast.JOBS, wanted.people, strict=True)
        ],
    )


def _assays(session: Session, wanted: cast.Enterprise, now: datetime) -> None:
    """A passing assay for every week's batch where one is needed."""
    for code in wanted.assayed:
        for week in range(HISTORY.days // 7 + 2):
            at = now - timedelta(weeks=week)
            monday = at.astimezone(SHANGHAI).date() - timedelta(days=at.astimezone(SHANGHAI).weekday())
            session.add(
                Assay(
                    medium_id=wanted.media[code],
                    batch=batch_of(code, at),
                    passed=True,
                    assayed_on=monday,
                    recorded_by="L01",
                )
            )
    session.flush()


def _bind(
    session: Session, wanted: cast.Enterprise, items: Sequence[Item], now: datetime, rng: Random
) -> dict[int, Label]:
    """A label of its medium on every cylinder but those whose story is to have none; by the cylinder's number."""
    code_of = {medium: code for code, medium in wanted.media.items()}
    serials = dict.fromkeys(wanted.media, 0)
    codes: dict[str, Item] = {}
    for item in items:
        medium_code = code_of[item.model.medium_id]
        serials[medium_code] += 1
        if item.story is not Story.NO_LABEL:
            codes[f"{wanted.code.replace('-', '')}{medium_code}{serials[medium_code]:06d}"] = item
    bound: dict[int, Label] = {}
    at = now - HISTORY - timedelta(days=1)
    for label in session.scalars(select(Label).where(Label.code.in_(codes)).order_by(Label.code)):
        item = codes[label.code]
        label.state, label.cylinder_id, label.bound_at = LabelState.BOUND.value, item.cylinder.id, at
        if label.kind == LabelKind.RING_RFID.value:
            label.uid = f"E004{rng.getrandbits(48):012X}"
        session.add(
            LabelIssue(
                label_id=label.id, cylinder_id=item.cylinder.id, action="bind", at=at, by="A01", reason=""
            )
        )
        bound[item.number] = label
    session.flush()
    return bound


def _spare_code(wanted: cast.Enterprise, used: int) -> str:
    """A label of the first run that is on no cylinder."""
    return f"{wanted.code.replace('-', '')}{wanted.runs[0].medium_code}{min(used + 5, wanted.runs[0].quantity):06d}"


def _strangers(play: Play, spare: str) -> None:
    """Tries with codes that no cylinder of the enterprise carries: never ordered, another's, ordered but on none."""
    own = play.enterprise.code.replace("-", "")
    other = next(each.code for each in cast.ENTERPRISES if each.code != play.enterprise.code).replace("-", "")
    for code in (f"{own}01990001", f"{other}01000007", spare):
        play.at += timedelta(hours=20)
        play.send(EventKind.FILL, code, "F01", "G1", medium="01")
