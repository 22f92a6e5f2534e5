"""Facts survive the cache unchanged, and only as what they are."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.facts import CylinderFacts, FillFacts, LabelFacts, StampedDate
from tenants.rules.fill import refusals
from tenants.rules.states import DatePrecision
from tests.rules.examples import CYLINDER, LABEL
from tests.rules.strategies import ANY_FACTS


@given(ANY_FACTS)
def test_facts_are_read_back_as_they_were_written(facts: FillFacts) -> None:
    again = FillFacts.from_json(json.loads(json.dumps(facts.as_json())))
    assert again == facts
    assert refusals(again) == refusals(facts)


JSON_VALUES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
)


@given(st.sampled_from(sorted(CYLINDER.as_json())), JSON_VALUES)
def test_what_has_another_shape_is_no_fact(name: str, value: Any) -> None:
    data = {**CYLINDER.as_json(), name: value}
    try:
        found = CylinderFacts.from_json(data)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return
    assert CylinderFacts.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize("value", ["false", "true", 0, 1])
def test_a_text_or_a_number_is_no_truth_value(value: Any) -> None:
    with pytest.raises(TypeError):
        LabelFacts.from_json({**LABEL.as_json(), "disputed": value})


@pytest.mark.parametrize("name", ["status", "registered", "id", "medium_id"])
def test_a_fact_that_must_be_known_is_never_made_up(name: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        CylinderFacts.from_json({key: value for key, value in CYLINDER.as_json().items() if key != name})


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_month_ends_with_its_last_day_and_a_day_with_itself(day: date) -> None:
    assert StampedDate(day).last_legal_day() == day
    last = StampedDate(day, DatePrecision.MONTH).last_legal_day()
    assert (last.year, last.month) == (day.year, day.month)
    assert (last + timedelta(days=1)).day == 1
