"""A filling site of the cast: its gateway sends events, a worker applies them, and the test looks at what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from tenants import scope
from tenants.models import Cylinder, Fill, FillCheck, Label, LabelIssue, TraceEvent, Violation
from tenants.models.base import new_id
from tenants.rules.facts import CylinderFacts, EnterpriseFacts
from tenants.rules.states import EventKind, Role
from tenants.services import uploads
from tenants.services.apply import batch, inbox
from tenants.services.recount import drift
from tenants.services.uploads import EventResult, Receipt, Sent, UploadReport
from tests.cast import A, Enterprise
from tests.databases import Database

Event = dict[str, Any]
MINUTE = timedelta(minutes=1)


class NoCache:
    """A cache that has nothing."""

    def cylinders(self, _tenant_id: int, _ids: Iterable[UUID]) -> Mapping[UUID, CylinderFacts]:
        return {}

    def enterprise(self, _tenant_id: int) -> EnterpriseFacts | None:
        return None


class Site:
    """One enterprise at work; its clock goes on a second with every event and is never ahead of the server's."""

    def __init__(self, database: Database, enterprise: Enterprise = A) -> None:
        self.database = database
        self.enterprise = enterprise
        self.filler = f"{enterprise.mark}{Role.FILLER.value}"
        self._seq = count(100)
        self._clock = datetime.now(UTC) - timedelta(hours=1)
        self.drift_before = self.drift()

    def event(
        self, kind: EventKind, name: str = "good", /, *, at: datetime | None = None, **data: Any
    ) -> Event:
        """A well-formed event about the cylinder of that name in the cast."""
        return self.scan(kind, self.enterprise.code(name), at=at, **data)

    def scan(self, kind: EventKind, label: str, /, *, at: datetime | None = None, **data: Any) -> Event:
        """The same about whatever a reader delivered."""
        self._clock += timedelta(seconds=1)
        return {
            "id": str(new_id()),
            "seq": next(self._seq),
            "kind": kind.value,
            "occurred_at": (at or self._clock).isoformat(),
            "label": label,
            "operator": self.filler,
            "place": "Q1",
            "data": data,
        }

    def check(self, name: str = "good", passed: bool = True, at: datetime | None = None) -> Event:
        return self.event(EventKind.CHECK_BEFORE_FILL, name, at=at, passed=passed)

    def fill(self, name: str = "good", at: datetime | None = None, **data: Any) -> Event:
        return self.event(EventKind.FILL, name, at=at, **{"medium": "01", "net_kg": 14.5, **data})

    def send(self, *events: Event) -> Receipt:
        """What the device API does with well-formed events."""
        sent = [
            Sent(i, UUID(event["id"]), event["seq"], event["kind"], event) for i, event in enumerate(events)
        ]
        with scope.device_scope(self.enterprise.tenant_id) as session:
            return uploads.receive(session, self.enterprise.uuid(40), sent)

    def do(self, *events: Event) -> list[EventResult]:
        """Send in one upload, apply, and say what became of each."""
        receipt = self.send(*events)
        apply_all()
        return list(self.report(receipt).results)

    def states(self, *events: Event) -> list[str]:
        return [result.state for result in self.do(*events)]

    def report(self, receipt: Receipt) -> UploadReport:
        with scope.device_scope(self.enterprise.tenant_id) as session:
            return uploads.upload_report(session, receipt.upload_id, self.enterprise.uuid(40))

    def cylinder(self, name: str = "good") -> Cylinder:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return session.get_one(Cylinder, (self.enterprise.tenant_id, self.enterprise.cylinder_id(name)))

    def label(self, name: str = "good") -> Label:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return session.scalars(select(Label).where(Label.code == self.enterprise.code(name))).one()

    def new(self, model: type[Any]) -> Sequence[Any]:
        """The records that came from device events, oldest first."""
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            wanted = select(model).where(model.event_id.is_not(None))
            return session.scalars(wanted.order_by(model.at)).all()

    def traced(self) -> list[str]:
        return [event.kind for event in self.new(TraceEvent)]

    def drift(self) -> Mapping[Any, Any]:
        with scope.tenant_scope(self.enterprise.tenant_id) as session:
            return drift(session)

    def assert_one_effect_each(self) -> None:
        """Each event has one receipt and one effect; totals are what a recount says."""
        kinds = (Fill, Violation, FillCheck, TraceEvent, LabelIssue)
        for model in kinds:
            ids = [(record.event_id, getattr(record, "action", "")) for record in self.new(model)]
            assert len(ids) == len(set(ids)), model.__name__
        both = {r.event_id for r in self.new(Fill)} & {r.event_id for r in self.new(Violation)}
        assert not both
        assert self.drift() == self.drift_before

    def make_due(self) -> None:
        """The lease of whatever is claimed ends now."""
        with self.database.as_admin() as connection:
            connection.execute(
                text("UPDATE gas.upload SET due_at = now() - interval '1 second' WHERE state <> 'done'")
            )


def apply_all() -> int:
    """A worker's loop without the worker: the number of events dealt with."""
    done = 0
    while claim := inbox.claim_next():
        done += batch.apply_claimed(claim, NoCache())
    return done
