"""The drivers that a configuration names. Scale and relay on the same Modbus line get one connection between them."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.devices.station import config as c
from integrations.devices.station.drivers import modbus
from integrations.devices.station.drivers.base import Interlock, Scale, TagReader
from integrations.devices.station.drivers.keys import Keyboard
from integrations.devices.station.drivers.ports import Port, SerialPort, TcpPort, Terminal
from integrations.devices.station.drivers.readers import LineReader
from integrations.devices.station.drivers.rest import Rest
from integrations.devices.station.drivers.simulated import (
    Bench,
    SimulatedReader,
    SimulatedScale,
    SimulatedValve,
)
from integrations.devices.station.drivers.xk3190 import Xk3190

Buses = dict[tuple[str, ...], modbus.Bus]


@dataclass(frozen=True, slots=True)
class Hardware:
    """What stands at the filling place."""

    reader: TagReader
    scale: Scale
    interlock: Interlock


def hardware(config: c.Config, bench: Bench) -> Hardware:
    """The drivers; nothing is opened yet. `bench` stands in where the configuration says simulated."""
    buses: Buses = {}
    return Hardware(_reader(config, bench), _scale(config, bench, buses), valve(config, bench, buses))


def _reader(config: c.Config, bench: Bench) -> TagReader:
    part = config.reader
    port: Port
    if isinstance(part, c.SimulatedReaderPart):
        return SimulatedReader(bench)
    if isinstance(part, c.SerialReaderPart):
        port = SerialPort(part.port, part.baud, part.parity, part.stop_bits)
    elif isinstance(part, c.TcpReaderPart):
        port = TcpPort(part.host, part.port)
    elif isinstance(part, c.KeyboardReaderPart):
        port = Keyboard(part.device)
    else:
        port = Terminal()
    return LineReader(port, part.reads)


def _scale(config: c.Config, bench: Bench, buses: Buses) -> Scale:
    part = config.scale
    if isinstance(part, c.SimulatedScalePart):
        return SimulatedScale(bench)
    rest = Rest(part.rest_within_g, part.rest_for_s)
    if isinstance(part, c.Xk3190Part):
        return Xk3190(SerialPort(part.port, part.baud, part.parity, part.stop_bits), part.format, rest)
    where = modbus.ScaleMap(**{name: getattr(part, name) for name in modbus.ScaleMap.__slots__})
    return modbus.ModbusScale(_bus(part, buses), where, rest)


def valve(config: c.Config, bench: Bench, buses: Buses | None = None) -> Interlock:
    """The interlock alone."""
    part = config.interlock
    if isinstance(part, c.SimulatedValvePart):
        return SimulatedValve(bench)
    where = modbus.RelayMap(part.device_id, part.coil, part.feedback, part.watchdog, part.watchdog_value)
    return modbus.ModbusRelay(_bus(part, {} if buses is None else buses), where)


def _bus(part: c.TcpScalePart | c.RtuScalePart | c.TcpRelayPart | c.RtuRelayPart, buses: Buses) -> modbus.Bus:
    if isinstance(part, c.TcpScalePart | c.TcpRelayPart):
        key = (part.host, str(part.port))
        return buses.setdefault(key, modbus.tcp(part.host, part.port))
    return buses.setdefault((part.port,), modbus.rtu(part.port, part.baud, part.parity, part.stop_bits))
