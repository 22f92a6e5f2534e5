"""Knowing less, or waiting longer, never makes a forbidden fill legal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenants.rules.facts import CylinderFacts, FillFacts, StampedDate
from tenants.rules.fill import CHECKS, cautions, fillable_until, refusals
from tenants.rules.refusal import Refusal
from tests.rules.examples import ATTEMPT, EXAMPLES, GOOD, cylinder
from tests.rules.strategies import CYLINDERS, DAYS, MOST_FACTS, STAMPED


@given(MOST_FACTS)
def test_reasons_come_once_and_in_one_order_and_facts_of_any_shape_are_judged(facts: FillFacts) -> None:
    order = [refusal for refusal, _ in CHECKS]
    found = [order.index(refusal) for refusal in refusals(facts)]
    assert found == sorted(set(found))
    assert len(set(cautions(facts))) == len(cautions(facts))


@given(MOST_FACTS)
def test_nothing_is_filled_without_a_cylinder_and_a_label(facts: FillFacts) -> None:
    assert refusals(replace(facts, cylinder=None))
    nothing_scanned = replace(facts.attempt, scanned=None, uid=None)
    assert refusals(replace(facts, label=None, attempt=nothing_scanned))


@pytest.mark.parametrize("refusal", Refusal)
def test_an_example_stays_refused_without_its_cylinder_label_or_licence(refusal: Refusal) -> None:
    facts = EXAMPLES[refusal]()
    assert refusals(replace(facts, cylinder=None))
    assert refusals(replace(facts, cylinder=None, label=None))
    assert refusals(replace(facts, enterprise=replace(facts.enterprise, licence_no=None)))
    assert refusals(replace(facts, enterprise=replace(facts.enterprise, licence_media=())))


@given(MOST_FACTS)
def test_a_check_a_licence_or_a_person_that_is_missing_never_helps(facts: FillFacts) -> None:
    assume(refusals(facts))
    assert refusals(replace(facts, enterprise=replace(facts.enterprise, licence_no=None)))
    assert refusals(replace(facts, enterprise=replace(facts.enterprise, assays=())))
    nobody = replace(facts, enterprise=replace(facts.enterprise, operators=()))
    assert refusals(nobody)
    if facts.cylinder is not None:
        assert refusals(replace(facts, cylinder=replace(facts.cylinder, checked_at=None)))
        assert refusals(replace(facts, cylinder=replace(facts.cylinder, check_passed=None)))


@given(MOST_FACTS, DAYS)
def test_what_is_forbidden_on_a_day_is_forbidden_on_every_later_day(facts: FillFacts, later: date) -> None:
    assume(later > facts.attempt.on)
    known = tuple(assay for assay in facts.enterprise.assays if assay.assayed_on <= facts.attempt.on)
    today = replace(facts, enterprise=replace(facts.enterprise, assays=known))
    assume(refusals(today))
    assert refusals(replace(today, attempt=replace(today.attempt, on=later)))


@given(CYLINDERS)
def test_fillable_until_is_the_earliest_of_its_dates(c: CylinderFacts) -> None:
    stamped = (c.next_inspection, c.end_of_life, c.valve_end_of_life)
    days = [date_.last_legal_day() for date_ in stamped if date_ is not None]
    assert fillable_until(c) == (min(days) if days else None)


MAYBE = st.none() | STAMPED
BY_DATE = {Refusal.INSPECTION_OVERDUE, Refusal.BEYOND_SERVICE_LIFE, Refusal.VALVE_TOO_OLD}


@given(inspection=MAYBE, life=MAYBE, valve=MAYBE, on=DAYS)
def test_the_dates_refuse_from_the_day_after_fillable_until(
    inspection: StampedDate | None, life: StampedDate | None, valve: StampedDate | None, on: date
) -> None:
    facts = cylinder(next_inspection=inspection, end_of_life=life, valve_end_of_life=valve)
    assert facts.cylinder is not None
    until = fillable_until(facts.cylinder)
    refused = BY_DATE & set(refusals(replace(facts, attempt=replace(ATTEMPT, on=on))))
    assert bool(refused) == (until is not None and on > until)


@given(DAYS, st.integers(1, 2000))
def test_an_earlier_stamp_never_allows_more(on: date, days: int) -> None:
    assert GOOD.cylinder is not None
    for name in ("next_inspection", "end_of_life", "valve_end_of_life"):
        stamp = getattr(GOOD.cylinder, name)
        earlier = replace(stamp, on=date.fromordinal(stamp.on.toordinal() - days))
        attempt = replace(ATTEMPT, on=on)
        now = refusals(replace(GOOD, attempt=attempt))
        then = refusals(replace(cylinder(**{name: earlier}), attempt=attempt))
        assert set(now) <= set(then)
