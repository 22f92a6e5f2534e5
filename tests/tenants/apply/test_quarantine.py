"""One event that breaks the program, or kills the worker, is put aside with a reason; every other one is applied."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tenants import scope
from tenants.models import Fill, TraceEvent
from tenants.rules.states import EventKind
from tenants.services.apply import batch, inbox, steps
from tenants.services.apply.book import Book
from tenants.services.apply.event import Incoming
from tenants.services.apply.outcome import Outcome
from tests.cast import LOOSE, B
from tests.tenants.apply.site import NoCache, Site, apply_all

MOST_DEATHS = inbox.TRIES_TOGETHER + inbox.TRIES_ALONE


@pytest.fixture
def trap(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """From then on, taking in the cylinder «oxygen» does this."""
    usual = steps.STEPS[EventKind.TAKE_IN]

    def lay(bite: Callable[[], object]) -> None:
        def step(book: Book, event: Incoming) -> Outcome:
            if event.code and event.code.code == site.enterprise.code("oxygen"):
                bite()
            return usual(book, event)

        monkeypatch.setitem(steps.STEPS, EventKind.TAKE_IN, step)

    return lay


def fail() -> None:
    raise ZeroDivisionError


def upload_with_one_bad(site: Site) -> list[dict[str, object]]:
    return [
        site.check(),
        site.event(EventKind.TAKE_IN, "oxygen"),
        site.fill(),
        site.event(EventKind.TAKE_IN, "due_soon"),
    ]


def test_an_event_that_breaks_the_program_is_put_aside_and_the_others_are_applied(
    site: Site, trap: Callable[[Callable[[], object]], None]
) -> None:
    trap(fail)
    results = site.do(*upload_with_one_bad(site))

    assert [result.state for result in results] == ["applied", "rejected", "applied", "applied"]
    assert results[1].code == "quarantined"
    assert "ZeroDivisionError" in results[1].message["en"]
    assert "隔离" in results[1].message["zh"]
    assert len(site.new(Fill)) == 1
    site.assert_one_effect_each()


def test_an_event_that_the_database_refuses_is_put_aside_and_the_others_are_applied(
    site: Site, trap: Callable[[Callable[[], object]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = steps.STEPS[EventKind.TAKE_IN]

    def step(book: Book, event: Incoming) -> Outcome:
        outcome = usual(book, event)
        if event.code and event.code.code == site.enterprise.code("oxygen"):
            book.records[-1][1]["time_trust"] = "perhaps"
        return outcome

    monkeypatch.setitem(steps.STEPS, EventKind.TAKE_IN, step)
    results = site.do(*upload_with_one_bad(site))

    assert [result.state for result in results] == ["applied", "rejected", "applied", "applied"]
    assert "IntegrityError" in results[1].message["en"]
    site.assert_one_effect_each()


def die() -> None:
    os._exit(9)


def in_workers_that_may_die(site: Site) -> Iterator[int]:
    """A worker after the other drains the inbox until one survives; their exit codes."""
    for _ in range(MOST_DEATHS + 2):
        child = os.fork()
        if child == 0:
            scope.dispose()
            try:
                apply_all()
            except BaseException:
                os._exit(1)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        yield code
        if code == 0:
            return
        site.make_due()


def test_an_event_that_kills_its_worker_is_put_aside_after_a_few_deaths(
    site: Site, trap: Callable[[Callable[[], object]], None]
) -> None:
    trap(die)
    receipt = site.send(*upload_with_one_bad(site))
    deaths = list(in_workers_that_may_die(site))
    results = site.report(receipt).results

    assert deaths == [9] * MOST_DEATHS + [0]
    assert [result.state for result in results] == ["applied", "rejected", "applied", "applied"]
    assert "the worker ended" in results[1].message["en"]
    site.assert_one_effect_each()


def test_another_enterprises_uploads_flow_on_while_one_kills_workers(
    site: Site, trap: Callable[[Callable[[], object]], None]
) -> None:
    trap(die)
    site.send(*upload_with_one_bad(site))
    next(in_workers_that_may_die(site))  # its lease still holds

    other = Site(site.database, B)
    assert other.states(other.event(EventKind.TAKE_IN)) == ["applied"]


def test_a_lease_that_ended_lets_another_worker_have_the_upload_and_the_first_comes_too_late(
    site: Site,
) -> None:
    receipt = site.send(site.check(), site.fill())
    slow = inbox.claim_next()
    assert slow is not None
    assert inbox.claim_next() is None
    site.make_due()
    assert apply_all() == 2
    assert batch.apply_claimed(slow, NoCache()) == 0
    assert [result.state for result in site.report(receipt).results] == ["applied", "applied"]
    site.assert_one_effect_each()


def test_an_upload_that_is_given_back_is_due_a_little_later(site: Site) -> None:
    site.send(site.check())
    claim = inbox.claim_next()
    assert claim is not None
    inbox.give_back(claim)

    assert inbox.claim_next() is None
    assert not inbox.anything_due()
    site.make_due()
    assert inbox.anything_due()
    assert apply_all() == 1


def test_a_chip_that_is_none_or_another_labels_is_rejected_with_a_reason(site: Site) -> None:
    cylinder = str(site.enterprise.cylinder_id("good"))
    taken = f"{site.enterprise.digit.upper() * 8}00000001"
    binds = [
        {**site.event(EventKind.BIND_LABEL, LOOSE[0], cylinder=cylinder), "uid": uid}
        for uid in ("xyz", taken, "E0" * 8)
    ]
    assert [(result.state, result.code) for result in site.do(*binds)] == [
        ("rejected", "bad_data"),
        ("rejected", "chip_in_use"),
        ("applied", ""),
    ]
    assert len(site.new(TraceEvent)) == 1


def test_uploads_taken_together_with_a_bad_one_are_applied_all_the_same(
    site: Site, trap: Callable[[Callable[[], object]], None]
) -> None:
    trap(fail)
    before, bad = site.send(site.event(EventKind.TAKE_IN)), site.send(*upload_with_one_bad(site))
    behind = site.send(site.event(EventKind.STORE_OUT))
    apply_all()

    states = [[result.state for result in site.report(receipt).results] for receipt in (before, bad, behind)]
    assert states == [["applied"], ["applied", "rejected", "applied", "applied"], ["applied"]]
    site.assert_one_effect_each()
