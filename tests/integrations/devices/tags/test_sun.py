"""An NTAG 424 DNA proves itself at every tap; the vectors are those that NXP publishes in AN12196."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.devices.tags import sun
from integrations.devices.tags.flaws import Fault
from integrations.devices.tags.sun import Tap, encrypted_tap, file_content, is_newer, plain_tap

hexed = bytes.fromhex
ZERO = bytes(16)
PICC, MAC = hexed("EF963FF7828658A599F3041510671E88"), hexed("94EED9EE65337086")
CHIP = Tap(hexed("04DE5F1EACC040"), 61)
WITH_FILE = hexed("FD91EC264309878BE6345CBE53BADF40"), hexed("ECC1E7F6C6C73BF6")
SENT = "CEE9A53E3E463EF1F459635736738962"


def zero(_uid: bytes) -> bytes:
    return ZERO


def test_the_published_encrypted_tap() -> None:
    assert encrypted_tap(PICC, MAC, ZERO, zero) == CHIP


def test_the_published_plain_tap() -> None:
    uid = hexed("041E3C8A2D6B80")
    assert plain_tap(uid, 6, hexed("4B00064004B0B3D3"), zero) == Tap(uid, 6)


def test_the_published_tap_with_encrypted_file_data() -> None:
    tap = encrypted_tap(*WITH_FILE, ZERO, zero, f"{SENT}&cmac=".encode())

    assert tap == Tap(hexed("04958CAA5C5E80"), 8)
    assert isinstance(tap, Tap)
    assert file_content(hexed(SENT), tap, ZERO) == b"x" * 16


def test_the_published_session_keys() -> None:
    key, tapped = hexed("5ACE7E50AB65D5D51FD5BF5A16B8205B"), hexed("04C767F2066180") + hexed("010000")
    assert sun._cmac(key, sun.READ_WORD + tapped) == hexed("66DA61797E23DECA5D8ECA13BBADF7A9")
    assert sun._cmac(key, sun.MAC_WORD + tapped) == hexed("3A3E8110E05311F7A3FCF0D969BF2B48")


def test_the_chip_s_own_key_is_asked_for() -> None:
    asked: list[bytes] = []
    encrypted_tap(PICC, MAC, ZERO, lambda uid: (asked.append(uid), ZERO)[1])

    assert asked == [CHIP.uid]
    assert encrypted_tap(PICC, MAC, ZERO, lambda _: None) is Fault.NOT_CHECKED
    assert encrypted_tap(PICC, MAC, ZERO, lambda _: b"\1" * 16) is Fault.ALTERED


@given(place=st.integers(0, 16 * 8 + 8 * 8 - 1))
def test_no_bit_can_be_changed(place: int) -> None:
    changed = bytearray(PICC + MAC)
    changed[place // 8] ^= 1 << place % 8

    assert encrypted_tap(bytes(changed[:16]), bytes(changed[16:]), ZERO, zero) is Fault.ALTERED


@given(picc=st.binary(max_size=20), mac=st.binary(max_size=10), signed=st.binary(max_size=20))
def test_nothing_that_is_sent_is_an_error(picc: bytes, mac: bytes, signed: bytes) -> None:
    assert encrypted_tap(picc, mac, ZERO, zero, signed) in (Fault.MALFORMED, Fault.ALTERED)


@given(
    uid=st.binary(min_size=7, max_size=7),
    counter=st.integers(0, 2**24 - 1),
    key=st.binary(min_size=16, max_size=16),
)
def test_what_a_chip_says_is_believed(uid: bytes, counter: int, key: bytes) -> None:
    mac = sun.tap_mac(uid, counter.to_bytes(3, "little"), key)

    assert plain_tap(uid, counter, mac, lambda _: key) == Tap(uid, counter)
    if counter:
        assert plain_tap(uid, counter - 1, mac, lambda _: key) is Fault.ALTERED


@pytest.mark.parametrize("counter", [-1, 2**24])
def test_a_counter_has_three_bytes(counter: int) -> None:
    assert plain_tap(CHIP.uid, counter, MAC, zero) is Fault.MALFORMED


def test_a_kept_address_is_not_newer() -> None:
    assert is_newer(CHIP, None)
    assert is_newer(CHIP, 60)
    assert not is_newer(CHIP, 61)
    assert not is_newer(CHIP, 62)


@pytest.mark.parametrize("sent", [b"", b"123"])
def test_file_data_comes_in_whole_blocks(sent: bytes) -> None:
    assert file_content(sent, CHIP, ZERO) is Fault.MALFORMED
