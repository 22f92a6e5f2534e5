"""Each reason refuses by itself, and nothing refuses a good fill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tenants.rules.facts import AssayFacts, CertificateFacts, OperatorFacts, StampedDate
from tenants.rules.fill import CAUTIONS, CHECKS, Caution, cautions, refusals
from tenants.rules.refusal import REASONS, Refusal
from tenants.rules.states import DatePrecision, LabelKind, LabelState, Ownership, Severity
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
    label,
)


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


def test_graver_reasons_are_told_first() -> None:
    order = [Severity.CRITICAL, Severity.MAJOR, Severity.MINOR]
    told = [
        order.index(REASONS[refusal].severity)
        for refusal, _ in CHECKS
        if refusal is not Refusal.MALFORMED_CODE
    ]
    assert told == sorted(told)


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


def test_a_bound_label_whose_cylinder_is_not_known_is_no_label() -> None:
    assert refusals(replace(GOOD, cylinder=None)) == (Refusal.NO_LABEL,)
    assert refusals(attempt(scanned=None, uid=None)) == ()  # the caller found the label by hand
    assert refusals(replace(attempt(scanned=None, uid=None), label=None)) == (Refusal.NO_LABEL,)


RING = replace(LABEL, code="37050200101000002", kind=LabelKind.RING_RFID, uid="04BBBB")
PRINTED = replace(LABEL, uid=None)


def test_a_cylinder_may_bear_a_printed_label_and_a_chip() -> None:
    both = replace(cylinder(labels=(PRINTED, RING)), label=PRINTED)
    assert refusals(replace(both, attempt=replace(ATTEMPT, uid="04BBBB"), chip=RING)) == ()
    assert refusals(replace(both, attempt=replace(ATTEMPT, uid="04CCCC"))) == (Refusal.TAG_MISMATCH,)


def test_a_chip_of_another_cylinder_refuses_where_the_printed_label_has_none() -> None:
    printed = replace(cylinder(labels=(PRINTED,)), label=PRINTED, attempt=replace(ATTEMPT, uid="04BBBB"))
    assert refusals(replace(printed, chip=RING)) == (Refusal.TAG_MISMATCH,)
    assert refusals(printed) == ()
    assert cautions(printed) == (Caution.CHIP_UNKNOWN,)


def test_a_lost_chip_is_no_longer_the_cylinder_s() -> None:
    lost = replace(RING, state=LabelState.LOST)
    facts = replace(cylinder(labels=(LABEL, lost)), attempt=replace(ATTEMPT, uid="04BBBB"))
    assert refusals(facts) == (Refusal.TAG_MISMATCH,)


def test_the_label_must_be_the_one_that_was_scanned() -> None:
    assert refusals(label(code=RING.code)) == (Refusal.TAG_MISMATCH,)


def test_an_old_pass_doesn_t_outlive_a_newer_failed_assay() -> None:
    passed = AssayFacts("LPG", None, True, TODAY - timedelta(days=9), TODAY + timedelta(days=90))
    failed = AssayFacts("LPG", None, False, TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    assert refusals(enterprise(assay_required=("LPG",), assays=(passed,))) == ()
    assert refusals(enterprise(assay_required=("LPG",), assays=(passed, failed))) == (Refusal.ASSAY_MISSING,)
    over = replace(passed, valid_until=TODAY - timedelta(days=1))
    assert refusals(enterprise(assay_required=("LPG",), assays=(over,))) == (Refusal.ASSAY_MISSING,)


def test_a_check_without_a_result_is_no_check() -> None:
    assert refusals(cylinder(check_passed=None)) == (Refusal.PRE_FILL_CHECK_MISSING,)


def test_a_person_who_has_left_or_isn_t_known_has_no_certificate() -> None:
    gone = replace(GOOD.enterprise.operators[0], left_on=TODAY - timedelta(days=1))
    assert refusals(enterprise(operators=(gone,))) == (Refusal.OPERATOR_UNCERTIFIED,)
    assert refusals(attempt(operator_code="nobody")) == (Refusal.OPERATOR_UNCERTIFIED,)


def test_one_certificate_in_force_is_enough_and_an_unknown_end_is_told() -> None:
    old, new = CertificateFacts("P4", TODAY - timedelta(days=1)), CertificateFacts("P", TODAY)
    assert refusals(enterprise(operators=(OperatorFacts("F1", None, (old, new)),))) == ()
    unknown = enterprise(operators=(OperatorFacts("F1", None, (CertificateFacts("P", None),)),))
    assert (refusals(unknown), cautions(unknown)) == ((), (Caution.CERTIFICATE_DATE_UNKNOWN,))


def test_the_first_fill_of_a_non_refillable_cylinder_is_allowed() -> None:
    assert refusals(cylinder(non_refillable=True, filled_at=None, next_inspection=None)) == ()
    assert cautions(cylinder(non_refillable=True, filled_at=None, next_inspection=None)) == ()


def test_a_medium_that_nobody_named_is_told_and_one_that_nobody_knows_refuses() -> None:
    assert refusals(attempt(medium_id=None)) == ()
    assert cautions(attempt(medium_id=None)) == (Caution.MEDIUM_NOT_NAMED,)
    assert refusals(attempt(medium_id=None, medium_unknown=True)) == (Refusal.WRONG_MEDIUM,)
