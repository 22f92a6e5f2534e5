"""An enterprise's uploads are applied one at a time and in order; nobody waits for another enterprise's."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tenants import scope
from tenants.queries.inbox import inbox_figures
from tenants.rules.states import EventKind
from tenants.services.apply import batch, inbox
from tests.cast import B
from tests.tenants.apply.site import NoCache, Site, apply_all


@pytest.fixture
def other(site: Site) -> Site:
    return Site(site.database, B)


def test_uploads_that_wait_are_taken_together_and_applied_in_order(site: Site) -> None:
    sent = [site.send(site.check()), site.send(site.fill()), site.send(site.check(), site.fill())]
    claim = inbox.claim_next()

    assert claim is not None
    assert claim.upload_ids == tuple(receipt.upload_id for receipt in sent)
    assert batch.apply_claimed(claim, NoCache()) == 4
    assert all(result.state == "applied" for receipt in sent for result in site.report(receipt).results)
    site.assert_one_effect_each()


def test_what_comes_while_the_first_is_worked_on_waits_and_so_it_does_after_a_death(site: Site) -> None:
    first = site.send(site.check())
    assert inbox.claim_next() is not None
    second = site.send(site.fill())
    assert inbox.claim_next() is None
    site.make_due()  # the first one's worker died
    again = inbox.claim_next()

    assert again is not None
    assert again.upload_ids == (first.upload_id,)
    site.make_due()
    apply_all()
    assert [result.state for result in site.report(second).results] == ["applied"]


def test_many_events_are_applied_in_several_transactions(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_EVENTS", 3)
    sent = [site.send(*(site.event(EventKind.TAKE_IN) for _ in range(size))) for size in (2, 1, 1, 5, 1)]
    claim = inbox.claim_next()

    assert claim is not None
    chunks = [list(chunk) for chunk in batch._chunks(claim)]
    assert [len(chunk) for chunk in chunks] == [2, 1, 1, 1]
    assert batch.apply_claimed(claim, NoCache()) == 10
    assert all(site.report(receipt).done for receipt in sent)


def test_another_enterprise_does_not_wait(site: Site, other: Site) -> None:
    first, theirs = site.send(site.check()), other.send(other.check())
    claims = [inbox.claim_next() for _ in range(3)]

    assert [claim and claim.upload_ids for claim in claims] == [(first.upload_id,), (theirs.upload_id,), None]


def test_an_upload_that_failed_several_times_is_overtaken(site: Site) -> None:
    site.send(site.event(EventKind.TAKE_IN))
    for _ in range(inbox.TRIES_TOGETHER + 1):
        assert inbox.claim_next() is not None
        site.make_due()
    with site.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.upload SET due_at = now() + interval '1 hour' WHERE state = 'claimed'")
        )

    assert site.states(site.event(EventKind.TAKE_IN, "due_soon")) == ["applied"]


def test_monitoring_sees_how_much_waits_and_what_became_of_the_rest(site: Site) -> None:
    with scope.relay_scope() as session:
        before = inbox_figures(session)
    site.do(site.check(), site.fill("overdue"), site.scan(EventKind.DELIVER, "hello"), site.fill())
    site.send(site.check())
    with scope.relay_scope() as session:
        after = inbox_figures(session)

    assert (before.depth, after.depth, after.tried_again) == (0, 1, 0)
    assert after.oldest_s > 0
    new = (after.applied - before.applied, after.refused - before.refused, after.rejected - before.rejected)
    assert new == (2, 1, 1)


def test_after_one_death_they_are_taken_together_once_more_and_then_each_alone(site: Site) -> None:
    for _ in range(3):
        site.send(site.check())
    taken = []
    for _ in range(3):
        claim = inbox.claim_next()
        assert claim is not None
        taken.append((claim.attempts, len(claim.upload_ids)))
        site.make_due()

    assert taken == [(1, 3), (2, 3), (3, 1)]
