"""One enterprise of the demo city: its people, devices and labels, and chapter after chapter the weeks of its cylinders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tenants.demo import cast
from tenants.demo.ledger import Ledger, open_ledger
from tenants.demo.office import open_office
from tenants.demo.roads import Roads
from tenants.demo.seasons import BEIJING, demand, moment
from tenants.demo.stock import Item, Story, stock_of
from tenants.demo.stories import PLOTS, rounds
from tenants.demo.weeks import HISTORY, Play, World, batch_of
from tenants.models import Assay, Cylinder, Device, Fill, Label, LabelIssue, Staff, StaffPin, Violation
from tenants.permissions import Actor
from tenants.rules.states import EventKind, LabelKind, LabelState, LicenceState, Role, TenantStatus
from tenants.services import labels, passwords, people
from tenants.services.facts import enterprise_facts

PAPER = timedelta(days=40)  # orders and recoveries are kept since then
CHAPTER = 400  # cylinders whose weeks are written together
CHIPS = (LabelKind.RING_RFID.value, LabelKind.HEXAGON_RFID.value, LabelKind.SEAL_RFID.value)


@dataclass(slots=True)
class Counted:
    """What was added for one enterprise."""

    cylinders: int = 0
    fills: int = 0
    violations: int = 0


def found_enterprise(
    session: Session, actor: Actor, wanted: cast.Enterprise, tenant_id: int, now: datetime, share: float
) -> Counted:
    """Everything behind the wall of one enterprise that has nothing yet; needs its scope."""
    rng = Random(wanted.code)  # noqa: S311 - the same demo every time
    today = now.astimezone(BEIJING).date()
    _staff(session, actor, wanted, today)
    _assays(session, wanted, now)
    for run in wanted.runs:
        labels.order_run(session, actor, run.medium_code, _scaled(wanted, run, share), run.kind)
    items = stock_of(wanted, today, rng, share)
    world = _world(session, actor, wanted, tenant_id, now, len(items), rng)
    counted = Counted(cylinders=len(items))
    for chapter in _chapters(session, world, items, tenant_id):
        for play in chapter:
            play.tell(PLOTS.get(play.item.story, rounds))
        _turn(world.book, counted)
    _strangers(session, world, items[0], share)
    _turn(world.book, counted)
    open_office(session, wanted, world.roads, now)
    for device_id, seen in world.seen.items():
        session.execute(update(Device).where(Device.id == device_id).values(last_seen_at=seen))
    return counted


def _scaled(wanted: cast.Enterprise, run: cast.Run, share: float) -> int:
    """As many labels as the share of the stock needs; the runs in Beijing are always whole."""
    whole = share >= 1 or wanted.code.startswith("11")
    return run.quantity if whole else round(run.quantity * share) + 160


def _turn(book: Ledger, counted: Counted) -> None:
    counted.fills += sum(model is Fill for model, _ in book.records)
    counted.violations += sum(model is Violation for model, _ in book.records)
    book.turn()


def _world(
    session: Session, actor: Actor, wanted: cast.Enterprise, tenant_id: int, now: datetime, stock: int, rng: Random
) -> World:  # fmt: skip
    roads = Roads(wanted, stock, now - PAPER, rng)
    devices = _devices(session, actor, roads, now)
    known = enterprise_facts(session, tenant_id)
    by = Actor(role=Role.FILLER, tenant_id=tenant_id, device_id=devices["gun 1"])
    character, today = wanted.character, now.astimezone(BEIJING).date()
    stopped = character.stopped_days or character.licence_days
    return World(
        book=open_ledger(session, by, known),
        enterprise=wanted,
        devices=devices,
        roads=roads,
        now=now,
        rng=rng,
        before=replace(known, status=TenantStatus.ACTIVE, licence_state=known.licence_state and LicenceState.VALID),
        after=known,
        stopped=moment(today - timedelta(days=stopped), 9 * 60) if stopped else None,
        silent=now - timedelta(days=character.silent_days) if character.silent_days else None,
    )  # fmt: skip


def _devices(session: Session, actor: Actor, roads: Roads, now: datetime) -> dict[str, UUID]:
    names = {
        "gun 1": ("充装线识读枪 1", Role.FILLER),
        "gun 2": ("充装线识读枪 2", Role.FILLER),
        "store": ("库房手持终端", Role.STORE),
    }
    names |= {driver: (f"配送手持终端 {driver}", Role.DRIVER) for driver in roads.drivers}
    made = {
        key: Device(name=name, role=role.value, created_by=actor.username, created_at=now - HISTORY - timedelta(days=30))
        for key, (name, role) in names.items()
    }  # fmt: skip
    session.add_all(made.values())
    session.flush()
    return {key: device.id for key, device in made.items()}


def _chapters(session: Session, world: World, items: Sequence[Item], tenant_id: int) -> Iterator[list[Play]]:
    """The cylinders with their labels, so many at a time, each with the moment at which its weeks begin."""
    codes = dict(_codes(world.enterprise, items))
    bound_at = world.now - HISTORY - timedelta(days=1)
    low, high = world.enterprise.character.away_days
    away = (low + high) / 2 / demand((world.now - HISTORY).date(), world.enterprise.family) + 4
    for start in range(0, len(items), CHAPTER):
        some = items[start : start + CHAPTER]
        known = _labels(session, [codes[item.number] for item in some])
        plays = []
        for item in some:
            item.cylinder.tenant_id = tenant_id
            item.cylinder.created_at = world.now - HISTORY - timedelta(days=world.rng.randint(3, 20))
            label = known[codes[item.number]] if item.story is not Story.NO_LABEL else None
            if label is not None:
                _bind(world.book, label, item, bound_at, world.rng)
            world.book.enter(item.cylinder, label)
            begins = world.now - HISTORY + timedelta(days=world.rng.uniform(0, away))
            plays.append(Play(world, item, label, begins, Random(world.rng.getrandbits(32))))  # noqa: S311
        yield plays


def _codes(wanted: cast.Enterprise, items: Sequence[Item]) -> Iterator[tuple[int, str]]:
    """The label code for each cylinder's number: its medium's serials in order."""
    code_of = {medium: code for code, medium in wanted.media.items()}
    serials = dict.fromkeys(wanted.media, 0)
    for item in items:
        medium_code = code_of[item.model.medium_id]
        serials[medium_code] += 1
        yield item.number, f"{wanted.code.replace('-', '')}{medium_code}{serials[medium_code]:06d}"


def _labels(session: Session, codes: Sequence[str]) -> dict[str, Label]:
    """The issued labels with these codes, as objects of their own that no session writes."""
    rows = session.execute(select(Label.id, Label.code, Label.kind, Label.state).where(Label.code.in_(codes)))
    return {row.code: Label(id=row.id, code=row.code, kind=row.kind, state=row.state) for row in rows}


def _bind(book: Ledger, label: Label, item: Item, at: datetime, rng: Random) -> None:
    label.state, label.cylinder_id, label.bound_at = LabelState.BOUND.value, item.cylinder.id, at
    if label.kind in CHIPS:
        label.uid = f"E004{rng.getrandbits(48):012X}"
    book.keep(
        LabelIssue, label_id=label.id, cylinder_id=item.cylinder.id, action="bind", at=at, by="A01", reason=""
    )


def _strangers(session: Session, world: World, item: Item, share: float) -> None:
    """Tries with codes that no cylinder of the enterprise carries: never ordered, another's, ordered but on none."""
    own, rng = world.enterprise.code.replace("-", ""), world.rng
    borrowed = world.enterprise.character.borrows_from.replace("-", "")
    spare = f"{own}{world.enterprise.runs[0].medium_code}{_scaled(world.enterprise, world.enterprise.runs[0], share):06d}"
    world.book.labels.update(_labels(session, [spare]))
    other = "37050200101000007" if own != "370502001" else "37050300201000007"
    codes = [f"{own}01990001", other, spare]
    codes += (
        [f"{borrowed}01{rng.randint(4, 40):06d}" for _ in range(max(4, round(48 * share)))]
        if borrowed
        else []
    )
    nobodys = Item(0, item.model, Story.GOOD, Cylinder())
    for number, code in enumerate(codes):
        Play(world, nobodys, None, world.now, rng).tell(_try(code, 6 if number < 3 else 70))


def _try(code: str, days: float) -> Callable[[Play], None]:
    def tell(play: Play) -> None:
        play.start(0.5, days)
        play.send(EventKind.FILL, code, "F01", "G1", {"medium": "01", "gun": "G1"})

    return tell


def _staff(session: Session, actor: Actor, wanted: cast.Enterprise, today: date) -> None:
    def certificates(job: cast.Job) -> tuple[people.NewCertificate, ...]:
        if job.certificate_days is None:
            return ()
        number = f"TS6PDEMO{wanted.code[-3:]}{job.staff_code}"
        until = today + timedelta(days=job.certificate_days)
        return (people.NewCertificate("P", until, number, until - timedelta(days=4 * 365)),)

    jobs = [*zip(cast.JOBS, wanted.people, strict=True)]
    more = [
        people.NewStaff(f"D{number:02d}", f"司机{number}", ("配送",))
        for number in range(3, wanted.character.drivers + 1)
    ]
    wanted_people = [
        people.NewStaff(job.staff_code, name, job.kinds, certificates=certificates(job)) for job, name in jobs
    ]
    people.add_staff(session, actor, [*wanted_people, *more])
    pin_hash = passwords.hash_password(cast.PIN)  # one for all: it is published anyway
    session.add_all(
        StaffPin(id=worker, pin_hash=pin_hash, set_by=actor.username)
        for worker in session.scalars(select(Staff.id))
    )


def _assays(session: Session, wanted: cast.Enterprise, now: datetime) -> None:
    """A passing assay for every week's batch where one is needed."""
    media: Mapping[str, str] = wanted.media
    for code in wanted.assayed:
        for week in range(HISTORY.days // 7 + 2):
            at = (now - timedelta(weeks=week)).astimezone(BEIJING)
            monday = at.date() - timedelta(days=at.weekday())
            session.add(
                Assay(
                    medium_id=media[code], batch=batch_of(code, at), passed=True, assayed_on=monday, recorded_by="L01"
                )
            )  # fmt: skip
    session.flush()
