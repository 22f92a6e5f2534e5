"""What the inspector of the demo city found: through the same service as everybody, at the same few cylinders every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.demo import cast
from tenants.demo.seasons import BEIJING, moment
from tenants.demo.weeks import event_id
from tenants.models import Account, Authority, Device, Fill, Finding, Label, TraceEvent, Violation
from tenants.permissions import Actor
from tenants.rules import facts as known
from tenants.rules.codes import ScannedCode
from tenants.rules.states import Disposition, EventKind, Role
from tenants.scope import inspector_scope, platform_scope, worker_scope
from tenants.services.apply.batch import apply_event
from tenants.services.apply.book import open_book
from tenants.services.apply.event import Incoming
from tenants.services.findings import Found, make_finding

OURS = UUID(
    "6f1d3c52-7f0e-5a4e-9d7a-0a4c5e3b2f10"
)  # of this demo; the references of its findings come from it
BREATH = timedelta(minutes=40)  # between what happened last and what is found


@dataclass(frozen=True, slots=True)
class Step:
    """What was decided so many days ago."""

    days: int
    disposition: Disposition
    hazard: int
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """A cylinder, what was decided about it, and whether somebody tries to fill it afterwards."""

    enterprise: str
    serial: int
    steps: tuple[Step, ...]
    tried: bool = False


CASES = (
    Case("370502-001", 3, (Step(6, Disposition.STOP, 41, "检验标志与档案不符，疑似伪造。就地停用，等待鉴定。"),), tried=True),
    Case("370503-002", 2, (
        Step(9, Disposition.RECTIFY, 27, "瓶阀手轮缺失，护罩松动。限 7 日内更换并复查。"),
        Step(4, Disposition.LIFTED, 27, "已更换瓶阀和护罩，现场复查合格。"),
    )),
    Case("370502-004", 3, (Step(3, Disposition.RECTIFY, 11, "漆色脱落，不能辨认介质。重新涂敷后申请复查。"),)),
    Case("370505-006", 2, (Step(2, Disposition.NOTED, 37, "充装秤检定标签模糊，已当场提醒。"),)),
    Case("370523-010", 2, (Step(1, Disposition.NOTED, 43, "用户把 YSP118 气瓶放在室内，已告知移出。"),)),
)  # fmt: skip


def find(now: datetime, ids: Mapping[str, int]) -> int:
    """Everything that was found at these enterprises and isn't there yet; how many tries to fill were refused for it."""
    actor = _inspector()
    if actor is None:
        return 0
    cases = [case for case in CASES if case.enterprise in ids and _is_new(actor, case)]
    for case in cases:
        _decide(actor, case, now)
    return sum(_try(ids[case.enterprise], case, now) for case in cases if case.tried)


def _inspector() -> Actor | None:
    """The first inspector of the demo's offices."""
    name = next(office.inspector for office in cast.OFFICES if office.inspector)
    wanted = select(Account.id, Account.authority_id, Authority.jurisdiction).join(
        Authority, Authority.id == Account.authority_id
    )
    with platform_scope() as session:
        row = session.execute(wanted.where(Account.username == name)).one_or_none()
    if row is None:
        return None
    return Actor(Role.INSPECTOR, row.id, name, authority_id=row.authority_id, jurisdiction=row.jurisdiction)


def _code(case: Case) -> str:
    return f"{case.enterprise.replace('-', '')}01{case.serial:06d}"


def _is_new(actor: Actor, case: Case) -> bool:
    with inspector_scope(actor.jurisdiction) as session:
        bears = session.scalar(select(Label.cylinder_id).where(Label.code == _code(case)))
        return bears is not None and not session.scalar(
            select(func.count()).select_from(Finding).where(Finding.cylinder_id == bears)
        )


def _decide(actor: Actor, case: Case, now: datetime) -> None:
    with inspector_scope(actor.jurisdiction) as session:
        for number, step in enumerate(case.steps):
            left = BREATH * (len(case.steps) - number + 1)
            day = (now - timedelta(days=step.days)).astimezone(BEIJING).date()
            planned = moment(day, 9.5 * 60 + 37 * (case.serial + number))
            at = min(max(planned, _last(session, case) + BREATH), now - left)
            ref = uuid5(OURS, f"{_code(case)}-{number}")
            make_finding(
                session, actor, Found(_code(case), step.hazard, step.disposition, ref, step.words, at)
            )


def _last(session: Session, case: Case) -> datetime:
    """When something last happened to it."""
    bears = select(Label.cylinder_id).where(Label.code == _code(case)).scalar_subquery()
    moments: Iterable[datetime | None] = (
        session.scalar(select(func.max(table.at)).where(table.cylinder_id == bears))
        for table in (TraceEvent, Fill, Violation)
    )
    return max(moment for moment in moments if moment is not None)


class _Nothing:
    """A cache that has nothing."""

    def cylinders(self, tenant_id: int, ids: Iterable[UUID]) -> Mapping[UUID, known.CylinderFacts]:
        """None of them."""
        del tenant_id, ids
        return {}

    def enterprise(self, tenant_id: int) -> None:
        """Not it either."""
        del tenant_id


def _try(tenant_id: int, case: Case, now: datetime) -> int:
    """A worker reads the stopped cylinder at the filling line."""
    code = _code(case)
    with worker_scope(tenant_id) as session:
        at = min(_last(session, case) + BREATH, now)
        device = session.scalars(select(Device.id).order_by(Device.created_at, Device.name).limit(1)).one()
        event = Incoming(
            id=event_id(at, Random(code)), kind=EventKind.FILL, device_id=device, device_at=at, received_at=at,  # noqa: S311
            scanned=code, code=ScannedCode(code), malformed="", uid=None, operator="F01", place="G1", position=None,
            data={"medium": "01", "gun": "G1"},
        )  # fmt: skip
        book = open_book(
            session, Actor(Role.FILLER, tenant_id=tenant_id, device_id=device), tenant_id, [code], [], _Nothing()
        )  # fmt: skip
        outcome = apply_event(book, event)
        book.close()
    return int(outcome.state == "refused")
