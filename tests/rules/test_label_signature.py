"""The short signature in the address of a new label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.codes import parse_scan
from tenants.rules.label_signature import SIGNS, check, signature, signature_in, signed_url
from tenants.rules.label_words import Genuine

KEY, OTHER = b"a" * 32, b"b" * 32
CODE = "37050200101000001"
CODES = st.text("0123456789", min_size=17, max_size=17)


@given(code=CODES, key=st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_genuine(code: str, key: bytes) -> None:
    made = signature(code, key)

    assert len(made) == SIGNS
    assert check(code, made, [OTHER, key]) is Genuine.GENUINE


@given(one=CODES, other=CODES)
def test_a_signature_is_of_one_code(one: str, other: str) -> None:
    expected = Genuine.GENUINE if one == other else Genuine.WRONG
    assert check(one, signature(other, KEY), [KEY]) is expected


def test_the_signature_is_this_one_for_ever() -> None:
    """Labels outlive programs: whoever changes the rule makes every label in the field a wrong one."""
    assert signature(CODE, KEY) == "oGhMQgbf"


@pytest.mark.parametrize("without", [None, "", "  "])
def test_an_old_label_has_none_and_needs_none(without: str | None) -> None:
    assert check(CODE, without, [KEY]) is Genuine.ABSENT


@pytest.mark.parametrize("told", ["AAAAAAAA", "A", "x" * 500, "签名签名签名签名", "\ud800", "AAAA AAAA"])
def test_an_invented_one_is_wrong(told: str) -> None:
    assert check(CODE, told, [KEY]) is Genuine.WRONG


def test_with_a_lost_key_nothing_is_called_wrong() -> None:
    assert check(CODE, signature(CODE, OTHER), [KEY], some_lost=True) is Genuine.ABSENT
    assert check(CODE, "AAAAAAAA", []) is Genuine.ABSENT


@given(code=CODES, family=st.sampled_from("QL"))
def test_a_signed_address_is_a_code_for_every_reader(code: str, family: str) -> None:
    address = signed_url(code, family, KEY)

    assert parse_scan(address).code == code
    assert parse_scan(address + "；").code == code
    assert check(code, signature_in(address), [KEY]) is Genuine.GENUINE


def test_an_address_without_a_signature() -> None:
    assert signature_in("http://teshe.org.cn/Q?id=1") is None
    assert signature_in("37050200101000001") is None


@pytest.mark.parametrize("code", ["", "1" * 16, "１" * 17, "a" * 17])
def test_only_a_code_is_signed(code: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        signature(code, KEY)
