"""Scanners and RFID readers: what they send becomes a tag just as it was read."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integrations.devices.station.drivers.base import DriverProblem
from integrations.devices.station.drivers.keys import EVENT, Keyboard
from integrations.devices.station.drivers.ports import SerialPort, TcpPort, Terminal
from integrations.devices.station.drivers.readers import LineReader
from integrations.devices.station.drivers.rest import Rest
from integrations.devices.station.drivers.scanned import Lines, tag_of
from integrations.devices.station.drivers.xk3190 import Xk3190
from integrations.devices.station.seen import Tag
from integrations.devices.station.words import Why
from tests.integrations.station.test_frames import tf0

CODE = "37050200101000001"


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        (CODE, Tag(label=CODE)),
        ("01101000001", Tag(label="01101000001")),
        (f"  {CODE};\r", Tag(label=CODE)),
        ("３７０５０２００１０１０００００１", Tag(label=CODE)),
        (f"http://www.example.cn/L?id={CODE}", Tag(label=f"http://www.example.cn/L?id={CODE}")),
        ("110000+01101000001", Tag(label="110000+01101000001")),
        ("04a1b2c3d4e5f6", Tag(uid="04A1B2C3D4E5F6")),
        ("04:A1:B2:C3:D4:E5:F6", Tag(uid="04A1B2C3D4E5F6")),
        ("E2003412012345678901234A", Tag(uid="E2003412012345678901234A")),
        ("04123456789012", Tag(uid="04123456789012")),
        (f"04A1B2C3D4E5F6,{CODE}", Tag(label=CODE, uid="04A1B2C3D4E5F6")),
        (f"{CODE}\t04A1B2C3D4E5F6", Tag(label=CODE, uid="04A1B2C3D4E5F6")),
        ("nonsense", Tag(label="nonsense")),
        ("", None),
        ("x" * 513, None),
        ("a\x00b", None),
    ],
)
def test_a_line_is_a_tag(line: str, tag: Tag | None) -> None:
    assert tag_of(line) == tag


def test_what_a_reader_reads_can_be_told() -> None:
    assert tag_of("04123456789012", "label") == Tag(label="04123456789012")
    assert tag_of(CODE, "uid") is None


def test_lines_end_in_whatever_way_and_an_endless_one_is_dropped() -> None:
    lines = Lines()
    assert list(lines.feed(b"one\rtwo\r\nthr")) == ["one", "two"]
    assert list(lines.feed(b"ee\n\x02four\x03")) == ["three", "\x02four"]
    assert list(lines.feed(b"x" * 10_000)) == []
    assert list(lines.feed(b"five\n")) == ["five"]


Pty = tuple[int, str]


@pytest.fixture
def pty() -> Iterator[Pty]:
    """The far end of a serial line, and the name of the near one."""
    far, near = os.openpty()
    yield far, os.ttyname(near)
    os.close(near)
    os.close(far)


def read_until(read: Callable[[], object]) -> object:
    for _ in range(40):
        if (found := read()) is not None:
            return found
    raise AssertionError("nothing came")


def test_a_serial_scanner(pty: Pty) -> None:
    far, name = pty
    reader = LineReader(SerialPort(name))
    reader.connect()
    os.write(far, CODE[:9].encode())
    assert reader.read() is None
    os.write(far, CODE[9:].encode() + b"\r\n01101000001\r\n")
    assert read_until(reader.read) == Tag(label=CODE)
    assert read_until(reader.read) == Tag(label="01101000001")
    reader.close()
    reader.close()


def test_an_indicator_on_a_serial_line(pty: Pty) -> None:
    far, name = pty
    clock = iter(range(1, 1000))
    scale = Xk3190(SerialPort(name), "tf0", Rest(20, 3.0), now=lambda: float(next(clock)))
    scale.connect()
    os.write(far, b"\xff\x00garbage" + tf0(1_500)[4:] + tf0(14_800))
    weight = read_until(scale.read)
    assert (weight.grams, weight.stable, weight.flaw) == (14_800, False, None)  # type: ignore[attr-defined]
    os.write(far, tf0(14_800) * 4)
    assert read_until(scale.read).stable  # type: ignore[attr-defined]
    scale.close()


def test_the_units_of_another_country_are_a_flaw(pty: Pty) -> None:
    far, name = pty
    scale = Xk3190(SerialPort(name), "ascii", Rest(20, 3.0))
    scale.connect()
    os.write(far, b"ww014.80lb\r\n")
    assert read_until(scale.read).flaw is Why.SCALE_UNIT  # type: ignore[attr-defined]
    scale.close()


def test_a_port_that_is_not_there() -> None:
    with pytest.raises(DriverProblem):
        SerialPort("/dev/nothing-here").open()


def test_a_serial_line_pulled_out() -> None:
    far, near = os.openpty()
    port = SerialPort(os.ttyname(near))
    port.open()
    os.close(near)
    os.close(far)
    with pytest.raises(OSError, match=r".+"):
        read_until(lambda: port.take() or None)
    port.close()


def test_a_reader_on_tcp_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader = LineReader(TcpPort("127.0.0.1", server.getsockname()[1]))
        reader.connect()
        line, _ = server.accept()
        line.sendall(b"04A1B2C3D4E5F6\n")
        assert read_until(reader.read) == Tag(uid="04A1B2C3D4E5F6")
        assert reader.read() is None
        line.close()
        with pytest.raises(DriverProblem):
            reader.read()
        reader.close()


def key(code: int, value: int = 1) -> bytes:
    return EVENT.pack(0, 0, 1, code, value)


def test_a_scanner_that_types(tmp_path: Path) -> None:
    pipe = tmp_path / "event0"
    os.mkfifo(pipe)
    keyboard = Keyboard(str(pipe))
    reader = LineReader(keyboard)
    reader.connect()
    far = os.open(pipe, os.O_WRONLY)
    shift_a = key(42) + key(30) + key(30, 0) + key(42, 0)
    os.write(
        far, key(11) + key(5) + shift_a + key(2, 2) + key(2) + key(48) + key(3) + key(46) + key(4) + key(28)
    )
    assert read_until(reader.read) == Tag(uid="04A1B2C3")
    os.close(far)
    with pytest.raises(DriverProblem):
        reader.read()
    reader.close()


def test_a_scanner_at_the_terminal() -> None:
    near, far = os.pipe()
    reader = LineReader(Terminal(near))
    reader.connect()
    os.write(far, CODE.encode() + b"\n")
    assert read_until(reader.read) == Tag(label=CODE)
    os.close(far)
    with pytest.raises(DriverProblem):
        reader.read()
    os.close(near)
