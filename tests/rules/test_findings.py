"""Who may lift a finding, and that the words here and the numbers on a chip are the same list."""

from __future__ import annotations

import pytest

from integrations.devices.tags.sections import Disposition as OnChip
from tenants.rules.findings import may_lift, violation_of
from tenants.rules.states import Disposition


@pytest.mark.parametrize(
    ("made_in", "lifter_in", "allowed"),
    [
        ("3705", "3705", True),
        ("3705", "37", True),
        ("370502", "3705", True),
        ("37", "3705", False),
        ("3705", "11", False),
        ("370502", "370503", False),
        ("3705", "", False),
    ],
)
def test_only_the_same_office_or_one_above_it_lifts(made_in: str, lifter_in: str, allowed: bool) -> None:
    assert may_lift(made_in, lifter_in) is allowed


def test_a_chip_knows_the_same_dispositions() -> None:
    assert [one.name for one in OnChip] == [one.name for one in Disposition]


def test_a_hazard_is_the_number_of_a_kind_of_violation() -> None:
    assert violation_of(1) == "V01"
