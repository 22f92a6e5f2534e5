"""What a citizen is told: one word about the cylinder, and never about the enterprise's papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from tenants.rules.facts import CylinderFacts, LabelFacts, StampedDate
from tenants.rules.fill import Caution, fillable_until
from tenants.rules.public import DUE_SOON, HEADLINES, PublicStatus, PublicVerdict, public_status
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, DatePrecision, LabelState
from tests.rules.examples import CYLINDER, LABEL, TODAY
from tests.rules.strategies import CYLINDERS, DAYS, LABELS

FRESH = replace(
    CYLINDER,
    next_inspection=StampedDate(date(2028, 1, 1)),
    end_of_life=StampedDate(date(2030, 3, 1), DatePrecision.MONTH),
    valve_end_of_life=None,
)
YESTERDAY = StampedDate(TODAY - timedelta(days=1))


def test_a_cylinder_in_order_is_safe() -> None:
    assert public_status(FRESH, LABEL, TODAY) == PublicVerdict(PublicStatus.OK)


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (-1, PublicStatus.DO_NOT_USE),
        (0, PublicStatus.DUE_SOON),
        (60, PublicStatus.DUE_SOON),
        (61, PublicStatus.OK),
    ],
)
def test_soon_is_sixty_days_and_the_last_day_counts(days: int, status: PublicStatus) -> None:
    due = replace(FRESH, next_inspection=StampedDate(TODAY + timedelta(days=days)))
    assert public_status(due, LABEL, TODAY).status is status


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": CylinderStatus.SCRAPPED}, Refusal.CONDEMNED),
        ({"status": CylinderStatus.CANCELLED}, Refusal.CANCELLED),
        ({"status": CylinderStatus.SUSPENDED}, Refusal.SUSPENDED),
        ({"next_inspection": YESTERDAY}, Refusal.INSPECTION_OVERDUE),
        ({"end_of_life": YESTERDAY}, Refusal.BEYOND_SERVICE_LIFE),
        ({"valve_end_of_life": YESTERDAY}, Refusal.VALVE_TOO_OLD),
        ({"registered": False}, Refusal.UNREGISTERED),
    ],
)
def test_what_forbids_the_cylinder_is_told(changes: dict[str, object], reason: Refusal) -> None:
    assert public_status(replace(FRESH, **changes), LABEL, TODAY) == PublicVerdict(
        PublicStatus.DO_NOT_USE, (reason,)
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": LabelState.VOID}, Refusal.LABEL_VOID),
        ({"state": LabelState.LOST}, Refusal.LABEL_LOST),
        ({"disputed": True}, Refusal.LABEL_ON_TWO_CYLINDERS),
    ],
)
def test_what_forbids_the_label_is_told(changes: dict[str, object], reason: Refusal) -> None:
    assert public_status(FRESH, replace(LABEL, **changes), TODAY) == PublicVerdict(
        PublicStatus.DO_NOT_USE, (reason,)
    )


def test_without_a_cylinder_the_answer_is_unknown() -> None:
    assert public_status(None, None, TODAY) == PublicVerdict(PublicStatus.UNKNOWN, (Refusal.UNKNOWN_CODE,))
    assert public_status(None, LABEL, TODAY) == PublicVerdict(PublicStatus.UNKNOWN, (Refusal.NO_LABEL,))


def test_nobody_is_told_safe_without_an_inspection_on_record() -> None:
    told = public_status(replace(FRESH, next_inspection=None), LABEL, TODAY)
    assert told == PublicVerdict(PublicStatus.DUE_SOON, cautions=(Caution.INSPECTION_DATE_UNKNOWN,))
    once = replace(FRESH, next_inspection=None, non_refillable=True)
    assert public_status(once, LABEL, TODAY).status is PublicStatus.OK


@given(CYLINDERS, LABELS, DAYS, DAYS)
def test_the_word_never_gets_kinder_with_time(
    c: CylinderFacts, label: LabelFacts, one: date, other: date
) -> None:
    order = (PublicStatus.OK, PublicStatus.DUE_SOON, PublicStatus.DO_NOT_USE)
    earlier, later = sorted((one, other))
    assert order.index(public_status(c, label, earlier).status) <= order.index(
        public_status(c, label, later).status
    )


@given(CYLINDERS, LABELS, DAYS)
def test_safe_means_that_no_date_is_near(c: CylinderFacts, label: LabelFacts, today: date) -> None:
    told = public_status(c, label, today)
    until = fillable_until(c)
    assert bool(told.reasons) is (told.status is PublicStatus.DO_NOT_USE)
    if told.status is PublicStatus.OK:
        assert until is None or until > today + DUE_SOON


def test_every_word_has_a_headline() -> None:
    assert {status: names.zh for status, names in HEADLINES.items()} == {
        PublicStatus.OK: "合格",
        PublicStatus.DUE_SOON: "即将到期",
        PublicStatus.DO_NOT_USE: "请勿使用",
        PublicStatus.UNKNOWN: "查无此瓶",
    }
