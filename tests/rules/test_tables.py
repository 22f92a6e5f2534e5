"""Refusals and the table of violations say the same."""

from __future__ import annotations

import re

import pytest

from tenants.rules.refusal import REASONS, UNDECIDABLE_FROM_DATA, Refusal
from tenants.rules.states import NAMES, Confidence, NotDerived, Severity
from tests.rules.tables import rows

VIOLATIONS = {row["key"]: row for row in rows("violations")}
RULE = re.compile(r"TSG (?:R)?\d+|GB(?:/T)? \d+|DB\d+/T \d+|特种设备安全法|特种设备作业人员监督管理办法")
SHORT_FOR = {"[AC]": "GB 13591", "[LT]": "GB/T 14194", "规定": "特种设备安全法", "[HZ]": "特种设备安全法"}
FOUNDATION = {"特种设备安全法", "TSG 23"}  # what messages cite where the table names an older or a local rule


def rules_in(text: str) -> set[str]:
    for short, name in SHORT_FOR.items():
        text = text.replace(short, f"{short} {name}")
    return set(RULE.findall(text))


@pytest.mark.parametrize("refusal", Refusal)
def test_a_reason_is_as_grave_as_its_violation_and_cites_its_rule(refusal: Refusal) -> None:
    reason = REASONS[refusal]
    row = VIOLATIONS[reason.violation]
    assert row["severity"] == reason.severity.value
    cited = rules_in(reason.clause)
    assert cited
    assert cited <= rules_in(row["rule_broken"]) | FOUNDATION


@pytest.mark.parametrize("refusal", Refusal)
def test_a_clause_is_the_same_in_both_languages(refusal: Refusal) -> None:
    reason = REASONS[refusal]
    numbers = [re.findall(r"\d+(?:\.\d+)*", text) for text in (reason.clause, reason.clause_en)]
    assert set(numbers[0]) == set(numbers[1])
    assert not re.search(r"[\u4e00-\u9fff]", reason.clause_en)


def test_no_message_cites_a_rule_that_may_be_repealed() -> None:
    assert not [refusal for refusal, reason in REASONS.items() if "气瓶安全监察规定" in reason.clause]


def test_every_violation_before_or_during_the_fill_is_decided_or_said_to_be_undecidable() -> None:
    decided = {reason.violation for reason in REASONS.values()}
    wanted = {key for key, row in VIOLATIONS.items() if row["stage"] in ("PRE", "FILL")}
    assert wanted - decided == set(UNDECIDABLE_FROM_DATA)
    assert not decided & set(UNDECIDABLE_FROM_DATA)
    assert all(UNDECIDABLE_FROM_DATA.values())


def test_the_tables_agree_with_each_other_and_say_where_each_row_is_from() -> None:
    media, classes = (
        {row["key"] for row in rows("media")},
        {row["medium_class"] for row in rows("inspection_cycles")},
    )
    assert {row["cycle_class"] for row in rows("media")} <= classes
    assert {row["medium_id"] for row in rows("filling_limits")} <= media | {""}
    assert {row["family"] for row in rows("media")} == {"Q", "L"}
    assert {row["severity"] for row in rows("violations")} <= {severity.value for severity in Severity}
    for name in ("media", "inspection_cycles", "violations", "filling_limits"):
        keys = [row["key"] for row in rows(name)]
        assert len(set(keys)) == len(keys)
        assert all(row["source"] and row["confidence"] for row in rows(name)), name


def test_confidence_letters_are_the_four() -> None:
    letters = {letter.value for letter in Confidence}
    figures = [
        row["confidence"] for row in (*rows("media"), *rows("filling_limits"), *rows("inspection_cycles"))
    ]
    assert {figure.split()[0] for figure in figures} <= letters


def test_every_reason_for_no_date_has_its_names() -> None:
    assert set(NotDerived) <= set(NAMES)
