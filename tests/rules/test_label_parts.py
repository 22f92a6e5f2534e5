"""Parts of a run, and serials as people write them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.label_parts import PART, NoSerials, part_of, parts_of, read_serials


@given(first=st.integers(1, 900_000), quantity=st.integers(1, 100_000))
def test_parts_cover_the_run_once(first: int, quantity: int) -> None:
    parts = [part_of(first, quantity, part) for part in range(1, parts_of(quantity) + 1)]

    assert parts[0][0] == first
    assert sum(many for _, many in parts) == quantity
    assert all(0 < many <= PART for _, many in parts)
    assert all(one[0] + one[1] == other[0] for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("text", "serials"),
    [
        ("5", [5]),
        ("17-20, 5", [5, 17, 18, 19, 20]),
        ("５、７；9", [5, 7, 9]),
        ("000012 至 000014", [12, 13, 14]),
        ("01101000007\n11000001101000008", [7, 8]),
        ("3 3 3", [3]),
    ],
)
def test_serials_are_understood(text: str, serials: list[int]) -> None:
    assert read_serials(text) == serials


@pytest.mark.parametrize(
    ("text", "word"),
    [("", ""), (" ,", ""), ("abc", "abc"), ("9-5", "9-5"), ("1-9999", ""), ("12345678", "12345678")],
)
def test_what_is_not_understood_is_named(text: str, word: str) -> None:
    with pytest.raises(NoSerials) as problem:
        read_serials(text)
    assert problem.value.word == word
