"""Repeats change nothing, and workers that meet over the same cylinders neither wait for ever nor count twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest

from tenants.models import Fill, TraceEvent
from tenants.rules.states import EventKind
from tenants.services.apply import batch, inbox
from tests.cast import CYLINDERS
from tests.tenants.apply.site import Event, NoCache, Site, apply_all

MOVES = (
    *(EventKind.TAKE_IN, EventKind.STORE_IN, EventKind.STORE_OUT, EventKind.DELIVER, EventKind.RECOVER),
    *(EventKind.CHECK_BEFORE_FILL, EventKind.FILL, EventKind.FILL, EventKind.BIND_LABEL),
)


def test_the_same_event_twice_in_one_call_and_again_in_another_is_applied_once(site: Site) -> None:
    check, fill = site.check(), site.fill()
    first = site.send(check, fill, fill)
    again = site.send(check, fill)
    apply_all()
    afterwards = site.send(check, fill)

    assert [(r.accepted, r.duplicates, r.reused) for r in (first, again, afterwards)] == [
        (2, 1, ()),
        (0, 2, ()),
        (0, 2, ()),
    ]
    for receipt in (first, again, afterwards):
        report = site.report(receipt)
        assert report.done
        assert [result.state for result in report.results] == ["applied", "applied"]
    assert len(site.new(Fill)) == 1
    site.assert_one_effect_each()


def test_the_same_id_with_another_body_is_told_and_changes_nothing(site: Site) -> None:
    check, fill = site.check(), site.fill()
    site.do(check, fill)
    forged = site.send({**fill, "data": {**fill["data"], "net_kg": 1.0}}, site.event(EventKind.STORE_OUT))

    assert (forged.accepted, forged.reused) == (1, (0,))
    apply_all()
    assert [str(kept.net_kg) for kept in site.new(Fill)] == ["14.500"]


def test_calls_that_bring_the_same_events_at_the_same_moment_take_each_once(site: Site) -> None:
    events = [site.event(EventKind.TAKE_IN, name) for name in ("good", "due_soon", "oxygen", "suspended")]
    with ThreadPoolExecutor(4) as pool:
        receipts = list(
            pool.map(lambda order: site.send(*order), [events, events[::-1], events[1:], events[:3]])
        )
    apply_all()

    assert sum(receipt.accepted for receipt in receipts) == len(events)
    assert len(site.new(TraceEvent)) == len(events)
    assert all(site.report(receipt).done for receipt in receipts)


@pytest.mark.parametrize("seed", [1, 2])
def test_workers_on_the_same_cylinders_never_wait_for_each_other_in_a_ring(site: Site, seed: int) -> None:
    """Usually one worker at a time has an enterprise's uploads; after slow answers and deaths it may be several."""
    random, names = Random(seed), [*CYLINDERS][:8]
    receipts = [site.send(*_mixed(site, random, names)) for _ in range(24)]
    claims = [inbox.Claim(site.enterprise.tenant_id, (receipt.upload_id,), 1) for receipt in receipts]
    with ThreadPoolExecutor(3) as pool:
        done = list(
            pool.map(lambda claim: batch.apply_claimed(claim, NoCache()), claims)
        )  # a deadlock is an error

    assert sum(done) == 24 * 12
    assert all(site.report(receipt).done for receipt in receipts)
    site.assert_one_effect_each()


def _mixed(site: Site, random: Random, names: list[str]) -> list[Event]:
    return [_one(site, random.choice(MOVES), random.choice(names), random.choice(names)) for _ in range(12)]


def _one(site: Site, kind: EventKind, name: str, other: str) -> Event:
    data: dict[str, Any] = {"passed": True, "medium": "01", "net_kg": 14.0}
    if kind is EventKind.BIND_LABEL:
        data = {"cylinder": str(site.enterprise.cylinder_id(other)), "replaces": site.enterprise.code(other)}
    return site.event(kind, name, **data)
