"""The stage of the cache's tests: cylinders of enterprise A, what may happen to them, and what PostgreSQL says of them now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from tenants import models, scope
from tenants.errors import Conflict
from tenants.models.base import new_id
from tenants.permissions import Actor
from tenants.rules.facts import EnterpriseFacts
from tenants.rules.refusal import Refusal
from tenants.rules.states import Disposition, LabelState, Role
from tenants.services import labels
from tenants.services.apply.batch import apply_event
from tenants.services.apply.book import open_book
from tenants.services.apply.event import read_event
from tenants.services.apply.outcome import Outcome
from tenants.services.findings import Found, make_finding
from tenants.services.sources import DatabaseSource
from tenants.services.touch import touch_cylinders, touch_enterprise
from tenants.services.verdicts import FactsSource, Wanted, judge
from tenants.verdict_cache import CachedSource, VerdictCache
from tests.cast import OXYGEN, TODAY, YEARS, A, Enterprise

FILLER = f"{A.mark}filler"
ACTOR = Actor(role=Role.ADMIN, tenant_id=A.tenant_id, username="za-admin", device_id=A.uuid(40))
INSPECTOR = Actor(role=Role.INSPECTOR, username="inspector", jurisdiction=A.district)
_serials = count(500001)


@dataclass(frozen=True, slots=True)
class Known:
    """A cylinder on the stage: its label in force, a spare one, its chip."""

    id: UUID
    code: str
    spare: str
    uid: str

    @property
    def codes(self) -> tuple[str, str]:
        return self.code, self.spare


def new_cylinder(medium_code: str = "01") -> Known:
    """A cylinder of A that may be filled, but for its check."""
    number, medium = next(_serials), "O2" if medium_code == OXYGEN else "LPG"
    head = f"{A.district}{A.enterprise}{medium_code}"
    known = Known(new_id(), f"{head}{number:06d}", f"{head}{number + 200_000:06d}", f"A1B2C3D4{number:08X}")
    with scope.worker_scope(A.tenant_id) as session:
        session.execute(
            insert(models.Cylinder).inline().values(
                id=known.id, serial_no=f"ZA-C{number}", kind_code="LPG_WELDED" if medium == "LPG" else "SMLS_STEEL",
                medium_id=medium, registration_no=f"ZA-R{number}", district=A.district, tare_kg=A.kilos,
                next_inspection_on=TODAY + YEARS, end_of_life_on=TODAY + 5 * YEARS,
            )
        )  # fmt: skip
        for code, state in ((known.code, LabelState.BOUND), (known.spare, LabelState.ISSUED)):
            bound = {"cylinder_id": known.id, "uid": known.uid} if state is LabelState.BOUND else {}
            row = {
                "id": new_id(),
                "code": code,
                "kind": "metal",
                "medium_code": medium_code,
                "state": state.value,
            }
            session.execute(insert(models.Label).inline().values(**row, **bound))
        cylinder = session.get_one(models.Cylinder, (A.tenant_id, known.id), with_for_update=True)
        touch_cylinders(session, [cylinder])
    return known


def put_enterprise_in_order() -> None:
    """A has its licence, its people and its assays again."""
    for change in ("licence_restored", "certificate_given", "assay_passed"):
        change_enterprise(change)
    with scope.worker_scope(A.tenant_id) as session:
        session.execute(
            update(models.MediumCode).where(models.MediumCode.code == OXYGEN).values(assay_required=True)
        )
        touch_enterprise(session, A.tenant_id)


def change_cylinder(known: Known, **values: Any) -> None:
    """Somebody edits the archive."""
    with scope.worker_scope(A.tenant_id) as session:
        cylinder = session.get_one(models.Cylinder, (A.tenant_id, known.id), with_for_update=True)
        for name, value in values.items():
            setattr(cylinder, name, value)
        touch_cylinders(session, [cylinder])


CYLINDER_CHANGES: dict[str, dict[str, Any]] = {
    "suspended": {"status": "suspended"},
    "back_in_use": {"status": "in_use"},
    "overdue": {"next_inspection_on": TODAY - YEARS},
    "inspected": {"next_inspection_on": TODAY + YEARS},
    "not_registered": {"registration_no": ""},
}


def _lose(session: Session, known: Known) -> None:
    labels.retire_label(session, ACTOR, known.code, LabelState.LOST, "lost in the yard")


def _void(session: Session, known: Known) -> None:
    labels.retire_label(session, ACTOR, known.code, LabelState.VOID, "torn")


def _replace(session: Session, known: Known) -> None:
    labels.bind_label(session, ACTOR, known.spare, known.id, replaces=known.code)


def _dispute(session: Session, known: Known) -> None:
    labels.dispute_label(session, ACTOR, known.code, "seen on another cylinder")


LABEL_CHANGES: dict[str, Callable[[Session, Known], None]] = {
    "lost": _lose,
    "void": _void,
    "replaced": _replace,
    "disputed": _dispute,
}


def change_label(known: Known, how: str) -> None:
    """Something happens to its label; what can't happen any more doesn't."""
    with suppress(Conflict), scope.worker_scope(A.tenant_id) as session:
        LABEL_CHANGES[how](session, known)


def _licence(session: Session, **values: Any) -> None:
    usual = {
        "number": "ZA-TS-2",
        "media": ["LPG", "O2"],
        "expires_on": TODAY + YEARS,
        "recorded_at": func.clock_timestamp(),
    }
    session.execute(insert(models.Licence).inline().values(id=new_id(), **{**usual, **values}))


def _certificate(session: Session, **values: Any) -> None:
    session.execute(update(models.Certificate).where(models.Certificate.id == A.uuid(20)).values(**values))


def _assay(session: Session, passed: bool) -> None:
    row = {"id": new_id(), "medium_id": "O2", "batch": f"{A.mark}-B1", "passed": passed, "assayed_on": TODAY}
    later = {"valid_until": TODAY + YEARS, "recorded_at": func.clock_timestamp()}
    session.execute(insert(models.Assay).inline().values(**row, **later))


ENTERPRISE_CHANGES: dict[str, Callable[[Session], None]] = {
    "licence_suspended": lambda s: _licence(s, state="suspended"),
    "licence_expired": lambda s: _licence(s, expires_on=TODAY - YEARS),
    "licence_restored": lambda s: _licence(s),
    "certificate_taken": lambda s: _certificate(s, item="R1"),
    "certificate_given": lambda s: _certificate(s, item="P"),
    "assay_failed": lambda s: _assay(s, False),
    "assay_passed": lambda s: _assay(s, True),
}


def change_enterprise(how: str) -> None:
    """Something happens to the licence, the people or the gas."""
    with scope.worker_scope(A.tenant_id) as session:
        ENTERPRISE_CHANGES[how](session)
        touch_enterprise(session, A.tenant_id)


def inspector_decides(known: Known, disposition: Disposition) -> None:
    """An authority's inspector stops it or lets it go; what doesn't stand can't be lifted."""
    found = Found(known.code, 1, disposition, new_id())
    with suppress(Conflict), scope.inspector_scope(A.district) as session:
        make_finding(session, INSPECTOR, found)


EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "check_passed": ("check_before_fill", {"passed": True}),
    "check_failed": ("check_before_fill", {"passed": False}),
    "filled": ("fill", {"net_kg": "10"}),
    "inspected": ("inspect", {"passed": True, "next_on": (TODAY + 3 * YEARS).isoformat()}),
    "scrapped": ("scrap", {"reason": "dented"}),
}


def device_reports(cache: VerdictCache, known: Known, what: str) -> Outcome:
    """An event of a device is applied as a worker does it, with the cache at hand."""
    kind, data = EVENTS[what]
    now = datetime.now(UTC)
    body = {
        "id": str(new_id()),
        "kind": kind,
        "occurred_at": now.isoformat(),
        "label": known.code,
        "operator": FILLER,
        "data": data,
    }
    with scope.worker_scope(A.tenant_id) as session:
        event = read_event(body, A.uuid(40), now, A.district)
        book = open_book(session, ACTOR, A.tenant_id, [known.code], [], cache)
        outcome = apply_event(book, event)
        book.close()
    return outcome


def _changes() -> list[Callable[[VerdictCache, Known], None]]:
    """Everything above, each as one thing that happens to a cylinder or to its enterprise."""
    edits = [partial(change_cylinder, **values) for values in CYLINDER_CHANGES.values()]
    decided = [partial(inspector_decides, disposition=one) for one in (Disposition.STOP, Disposition.LIFTED)]
    stuck = [partial(change_label, how=how) for how in LABEL_CHANGES]
    told = [partial(change_enterprise, how) for how in ENTERPRISE_CHANGES]
    sent = [partial(device_reports, what=what) for what in EVENTS]
    return [
        *(lambda _, known, edit=edit: edit(known) for edit in (*edits, *stuck, *decided)),
        *(lambda _, __, tell=tell: tell() for tell in told),
        *(lambda cache, known, send=send: send(cache, known) for send in sent),
    ]


CHANGES = _changes()


@dataclass(frozen=True, slots=True)
class Greeting:
    """What PostgreSQL says when a device calls."""

    tenant_id: int
    epoch: int
    waiting: tuple[str, ...]


def greet(enterprise: Enterprise) -> Greeting:
    """The look at the database that begins every call of a device."""
    with scope.device_key_scope() as session:
        token_hash = sha256(enterprise.token.encode()).hexdigest()
        told = session.scalar(text("SELECT gas.device_by_token(:hash)"), {"hash": token_hash})
    return Greeting(told["tenant_id"], told["epoch"], tuple(told["waiting"]))


def source_of(cache: VerdictCache, greeting: Greeting) -> CachedSource:
    tenant_id = greeting.tenant_id
    return CachedSource(
        cache, tenant_id, greeting.epoch, greeting.waiting, lambda: scope.device_scope(tenant_id)
    )


Answers = dict[str, tuple[Refusal, ...]]


class AskedOnce:
    """A source that is asked for the enterprise once, because that answer is the same in every question of one moment."""

    def __init__(self, source: FactsSource) -> None:
        self.by_code, self.by_uid = source.by_code, source.by_uid
        self._enterprise = source.enterprise()

    def enterprise(self) -> EnterpriseFacts:
        return self._enterprise


def ask_all(source: FactsSource, cylinders: Iterable[Known], at: datetime) -> Answers:
    """The verdict on every label and chip."""
    once, answers = AskedOnce(source), Answers()
    for known in cylinders:
        for code in known.codes:
            answers[code] = judge(once, Wanted(at, label=code, operator=FILLER)).refusals
        answers[known.uid] = judge(once, Wanted(at, uid=known.uid, operator=FILLER)).refusals
    return answers


def truth(cylinders: Iterable[Known], at: datetime) -> Answers:
    """What PostgreSQL says, past every cache."""
    with scope.device_scope(A.tenant_id) as session:
        return ask_all(DatabaseSource(session, A.tenant_id), cylinders, at)


def waiting_rows() -> int:
    """How many changes the relay hasn't carried on."""
    with scope.relay_scope() as session:
        return (
            session.scalar(select(func.count(models.Outbox.id)).where(models.Outbox.relayed_at.is_(None)))
            or 0
        )


def clear_outbox() -> None:
    with scope.relay_scope() as session:
        session.execute(delete(models.Outbox))
