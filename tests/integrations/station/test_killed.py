"""The agent with its real drivers, killed at each step of a fill: nothing is lost or doubled, and the next start shuts the valve.

The hardware is played by this process: an indicator on a pty, a relay with a watchdog on Modbus TCP, an RFID reader on a TCP port.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from pymodbus.server import ModbusTcpServer

from integrations.devices.station.drivers.simulated import DEAD_S, Bench, Cylinder
from integrations.devices.station.seen import Tag
from tests.house.source import ROOT
from tests.integrations.station.fake_portal import FakePortal, running
from tests.integrations.station.modbus_place import Server, device
from tests.integrations.station.test_frames import tf0
from tests.workers.playing import free_port

LABEL = "37050200101000001"
FLOW = 1500  # g/s
PATIENCE = 60.0
WRITE_COIL, WRITE_REGISTER = 5, 6
TOML = """
[station]
gun = "G-01"
data = "data"
[server]
url = "{url}"
token_file = "token"
[reader]
driver = "tcp"
host = "127.0.0.1"
port = {reader}
presence = true
[scale]
driver = "xk3190"
port = "{scale}"
rest_for_s = 0.3
[interlock]
driver = "modbus_tcp"
host = "127.0.0.1"
port = {valve}
coil = 0
watchdog = 5
watchdog_value = 15
[fill]
target_kg = 2.5
settle_s = 4
[display]
port = {display}
"""


class Hardware:
    """The filling place of this test, on real lines."""

    def __init__(self) -> None:
        self.bench = Bench(flow_gps=FLOW)
        self.opened = 0
        self.valve_port = free_port()
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        os.set_blocking(self._far, False)
        self.scale_name = os.ttyname(self._near)
        self._reader = socket.create_server(("127.0.0.1", 0))
        self._reader.settimeout(0.05)
        self.reader_port = self._reader.getsockname()[1]
        self._valve = Server(
            lambda: ModbusTcpServer(device(self._looked), address=("127.0.0.1", self.valve_port))
        )
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _looked(self, code: int, _address: int, _registers: list[int], written: Any) -> None:
        if code == WRITE_COIL and written:
            self.opened += bool(written[0])
            self.bench.turn(bool(written[0]))
        elif code == WRITE_REGISTER and written:
            self.bench.hold()

    def _run(self) -> None:
        lines: list[socket.socket] = []
        while not self._ending.wait(0.04):
            grams, _ = self.bench.look()
            with suppress(OSError):
                os.write(self._far, tf0(grams, 3))
            with suppress(TimeoutError):
                lines.append(self._reader.accept()[0])
            if (here := self.bench.here) is not None:
                for line in lines:
                    with suppress(OSError):
                        line.sendall(f"{here.tag.label}\n".encode())
        for line in lines:
            line.close()

    def end(self) -> None:
        self._ending.set()
        self._thread.join(10)
        self._valve.end()
        self._reader.close()
        os.close(self._far)
        os.close(self._near)


@pytest.fixture(scope="module")
def hardware() -> Iterator[Hardware]:
    one = Hardware()
    yield one
    one.end()


@pytest.fixture
def portal() -> FakePortal:
    return FakePortal()


@pytest.fixture
def display(hardware: Hardware, portal: FakePortal, tmp_path: Path) -> Iterator[int]:
    """The port of the display; the configuration is written."""
    number = free_port()
    with running(portal) as url:
        (tmp_path / "token").write_text("t")
        (tmp_path / "token").chmod(0o600)
        told = {
            "url": url,
            "reader": hardware.reader_port,
            "scale": hardware.scale_name,
            "valve": hardware.valve_port,
        }
        (tmp_path / "station.toml").write_text(TOML.format(**told, display=number))
        yield number
    hardware.bench.take()


def begin(folder: Path, *dying: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "tests.integrations.station.dying",
        *dying,
        "--config",
        str(folder / "station.toml"),
    ]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def wait_for(is_so: Any) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := is_so()):
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.05)
    return found


def told(display: int) -> dict[str, Any]:
    with suppress(requests.RequestException):
        found: dict[str, Any] = requests.get(f"http://127.0.0.1:{display}/status.json", timeout=2).json()
        return found
    return {}


def is_quiet(display: int) -> bool:
    """Idle, connected, and the portal has everything."""
    now = told(display)
    counts = now.get("outbox", {}).get("counts", {"waiting": 1})
    reached = now.get("portal", {}).get("reached") and now["phase"]["code"] == "idle" and not now["problems"]
    return bool(reached) and not counts.get("waiting") and not counts.get("accepted")


MOMENTS = [
    ("Outbox.begin_fill", "before", 1, "nothing"),
    ("Outbox.begin_fill", "after", 1, "interrupted"),
    ("ModbusRelay.release", "after", 1, "interrupted"),
    ("Outbox.note_weight", "after", 1, "interrupted"),
    ("Outbox.finish_fill", "before", 1, "interrupted"),
    ("Outbox.finish_fill", "after", 1, "full"),
    ("Portal.upload", "after", 1, "full"),
]


@pytest.mark.parametrize(("what", "when", "nth", "ended"), MOMENTS, ids=lambda value: str(value))
def test_killed_at(
    hardware: Hardware,
    portal: FakePortal,
    display: int,
    tmp_path: Path,
    what: str,
    when: str,
    nth: int,
    ended: str,
) -> None:
    cylinder = Cylinder(Tag(label=LABEL))
    hardware.bench.put(cylinder)
    killed = begin(tmp_path, what, when, str(nth))
    assert killed.wait(PATIENCE) == -9, (tmp_path / "log").read_text()[-2000:]
    wait_for(lambda: not hardware.bench.look()[0] or not hardware.bench.valve)  # the board's own watchdog
    hardware.bench.take()
    opened = hardware.opened
    again = begin(tmp_path, "never", "", "")
    try:
        wait_for(lambda: is_quiet(display))
    finally:
        again.terminate()
        again.wait(PATIENCE)
    assert (hardware.opened, hardware.bench.valve) == (opened, False)
    fills = [portal.events[one] for one in portal.order]
    assert all(len(bodies) == 1 for bodies in portal.bodies.values())
    if ended == "nothing":
        assert (fills, cylinder.gas_g) == ([], 0)
        return
    (fill,) = fills
    assert (fill["label"], fill["data"]["ended"]) == (LABEL, ended)
    missing = cylinder.gas_g - fill["data"]["net_kg"] * 1000
    # A finished fill is weighed to the gram; an interrupted one may lack what flowed since the last note and until the board let go.
    assert abs(missing) <= (1 if ended == "full" else (1.0 + DEAD_S + 1.5) * FLOW)


def test_a_whole_fill_over_real_lines_and_the_tag_swapped_in_the_next(
    hardware: Hardware, portal: FakePortal, display: int, tmp_path: Path
) -> None:
    first, second = Cylinder(Tag(label=LABEL)), Cylinder(Tag(label="37050200101000002"))
    agent = begin(tmp_path, "never", "", "")
    try:
        wait_for(lambda: is_quiet(display))
        hardware.bench.put(first)
        wait_for(lambda: told(display).get("net_kg"))
        hardware.bench.take()
        wait_for(lambda: is_quiet(display))
        hardware.bench.put(second)
        wait_for(lambda: second.gas_g > 500)
        second.tag = Tag(label="37050200101000003")
        wait_for(lambda: told(display).get("why", {}).get("code") == "tag_changed")
        hardware.bench.take()
        wait_for(lambda: is_quiet(display))
    finally:
        agent.terminate()
        assert agent.wait(PATIENCE) == 0
    filled, broken = (portal.events[one] for one in portal.order)
    assert filled["data"]["net_kg"] * 1000 == round(first.gas_g)
    assert (broken["label"], broken["data"]["ended"], broken["data"]["weighing"]) == (
        second.tag.label[:-1] + "2",
        "tag_changed",
        "last",
    )  # type: ignore[index]
    assert not hardware.bench.valve
