"""The inbox in small: a machine that delivers, repeats, forges, kills and applies in any order, and a model that only knows a set of ids.

Whatever order the steps come in, each acknowledged event has one receipt and, in the end, one effect, and totals are what a recount says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, rule
from sqlalchemy import text

from tenants import scope
from tenants.models import DeviceEvent
from tenants.rules.states import EventKind
from tenants.services.apply import batch, inbox
from tests.cast import A
from tests.databases import Database
from tests.tenants.apply.site import Event, NoCache, Site

NAMES = ("good", "due_soon", "overdue", "suspended")
KINDS = (EventKind.CHECK_BEFORE_FILL, EventKind.FILL, EventKind.TAKE_IN, EventKind.DELIVER)


class Died(BaseException):
    """The process was killed here; nothing after this line ran."""


class InboxMachine(RuleBasedStateMachine):
    """One enterprise's inbox; `database` is set by whoever runs it."""

    database: Database
    acknowledge: Callable[[Site, list[Event]], Any] = staticmethod(lambda site, events: site.send(*events))

    events = Bundle("events")

    def __init__(self) -> None:
        super().__init__()
        with self.database.as_admin() as connection:
            left = "UPDATE gas.upload SET state = 'done' WHERE state <> 'done'"  # of the example before
            connection.execute(text(left))
        self.site = Site(self.database, A)
        self.known = {record.id for record in self._receipts()}
        self.acknowledged: set[str] = set()

    @rule(target=events, kind=st.sampled_from(KINDS), name=st.sampled_from(NAMES), count=st.integers(1, 4))
    def deliver(self, kind: EventKind, name: str, count: int) -> Any:
        data = {"passed": True, "medium": "01", "net_kg": 14.5}
        sent = [self.site.event(kind, name, **data) for _ in range(count)]
        self._acknowledge(sent)
        return multiple(*sent)

    @rule(again=st.lists(events, min_size=1, max_size=4))
    def repeat(self, again: list[Event]) -> None:
        self._acknowledge(again)

    @rule(event=events)
    def forge(self, event: Event) -> None:
        receipt = self.site.send({**event, "data": {"passed": False}})
        assert receipt.accepted == 0

    @rule()
    def claim_and_die(self) -> None:
        inbox.claim_next()
        self.site.make_due()

    @rule()
    def apply_and_die_before_the_commit(self) -> None:
        claim = inbox.claim_next()
        if claim is not None:
            with dying_before_the_commit():
                batch.apply_claimed(claim, NoCache())
            self.site.make_due()

    @rule(times=st.integers(1, 3))
    def apply(self, times: int) -> None:
        """The same claim more than once: its first worker was slow, or an orphan."""
        claim = inbox.claim_next()
        for _ in range(times if claim else 0):
            batch.apply_claimed(claim, NoCache())  # type: ignore[arg-type]

    @rule()
    def look(self) -> None:
        """At any moment: nothing acknowledged is lost, and nothing counts twice."""
        assert self.acknowledged <= {str(record.id) for record in self._receipts()}
        self.site.assert_one_effect_each()

    def teardown(self) -> None:
        self.site.make_due()
        while claim := inbox.claim_next():
            batch.apply_claimed(claim, NoCache())
        mine = [record for record in self._receipts() if record.id not in self.known]
        assert all(record.state in ("applied", "refused") for record in mine), "something is left undone"
        self.look()

    def _acknowledge(self, sent: list[Event]) -> None:
        type(self).acknowledge(self.site, sent)
        self.acknowledged.update(event["id"] for event in sent)

    def _receipts(self) -> Any:
        with scope.tenant_scope(A.tenant_id) as session:
            return session.query(DeviceEvent).all()


class dying_before_the_commit:  # noqa: N801 - reads as a sentence
    """Inside, a worker that reaches its commit dies."""

    def __enter__(self) -> None:
        self._usual = batch.crash_point

        def die(point: Any) -> None:
            if point is batch.CrashPoint.BEFORE_APPLY_COMMIT:
                raise Died

        batch.crash_point = die

    def __exit__(self, _kind: Any, problem: BaseException | None, _trace: Any) -> bool:
        batch.crash_point = self._usual
        return isinstance(problem, Died)
