"""Whatever a reader delivers becomes one code or a clear refusal, never a guess."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenants.rules.codes import (
    SENTENCES,
    MalformedCode,
    ScanProblem,
    grouped,
    label_range,
    one_dimensional,
    parse_scan,
    printed_url,
)

CODES = st.from_regex(r"[0-9]{17}", fullmatch=True)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
STRAY = st.text(alphabet="+ ;；\t\r\n\ufeff\u3000", max_size=4)


@given(CODES, st.data())
def test_stray_signs_anywhere_change_nothing(code: str, data: st.DataObject) -> None:
    text = "".join(data.draw(STRAY) + digit for digit in code) + data.draw(STRAY)
    assert parse_scan(text).code == code


@given(
    CODES,
    st.sampled_from("QL"),
    st.sampled_from(["{}", "{};", "{}；", " {} ", "{}\r\n", "{}+"]),
    st.booleans(),
)
def test_a_printed_address_is_its_code(code: str, family: str, wrapped: str, wide: bool) -> None:
    shown = code.translate(FULL_WIDTH) if wide else code
    found = parse_scan(wrapped.format(printed_url(f"{shown[:6]}+{shown[6:]}", family)))
    assert (found.code, found.family) == (code, family)


@given(CODES)
def test_the_bar_code_and_the_site_s_district_make_the_same_code(code: str) -> None:
    assert parse_scan(one_dimensional(code), code[:6]).code == code
    with pytest.raises(MalformedCode) as refused:
        parse_scan(one_dimensional(code))
    assert refused.value.reason is ScanProblem.NEEDS_DISTRICT


ADDRESSES = st.sampled_from(
    [
        "http://teshe.org.cn/{family}?id={code}",
        "https://gas.example.cn:8443/{family}?id={code}&from=timeline",
        "HTTP://TESHE.ORG.CN/{family}?ID={code}",
        "http://teshe.org.cn/{family}/?id={code}#top",
        "//teshe.org.cn/{family}?id={code}",
        "teshe.org.cn/{family}?lang=en&id={code}",
        "/{family}?id={code}",
        "ｈｔｔｐ：／／ｔｅｓｈｅ．ｏｒｇ．ｃｎ／{family}？ｉｄ＝{code}；",
    ]
)
INSIDE = st.sampled_from(["", "+", " ", ";", "；", "%2B", "%20", "%3B", "%EF%BC%9B", "%2b ;", "\u3000"])


@given(CODES, st.sampled_from("QLql"), ADDRESSES, INSIDE, INSIDE, st.booleans())
def test_every_form_of_the_address_is_the_same_code(
    code: str, family: str, address: str, middle: str, end: str, wide: bool
) -> None:
    shown = code.translate(FULL_WIDTH) if wide else code
    found = parse_scan(address.format(family=family, code=f"{shown[:6]}{middle}{shown[6:]}{end}"))
    assert (found.code, found.family) == (code, family.upper())


@given(CODES, st.sampled_from("QL"))
def test_full_width_digits_that_a_browser_has_encoded_are_read(code: str, family: str) -> None:
    encoded = quote(code.translate(FULL_WIDTH))
    assert parse_scan(f"http://teshe.org.cn/{family}?id={encoded}").code == code
    assert parse_scan(f"{code[:6]}%2B{code[6:]}").code == code


@given(CODES, st.sampled_from("QL"))
def test_reading_what_was_read_changes_nothing(code: str, family: str) -> None:
    assert parse_scan(grouped(code)).code == code
    assert parse_scan(printed_url(parse_scan(printed_url(code, family)).code, family)) == parse_scan(
        printed_url(code, family)
    )


@given(st.integers(0, 40).filter(lambda digits: digits not in (11, 17)))
def test_no_other_number_of_digits_is_ever_made_to_fit(digits: int) -> None:
    with pytest.raises(MalformedCode):
        parse_scan("1" * digits, "370502")


@given(
    st.one_of(
        st.text(max_size=600), st.text(alphabet="hHtTpPsS:/?&=#%+;；idQqLl.0123456789 ０１２ⅠA", max_size=80)
    )
)
@example("http://[::1/Q?id=1")
@example("//?id=\x00")
@example("http://x/Q?id=１２３")
@example("37050200101²00001")
@example("http://x/Q?id=%ff%00%")
def test_any_text_is_a_code_or_malformed(text: str) -> None:
    try:
        code = parse_scan(text, "370502").code
    except MalformedCode:
        return
    assert len(code) == 17
    assert code.isascii()
    assert code.isdigit()
    assert parse_scan(code).code == code


@pytest.mark.parametrize("district", [None, "", "3705", "37050A", "３７０５０２", "3705021"])
def test_a_short_code_needs_six_digits_of_district(district: str | None) -> None:
    with pytest.raises(MalformedCode) as refused:
        parse_scan("00101000001", district)
    assert refused.value.reason is ScanProblem.NEEDS_DISTRICT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ScanProblem.EMPTY),
        ("+; ", ScanProblem.EMPTY),
        ("0020000020", ScanProblem.WRONG_LENGTH),
        ("132020000001", ScanProblem.WRONG_LENGTH),
        ("3Z0A2000001", ScanProblem.NOT_DIGITS),
        ("1" * 513, ScanProblem.TOO_LONG),
        ("http://teshe.org.cn/X?id=11000001101000001", ScanProblem.FOREIGN_ADDRESS),
        ("http://teshe.org.cn/other/Q?id=11000001101000001", ScanProblem.FOREIGN_ADDRESS),
        ("ftp://teshe.org.cn/Q?id=11000001101000001", ScanProblem.FOREIGN_ADDRESS),
        ("http://teshe.org.cn/?id=11000001101000001", ScanProblem.FOREIGN_ADDRESS),
        ("http://teshe.org.cn/Q", ScanProblem.EMPTY),
        ("http://teshe.org.cn/Q?code=11000001101000001", ScanProblem.EMPTY),
        ("1100000110100000\u00b2", ScanProblem.NOT_DIGITS),
        ("\u0661" * 17, ScanProblem.NOT_DIGITS),
        ("http://teshe.org.cn/Q?id=11000001101000001&id=11000001101000002", ScanProblem.WRONG_LENGTH),
        ("http://teshe.org.cn/Q?id=01101000001", ScanProblem.NEEDS_DISTRICT),
        ("[QP02001,132020000001,AG,323232]www.qpsafe.cn", ScanProblem.NOT_DIGITS),
    ],
)
def test_what_is_no_code_says_why(text: str, reason: ScanProblem) -> None:
    with pytest.raises(MalformedCode) as refused:
        parse_scan(text, "370502")
    assert refused.value.reason is reason


def test_the_seed_s_addresses_are_read() -> None:
    assert parse_scan("http://teshe.org.cn/Q?id=110000+01101000001;").code == "11000001101000001"
    assert parse_scan("http://teshe.org.cn/L?id=110000%2B01101000001").family == "L"


def test_a_code_falls_into_its_parts() -> None:
    code = parse_scan("37050200101000001")
    assert (code.district, code.enterprise, code.medium_code, code.serial) == (
        "370502",
        "001",
        "01",
        "000001",
    )
    assert grouped(code.code) == "370502 001 01 000001"


def test_a_run_is_numbered_on() -> None:
    assert list(label_range("011", "02", 1, 2)) == ["01102000001", "01102000002"]


@pytest.mark.parametrize(
    ("enterprise", "medium", "first", "quantity"),
    [
        ("11", "02", 1, 1),
        ("011", "2", 1, 1),
        ("0AB", "02", 1, 1),
        ("011", "02", 0, 1),
        ("011", "02", 1, 0),
        ("011", "02", 999_999, 2),
    ],
)
def test_a_run_that_would_hold_no_codes_is_not_begun(
    enterprise: str, medium: str, first: int, quantity: int
) -> None:
    with pytest.raises(ValueError, match=r"digits|serial"):
        label_range(enterprise, medium, first, quantity)


def test_every_problem_has_its_sentences() -> None:
    assert set(SENTENCES) == set(ScanProblem)
