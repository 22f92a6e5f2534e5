"""No bit of a tag can be changed without a reader saying so, and no bytes make it stumble."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.devices.tags import private, uhf
from integrations.devices.tags.image import Image, decode, encode
from integrations.devices.tags.ndef import CutShort, Malformed
from integrations.devices.tags.profiles import NTAG213, NTAG215, NTAG216, PROFILES, Profile, unwrap, wrap
from integrations.devices.tags.reading import Verdict, read
from integrations.devices.tags.sections import BASE, Base, Fill, Finding, minute
from tests.integrations.devices.tags import bench
from tests.integrations.devices.tags.bench import SITUATION, UID, fresh, full


def flips(message: bytes) -> list[int]:
    """The bits that can be flipped without a word."""
    return [
        bit
        for bit in range(len(message) * 8)
        if read(_flipped(message, bit), UID, SITUATION).verdict is Verdict.HOLDS
    ]


def _flipped(message: bytes, bit: int) -> bytes:
    changed = bytearray(message)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("profile", bench.HF, ids=lambda profile: profile.name)
def test_every_bit_counts(profile: Profile) -> None:
    assert flips(encode(full(profile))) == []


def test_every_bit_of_a_private_block_counts() -> None:
    image = fresh(NTAG215, slots=0)
    block = private.seal(b"0017", bench.SECRET_KID, bench.SECRET_KEY, bytes(12), UID, image.digest)
    message = encode(replace(image, private=block))
    key_number = range((len(message) - len(block) + 1) * 8, (len(message) - len(block) + 3) * 8)
    quiet = flips(message)
    assert [bit for bit in quiet if bit not in key_number] == []
    assert all(  # under the number of a key that the reader doesn't have, it is told as not checked
        read(_flipped(message, bit), UID, SITUATION).flaws for bit in quiet
    )


def test_every_bit_of_a_uhf_bank_counts() -> None:
    tid, key = bytes(12), bytes(16)
    bank = uhf.encode(uhf.UhfTag(3, date(2027, 1, 1), None, 1, 1, 14500), bench.CODE, tid, key)
    for bit in range(len(bank) * 8):
        assert uhf.decode(_flipped(bank, bit), bench.CODE, tid, {3: key})[1] is not None


@given(st.binary(max_size=900), st.binary(max_size=20))
def test_no_bytes_make_a_reader_stumble(message: bytes, uid: bytes) -> None:
    assert read(message, uid, SITUATION).verdict is not Verdict.HOLDS
    uhf.decode(message, bench.CODE, uid, {0: bytes(16)})
    for profile in PROFILES.values():
        unwrap(profile, message)


@settings(max_examples=300)
@given(st.data())
def test_no_damage_makes_a_reader_stumble(data: st.DataObject) -> None:
    message = bytearray(encode(full(data.draw(st.sampled_from((NTAG213, NTAG216))))))
    before = bytes(message)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(message) - 1))
        rubble = data.draw(st.binary(min_size=1, max_size=90))
        message[start : start + len(rubble)] = rubble
    cut = bytes(message[: data.draw(st.integers(0, len(message)))])
    assert cut == before or read(cut, UID, SITUATION).verdict is not Verdict.HOLDS


@given(st.binary(max_size=500))
def test_what_decodes_encodes_to_the_same(message: bytes) -> None:
    try:
        image = decode(message)
    except (CutShort, Malformed):
        return
    assert encode(image) == message


ADDRESSES = st.from_regex(r"https?://[a-z.]{4,20}/[LQ]\?id=[0-9]{17}", fullmatch=True)
SLOTS = st.lists(st.binary(min_size=80, max_size=80), max_size=9).map(tuple)
IMAGES = st.builds(
    Image, ADDRESSES, st.binary(min_size=88, max_size=88), SLOTS, st.none() | st.binary(max_size=300)
)


@given(IMAGES)
def test_an_image_comes_back(image: Image) -> None:
    assert decode(encode(image)) == image


@given(st.binary(max_size=137), st.sampled_from(bench.HF))
def test_a_memory_comes_back(message: bytes, profile: Profile) -> None:
    assert unwrap(profile, wrap(profile, message)) == message


NUMBER = st.integers(0, 0xFFFF)
MINUTE = st.integers(0, 2**25).map(minute)
DAY = st.none() | st.dates(date(2000, 1, 2), date(2179, 6, 5))
MASS = st.integers(0, 0xFFFF).map(lambda tens: tens * 10)
CODES = st.from_regex(r"[0-9]{17}", fullmatch=True)


@given(
    st.builds(
        Base, NUMBER, CODES, DAY, DAY, st.integers(0, 255), NUMBER, MINUTE, MASS.map(lambda g: g or None)
    )
)
def test_a_base_comes_back(base: Base) -> None:
    assert Base.unpack(base.pack(UID)) == base
    assert len(base.pack(UID)) == BASE.size == 24


@given(st.builds(Fill, NUMBER, NUMBER, MINUTE, MASS, NUMBER, NUMBER))
def test_a_fill_comes_back(fill: Fill) -> None:
    assert Fill.unpack(fill.pack()) == fill


@given(
    st.builds(Finding, NUMBER, NUMBER, MINUTE, NUMBER, st.integers(0, 255), st.binary(min_size=4, max_size=4))
)
def test_a_finding_comes_back(finding: Finding) -> None:
    assert Finding.unpack(finding.pack()) == finding


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ValueError, match="fit"):
        replace(bench.base(), seq=0x10000).pack(UID)
    with pytest.raises(ValueError, match="17 digits"):
        replace(bench.base(), code="1").pack(UID)
    with pytest.raises(ValueError, match="don't fit"):
        wrap(NTAG213, encode(fresh(NTAG216)))
