"""What comes out of a serial line is a weight or nothing: torn, garbled and foreign bytes never become one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.devices.station.drivers.frames import Frames, check_of
from integrations.devices.station.drivers.rest import Rest
from integrations.devices.station.words import Why


def tf0(grams: int, decimals: int = 2) -> bytes:
    digits = b"%06d" % (abs(grams) * 10**decimals // 1000)
    content = (b"-" if grams < 0 else b"+") + digits + b"%d" % decimals
    return b"\x02" + content + check_of(content) + b"\x03"


def a12e(shown: bytes) -> bytes:
    return shown + check_of(shown) + b"\r\n"


def test_the_published_examples() -> None:
    assert tf0(20_000) == bytes.fromhex("02 2b 30 30 32 30 30 30 32 31 42 03")
    assert a12e(b"WG004.139kg") == bytes.fromhex("57 47 30 30 34 2E 31 33 39 6B 67 33 44 0D 0A")
    assert a12e(b" " * 9 + b"OL") == b"         OL23\r\n"
    assert Frames("tf0").feed(tf0(20_000)) == [20_000]
    assert Frames("a12e").feed(b"WG004.139kg3D\r\n         OL23\r\n") == [4_139, Why.SCALE_OVERLOAD]


@pytest.mark.parametrize(
    ("form", "sent", "read"),
    [
        ("tf0", tf0(-1_230), [-1_230]),
        ("tf0", tf0(14_804, 3), [14_804]),
        ("tf0", tf0(1_000_000, 0), [1_000_000]),
        ("tf0", tf0(1_500)[:5] + tf0(1_600), [1_600]),  # torn at its end
        ("tf0", tf0(1_500)[5:] + tf0(1_600), [1_600]),  # torn at its beginning
        ("tf0", tf0(1_500)[:-1] + b"\x04" + tf0(1_600), [1_600]),
        ("tf0", tf0(1_500).replace(b"5", b"7") + tf0(1_600), [1_600]),  # a flipped digit
        ("tf0", b"\x02" * 11 + tf0(1_600), [1_600]),
        ("a12e", a12e(b"WG-04.139kg"), [-4_139]),
        ("a12e", a12e(b"WG   4139kg"), [4_139_000]),
        ("a12e", a12e(b"WG004.139lb"), [Why.SCALE_UNIT]),
        ("a12e", a12e(b"WN004.139kg"), [Why.SCALE_NET]),
        ("a12e", a12e(b" " * 9 + b"LO"), [Why.SCALE_NEGATIVE]),
        ("a12e", b"WG004.139kg3E\r\n", []),
        ("a12e", a12e(b"WG004.1.9kg"), []),
        ("a12e", b"4.139kg3D\r\n" + a12e(b"WG004.139kg"), [4_139]),
        (
            "ascii",
            b"ww000.000lb\nwn-0000.1kg\nwt000.000kg\nww014.8kg\r\n",
            [Why.SCALE_UNIT, Why.SCALE_NET, 14_800],
        ),
        ("ascii", b"ww00ww014.8kg\nkg\n14.8kg\n", []),
    ],
)
def test_what_is_read(form: str, sent: bytes, read: list[int | Why]) -> None:
    assert Frames(form).feed(sent) == read


@given(weights=st.lists(st.integers(-999, 9_999), max_size=8), data=st.data())
def test_frames_in_pieces_of_any_size_with_garbage_between_are_all_read(
    weights: list[int], data: st.DataObject
) -> None:
    garbage = st.binary(max_size=20).map(lambda piece: piece.replace(b"\x02", b""))
    stream = b"".join(data.draw(garbage) + tf0(10 * weight) for weight in weights)
    frames, read = Frames("tf0"), []
    while stream:
        size = data.draw(st.integers(1, 15))
        read += frames.feed(stream[:size])
        stream = stream[size:]
    assert read == [10 * weight for weight in weights]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_noise_does_no_harm_and_takes_no_room(pieces: list[bytes]) -> None:
    for form in ("tf0", "a12e", "ascii"):
        frames = Frames(form)
        for piece in pieces:
            frames.feed(piece * 20)
        assert len(frames._buffer) <= 4096


def test_rest_is_a_whole_while_within_a_division() -> None:
    rest = Rest(within_g=20, for_s=1.0)
    assert [rest.feed(1_000 + step % 2 * 20, step / 10) for step in range(12)] == [False] * 10 + [True] * 2
    assert not rest.feed(1_050, 1.2)
    assert not any(rest.feed(1_050, 1.3 + step / 10) for step in range(9))
    assert rest.feed(1_050, 2.25)


def test_after_a_gap_nothing_rests() -> None:
    rest = Rest(within_g=20, for_s=1.0)
    for step in range(12):
        rest.feed(1_000, step / 10)
    assert not rest.feed(1_000, 5.0)
