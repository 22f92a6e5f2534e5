"""Each reason refuses by itself, and nothing refuses a good fill."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenants.reference
from tenants.rules.facts import AssayFacts, FillFacts, LimitFacts, StampedDate
from tenants.rules.fill import CAUTIONS, CHECKS, Caution, cautions, fillable_until, refusals
from tenants.rules.limits import at_20_c
from tenants.rules.public import PublicStatus, public_status
from tenants.rules.refusal import REASONS, UNDECIDABLE_FROM_DATA, Refusal
from tenants.rules.states import DatePrecision, Ownership, Severity
from tests.rules import examples
from tests.rules.examples import (
    ATTEMPT,
    CYLINDER,
    EXAMPLES,
    GOOD,
    LABEL,
    TODAY,
    attempt,
    cylinder,
    enterprise,
)

REFERENCE = Path(tenants.reference.__file__).parent


def violations() -> dict[str, dict[str, str]]:
    with (REFERENCE / "violations.csv").open(encoding="utf-8") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def test_a_good_fill_is_not_refused() -> None:
    assert refusals(GOOD) == ()
    assert cautions(GOOD) == ()


@pytest.mark.parametrize("refusal", Refusal)
def test_each_reason_refuses_alone(refusal: Refusal) -> None:
    assert refusals(EXAMPLES[refusal]()) == (refusal,)


def test_every_reason_has_one_check_one_entry_and_sentences() -> None:
    assert [refusal for refusal, _ in CHECKS] == list(dict.fromkeys(refusal for refusal, _ in CHECKS))
    assert {refusal for refusal, _ in CHECKS} == set(Refusal) == set(REASONS) == set(EXAMPLES)
    for reason in REASONS.values():
        assert all((reason.sentence_zh, reason.sentence_en, reason.to_do_zh, reason.to_do_en, reason.clause))
    assert set(CAUTIONS) == set(Caution)


def test_severity_and_stage_are_those_of_the_reference_table() -> None:
    table = violations()
    for refusal, reason in REASONS.items():
        assert table[reason.violation]["severity"] == reason.severity.value, refusal


def test_graver_reasons_are_told_first() -> None:
    order = [Severity.CRITICAL, Severity.MAJOR, Severity.MINOR]
    told = [
        order.index(REASONS[refusal].severity)
        for refusal, _ in CHECKS
        if refusal is not Refusal.MALFORMED_CODE
    ]
    assert told == sorted(told)


def test_every_violation_before_or_during_the_fill_is_decided_or_said_to_be_undecidable() -> None:
    decided = {reason.violation for reason in REASONS.values()}
    wanted = {key for key, row in violations().items() if row["stage"] in ("PRE", "FILL")}
    assert wanted - decided == set(UNDECIDABLE_FROM_DATA)


def test_a_month_holds_to_its_last_day() -> None:
    due = StampedDate(date(2026, 2, 1), DatePrecision.MONTH)
    on_the_28th = replace(
        GOOD, cylinder=replace(CYLINDER, next_inspection=due), attempt=replace(ATTEMPT, on=date(2026, 2, 28))
    )
    on_the_1st = replace(on_the_28th, attempt=replace(ATTEMPT, on=date(2026, 3, 1)))
    assert Refusal.INSPECTION_OVERDUE not in refusals(on_the_28th)
    assert Refusal.INSPECTION_OVERDUE in refusals(on_the_1st)


def test_unknown_dates_are_told_and_do_not_refuse() -> None:
    facts = cylinder(next_inspection=None, end_of_life=None, valve_end_of_life=None)
    assert refusals(facts) == ()
    assert cautions(facts) == (Caution.INSPECTION_DATE_UNKNOWN, Caution.END_OF_LIFE_UNKNOWN)


@pytest.mark.parametrize(
    ("confidence", "refused"), [("S1", True), ("S2", True), ("M", False), ("U", False), ("", False)]
)
def test_a_limit_that_is_not_trusted_never_refuses(confidence: str, refused: bool) -> None:
    facts = replace(
        enterprise(limits=(LimitFacts("L", "LPG", "coef", "0.42", "kg/L", "", confidence),)),
        cylinder=replace(CYLINDER, max_fill_kg=None),
        attempt=replace(ATTEMPT, net_kg=Decimal(20)),
    )
    assert (refusals(facts) == (Refusal.OVERFILL,)) is refused
    assert (Caution.LIMIT_NOT_VERIFIED in cautions(facts)) is not refused


def test_overfill_counts_what_was_in_the_cylinder_before() -> None:
    assert refusals(attempt(net_kg=Decimal("14.0"), residual_kg=Decimal("1.2"))) == (Refusal.OVERFILL,)


def test_the_measured_empty_weight_counts_not_the_stamped_one() -> None:
    weighed = attempt(net_kg=None, gross_kg=Decimal("31.9"), tare_kg=Decimal("17.085"))
    assert refusals(weighed) == ()
    assert refusals(attempt(net_kg=None, gross_kg=Decimal("32.1"), tare_kg=Decimal("17.0"))) == (
        Refusal.OVERFILL,
    )


def test_pressure_of_a_compressed_gas_is_judged_at_20_degrees() -> None:
    oxygen = replace(CYLINDER, medium_id="O2", nominal_pressure_mpa=Decimal(15), max_fill_kg=None)

    def filled(pressure: str, temperature: str | None) -> tuple[Refusal, ...]:
        tried = replace(
            ATTEMPT,
            medium_id="O2",
            net_kg=None,
            pressure_mpa=Decimal(pressure),
            temperature_c=None if temperature is None else Decimal(temperature),
        )
        return refusals(replace(GOOD, cylinder=oxygen, attempt=tried))

    assert filled("15", "20") == ()
    assert filled("15.9", "40") == ()
    assert filled("15.9", "20") == (Refusal.OVERPRESSURE,)
    assert filled("16.5", None) == ()  # 50 °C would explain it
    assert filled("18", None) == (Refusal.OVERPRESSURE,)  # no temperature up to 60 °C does
    assert at_20_c(Decimal(15), Decimal(20)) == Decimal(15)


def test_an_entrusted_cylinder_is_refused_unless_the_region_allows_it() -> None:
    entrusted = cylinder(ownership=Ownership.ENTRUSTED)
    assert refusals(entrusted) == (Refusal.NOT_OWN_CYLINDER,)
    assert refusals(replace(entrusted, enterprise=replace(GOOD.enterprise, entrusted_allowed=True))) == ()


def test_a_code_of_another_enterprise_is_not_ours() -> None:
    assert refusals(examples.unknown("37050300101000001")) == (Refusal.NOT_OWN_CYLINDER,)


def test_a_gateway_that_names_nobody_is_told_not_refused() -> None:
    assert refusals(attempt(operator_code=None)) == ()
    assert cautions(attempt(operator_code=None)) == (Caution.OPERATOR_NOT_NAMED,)


def test_a_fill_uses_the_check_up() -> None:
    assert refusals(cylinder(filled_at=CYLINDER.checked_at)) == (Refusal.PRE_FILL_CHECK_MISSING,)


def test_an_assay_of_the_batch_counts_for_the_batch() -> None:
    passed, failed = AssayFacts("LPG", "B1", True, TODAY), AssayFacts("LPG", "B2", False, TODAY)
    facts = enterprise(assay_required=("LPG",), assays=(passed, failed))
    assert refusals(replace(facts, attempt=replace(ATTEMPT, batch="B1"))) == ()
    assert refusals(replace(facts, attempt=replace(ATTEMPT, batch="B2"))) == (Refusal.ASSAY_MISSING,)


DATES = st.none() | st.builds(
    StampedDate, st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.sampled_from(DatePrecision)
)


@given(inspection=DATES, life=DATES, valve=DATES, days=st.integers(0, 4000))
def test_fillable_until_is_the_last_day_on_which_the_dates_allow_it(
    inspection: StampedDate | None, life: StampedDate | None, valve: StampedDate | None, days: int
) -> None:
    facts = cylinder(next_inspection=inspection, end_of_life=life, valve_end_of_life=valve)
    assert facts.cylinder is not None
    until = fillable_until(facts.cylinder)
    by_date = {Refusal.INSPECTION_OVERDUE, Refusal.BEYOND_SERVICE_LIFE, Refusal.VALVE_TOO_OLD}
    on = date(2024, 1, 1) + timedelta(days=days)
    refused = by_date & set(refusals(replace(facts, attempt=replace(ATTEMPT, on=on))))
    assert bool(refused) == (until is not None and on > until)


@given(st.sampled_from(list(EXAMPLES)))
def test_facts_are_read_back_as_they_were_written(refusal: Refusal) -> None:
    facts = EXAMPLES[refusal]()
    assert FillFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_the_citizen_is_told_about_the_cylinder_and_not_about_the_enterprise() -> None:
    later = replace(CYLINDER, next_inspection=StampedDate(date(2028, 1, 1)), valve_end_of_life=None)
    assert public_status(later, LABEL, TODAY).status is PublicStatus.OK
    assert public_status(CYLINDER, LABEL, TODAY).status is PublicStatus.DUE_SOON
    assert public_status(CYLINDER, LABEL, date(2026, 7, 1)).reasons[0] is Refusal.INSPECTION_OVERDUE
    assert public_status(None, LABEL, TODAY).status is PublicStatus.UNKNOWN
    assert public_status(None, None, TODAY).status is PublicStatus.UNKNOWN
