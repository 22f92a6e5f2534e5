"""The inbox keeps its promises in any order of steps, and the machine that says so notices when it doesn't."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.models import DeviceEvent, TotalChange, Upload
from tenants.services import uploads
from tenants.services.apply import batch, inbox
from tenants.services.apply.book import Book
from tenants.services.apply.event import SHANGHAI
from tests.cast import A
from tests.chaos.model import InboxMachine
from tests.databases import Database
from tests.tenants.apply.site import Event, Site

QUICK = settings(
    max_examples=8, stateful_step_count=12, deadline=None, derandomize=True, database=None,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)  # fmt: skip
SEARCHING = settings(QUICK, max_examples=60)


@pytest.fixture
def machine(own_walls: Database) -> type[InboxMachine]:
    class Machine(InboxMachine):
        database = own_walls

    return Machine


def test_the_inbox_loses_nothing_and_counts_nothing_twice(machine: type[InboxMachine]) -> None:
    run_state_machine_as_test(machine, settings=QUICK)


def everything_again(session: Session, upload_ids: Any) -> Any:
    wanted = select(DeviceEvent.id).where(DeviceEvent.upload_id.in_(upload_ids))
    return session.scalars(wanted.order_by(DeviceEvent.position)).all()


def unconditional_locks(session: Session, upload_ids: Any) -> Any:
    return session.scalars(select(Upload).where(Upload.id.in_(upload_ids)).with_for_update()).all()


def repeats_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event is applied again although its receipt was there before; the keys of what it wrote stand in the way."""
    monkeypatch.setattr(batch, "_pending", everything_again)
    monkeypatch.setattr(batch, "lock_uploads", unconditional_locks)


def somebody_counts_by_hand_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the database notes by itself is added to the totals once more."""
    usual = Book.close

    def close(book: Book) -> None:
        usual(book)
        today = datetime.now(SHANGHAI).date()
        book.session.add(
            TotalChange(day=today, metric="checks", key="passed", medium_id="", value=Decimal(1))
        )

    monkeypatch.setattr(Book, "close", close)


def claiming_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload counts as done from the moment it is claimed."""
    usual = str(inbox._CLAIM)
    monkeypatch.setattr(inbox, "_CLAIM", text(usual.replace("SET state = 'claimed'", "SET state = 'done'")))


@pytest.mark.parametrize(
    "mutate",
    [repeats_count, somebody_counts_by_hand_too, claiming_finishes],
)
def test_a_mutant_of_the_inbox_is_noticed(
    machine: type[InboxMachine], monkeypatch: pytest.MonkeyPatch, mutate: Any
) -> None:
    mutate(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):
        run_state_machine_as_test(machine, settings=SEARCHING)


def test_a_device_that_is_answered_before_the_commit_is_noticed(machine: type[InboxMachine]) -> None:
    class PowerCut(Exception):
        pass

    def acknowledge(site: Site, events: list[Event]) -> None:
        sent = [uploads.Sent(i, UUID(e["id"]), e["seq"], e["kind"], e) for i, e in enumerate(events)]
        try:
            with scope.device_scope(A.tenant_id) as session:
                uploads.receive(session, A.uuid(40), sent)
                raise PowerCut  # the answer is on its way already
        except PowerCut:
            pass

    machine.acknowledge = staticmethod(acknowledge)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=SEARCHING)
