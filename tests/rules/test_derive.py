"""A date is proposed from a sure figure, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.derive import CycleRow, Proposal, end_of_life, next_inspection, next_inspection_of_mixture
from tenants.rules.facts import StampedDate
from tenants.rules.states import DatePrecision, NotDerived
from tests.rules.tables import cycles

MARCH = StampedDate(date(2022, 3, 1), DatePrecision.MONTH)
THE_31ST = StampedDate(date(2020, 2, 29))
TABLE = cycles()


def test_the_next_inspection_is_one_interval_on_to_the_same_precision() -> None:
    found = next_inspection(TABLE, "2320LPG", "LPG", MARCH)
    assert found.date == StampedDate(date(2026, 3, 1), DatePrecision.MONTH)
    assert found.rows == ("IC12", "IC13")
    assert next_inspection(TABLE, "2310", "OTHER", THE_31ST).date == StampedDate(date(2023, 2, 28))


def test_a_new_cylinder_counts_from_its_manufacture() -> None:
    assert next_inspection(TABLE, "2310", "N2_SF6_INERT", None, MARCH).date == replace(
        MARCH, on=date(2027, 3, 1)
    )
    assert next_inspection(TABLE, "2310", "OTHER", None).because is NotDerived.NO_START


def test_of_several_lives_the_shortest_counts() -> None:
    assert end_of_life(TABLE, "2320LPG", "LPG", MARCH).date == replace(MARCH, on=date(2030, 3, 1))


@pytest.mark.parametrize(
    ("kind", "medium_class", "because"),
    [
        ("2310AL", "N2_SF6_INERT", NotDerived.UNSURE),
        ("VH2", "H2_VEHICLE", NotDerived.UNSURE),
        ("FIRE", "FIRE", NotDerived.UNSURE),
        ("23T0LPGF", "LPG", NotDerived.NO_FIGURE),
        ("BUNDLE", "BY_MEMBER", NotDerived.NO_FIGURE),
        ("NONREFILL", "LPG", NotDerived.NO_FIGURE),
        ("FIRE", "OTHER", NotDerived.NO_ROW),
        ("nothing", "LPG", NotDerived.NO_ROW),
    ],
)
def test_an_unsure_or_empty_figure_derives_nothing(kind: str, medium_class: str, because: NotDerived) -> None:
    found = next_inspection(TABLE, kind, medium_class, MARCH)
    assert (found.date, found.because) == (None, because)


def test_the_two_figures_of_a_row_are_trusted_apart() -> None:
    assert next_inspection(TABLE, "23T0DPL", "CRYOGENIC", MARCH).date is not None
    assert end_of_life(TABLE, "23T0DPL", "CRYOGENIC", MARCH).because is NotDerived.UNSURE


def test_a_mixture_is_due_as_early_as_its_most_demanding_gas() -> None:
    found = next_inspection_of_mixture(TABLE, "2310", ["N2_SF6_INERT", "CORROSIVE_OR_MARINE", "OTHER"], MARCH)
    assert found == Proposal(replace(MARCH, on=date(2024, 3, 1)), None, ("IC01",))
    unsure = next_inspection_of_mixture(TABLE, "2310AL", ["OTHER", "N2_SF6_INERT"], MARCH)
    assert unsure.because is NotDerived.UNSURE
    assert next_inspection_of_mixture(TABLE, "2310", [], MARCH).because is NotDerived.NO_ROW


@given(
    years=st.none() | st.decimals(0, 50, places=1),
    confidence=st.sampled_from(["S1", "S2", "M", "U", "", "-"]),
    start=st.none()
    | st.builds(StampedDate, st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.sampled_from(DatePrecision)),
)
def test_there_is_a_date_or_a_reason_and_never_both(
    years: Decimal | None, confidence: str, start: StampedDate | None
) -> None:
    row = CycleRow("R", "K", "C", years, confidence, years, confidence)
    for found in (next_inspection([row], "K", "C", start), end_of_life([row], "K", "C", start)):
        assert (found.date is None) is not (found.because is None)
        sure = years is not None and confidence in ("S1", "S2", "M") and start is not None
        assert (found.date is not None) is sure
        if found.date is not None and start is not None:
            assert found.date.on >= start.on
            assert found.date.precision is start.precision
    assert CycleRow.from_json(row.as_json()) == row
