"""Scale and relay on Modbus, against the server of the same library."""

from __future__ import annotations

import os
import socket
import tty
from collections.abc import Iterator
from typing import Any

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.server import ModbusSerialServer, ModbusTcpServer

from integrations.devices.station.drivers import modbus
from integrations.devices.station.drivers.base import DriverProblem
from integrations.devices.station.drivers.modbus import ModbusRelay, ModbusScale, RelayMap, ScaleMap
from integrations.devices.station.drivers.rest import Rest
from integrations.devices.station.words import Why
from tests.integrations.station.modbus_place import Server, Wire, device


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


@pytest.fixture
def port() -> Iterator[int]:
    number = free_port()
    server = Server(lambda: ModbusTcpServer(device(), address=("127.0.0.1", number)))
    yield number
    server.end()


@pytest.fixture
def bus(port: int) -> Iterator[modbus.Bus]:
    bus = modbus.tcp("127.0.0.1", port)
    yield bus
    bus.close()


def write(bus: modbus.Bus, address: int, *values: int) -> None:
    bus.call(lambda client: client.write_registers(address, list(values), device_id=1))


def scale(bus: modbus.Bus, kind: str, **more: Any) -> ModbusScale:
    where = {
        "device_id": 1, "address": 0, "type": kind, "word_order": "big", "input_registers": False, "grams_per_unit": 10.0, **more,
    }  # fmt: skip
    return ModbusScale(bus, ScaleMap(**where), Rest(20, 0.3))


@pytest.mark.parametrize(
    ("kind", "value", "order"),
    [("int16", -148, "big"), ("uint16", 1480, "big"), ("int32", 148_000, "big"), ("uint32", 148_000, "little"),
     ("float32", 14.5, "big"), ("float32", -14.5, "little")],
)  # fmt: skip
def test_the_weight_in_whatever_registers_it_is(bus: modbus.Bus, kind: str, value: float, order: Any) -> None:
    raw = ModbusTcpClient.convert_to_registers(
        value, ModbusTcpClient.DATATYPE[kind.upper()], word_order=order
    )  # type: ignore[arg-type]
    write(bus, 0, *raw)
    one = scale(bus, kind, word_order=order)
    one.connect()
    weight = one.read()
    assert weight is not None
    assert (weight.grams, weight.stable, weight.flaw) == (round(value * 10), False, None)
    one.close()


def test_rest_overload_and_unit_where_the_scale_tells_them(bus: modbus.Bus) -> None:
    write(bus, 0, 1480, 0b01, 7)
    one = scale(bus, "uint16", status=1, stable_bit=0, overload_bit=3, unit=2, unit_is_kg=7)
    told = one.read()
    assert told is not None
    assert told.stable
    write(bus, 1, 0b1000)
    assert one.read().flaw is Why.SCALE_OVERLOAD  # type: ignore[union-attr]
    write(bus, 2, 8)
    assert one.read().flaw is Why.SCALE_UNIT  # type: ignore[union-attr]


def test_without_a_bit_rest_is_found_out(bus: modbus.Bus) -> None:
    write(bus, 0, 1480)
    one = scale(bus, "uint16")
    assert [one.read().stable for _ in range(4)][-1]  # type: ignore[union-attr]


def test_what_is_no_number_is_no_weight(bus: modbus.Bus) -> None:
    write(bus, 0, 0x7FC0, 0)
    with pytest.raises(DriverProblem):
        scale(bus, "float32").read()


def test_a_register_that_is_not_there(bus: modbus.Bus) -> None:
    with pytest.raises(DriverProblem):
        scale(bus, "uint16", address=900).read()


def test_the_relay_opens_and_shuts_and_winds_up_its_watchdog(bus: modbus.Bus) -> None:
    relay = ModbusRelay(bus, RelayMap(1, coil=3, watchdog=5, watchdog_value=15))
    relay.connect()
    assert relay.is_open() is False
    relay.release()
    assert relay.is_open() is True
    assert bus.call(lambda client: client.read_holding_registers(5, count=1, device_id=1)).registers == [15]
    relay.shut()
    relay.shut()
    assert relay.is_open() is False


def test_a_valve_with_a_contact_of_its_own_is_believed_rather_than_the_coil(bus: modbus.Bus) -> None:
    relay = ModbusRelay(bus, RelayMap(1, coil=3, feedback=2))
    relay.release()
    assert relay.is_open() is False


def test_nobody_there_and_then_somebody() -> None:
    number = free_port()
    bus = modbus.tcp("127.0.0.1", number)
    relay = ModbusRelay(bus, RelayMap(1, coil=0))
    with pytest.raises(DriverProblem):
        relay.shut()
    server = Server(lambda: ModbusTcpServer(device(), address=("127.0.0.1", number)))
    relay.release()
    assert relay.is_open() is True
    server.end()
    with pytest.raises(DriverProblem):
        relay.shut()
    bus.close()


def test_scale_and_relay_on_one_serial_line() -> None:
    far, near = os.openpty()
    other_far, other_near = os.openpty()
    for one in (far, near, other_far, other_near):
        tty.setraw(one)
    server = Server(lambda: ModbusSerialServer(device(), port=os.ttyname(other_near), baudrate=19200))
    wire = Wire(far, other_far)
    bus = modbus.rtu(os.ttyname(near), 19200, "N", 1)
    write(bus, 0, 1480)
    assert scale(bus, "uint16").read().grams == 14_800  # type: ignore[union-attr]
    relay = ModbusRelay(bus, RelayMap(1, coil=0))
    relay.release()
    assert relay.is_open() is True
    wire.end()
    with pytest.raises(DriverProblem):
        relay.shut()
    bus.close()
    server.end()
    for one in (far, near, other_far, other_near):
        os.close(one)
