"""Scales and relays on Modbus, RTU or TCP. There is no common map of registers: addresses come from the configuration.

Scale and relay may hang on one line; they share its connection and take turns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ModbusException

from integrations.devices.station.clocks import steady
from integrations.devices.station.drivers.base import DriverProblem
from integrations.devices.station.drivers.rest import Rest
from integrations.devices.station.seen import Weight
from integrations.devices.station.words import Why

TIMEOUT = 0.5  # seconds for one answer
TYPES = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2}  # registers of each


class Bus:
    """One connection; asked by several drivers, one after the other. Connects when asked and again after a failure."""

    def __init__(self, client: ModbusTcpClient | ModbusSerialClient) -> None:
        self._client, self._lock = client, threading.RLock()

    def call(self, what: Callable[[Any], Any]) -> Any:
        """The answer to a request; raises DriverProblem."""
        with self._lock:
            try:
                if not self._client.connected and not self._client.connect():
                    raise DriverProblem("Modbus: no connection")
                answer = what(self._client)
            except (ModbusException, OSError) as problem:
                self._client.close()  # type: ignore[no-untyped-call]
                raise DriverProblem(f"Modbus: {problem}") from problem
        if answer.isError():
            raise DriverProblem(f"Modbus: {answer}")
        return answer

    def close(self) -> None:
        """Let go of the line."""
        with self._lock:
            self._client.close()  # type: ignore[no-untyped-call]


def tcp(host: str, port: int) -> Bus:
    """A bus over TCP."""
    return Bus(ModbusTcpClient(host, port=port, timeout=TIMEOUT, retries=0))


def rtu(device: str, baud: int, parity: str, stop_bits: int) -> Bus:
    """A bus over a serial line."""
    client = ModbusSerialClient(
        device, baudrate=baud, parity=parity, stopbits=stop_bits, timeout=TIMEOUT, retries=0
    )
    return Bus(client)


@dataclass(frozen=True, slots=True)
class ScaleMap:
    """Where a scale keeps its weight. `*_bit` are bits of the register `status`; None where there is none."""

    device_id: int
    address: int
    type: str
    word_order: str
    input_registers: bool
    grams_per_unit: float
    status: int | None = None
    stable_bit: int | None = None
    overload_bit: int | None = None
    unit: int | None = None
    unit_is_kg: int | None = None


class ModbusScale:
    """Asks for the weight five times a second."""

    def __init__(self, bus: Bus, where: ScaleMap, rest: Rest, now: Callable[[], float] = steady) -> None:
        self._bus, self._map, self._rest, self._now = bus, where, rest, now
        self._pause = threading.Event()

    def connect(self) -> None:
        """See whether it answers."""
        self._rest.forget()
        self._registers(self._map.address, TYPES[self._map.type])

    def read(self) -> Weight | None:
        """The weight now."""
        self._pause.wait(0.2)
        where = self._map
        if where.unit is not None and self._registers(where.unit, 1)[0] != where.unit_is_kg:
            return self._flawed(Why.SCALE_UNIT)
        status = 0 if where.status is None else self._registers(where.status, 1)[0]
        if where.overload_bit is not None and status >> where.overload_bit & 1:
            return self._flawed(Why.SCALE_OVERLOAD)
        kind = ModbusTcpClient.DATATYPE[where.type.upper()]
        raw = self._registers(where.address, TYPES[where.type])
        value = float(ModbusTcpClient.convert_from_registers(raw, kind, word_order=_order(where.word_order)))  # type: ignore[arg-type]
        if not -1e7 < value * where.grams_per_unit < 1e7:  # also not a number
            raise DriverProblem(f"Modbus: {value} is no weight")
        grams, at = round(value * where.grams_per_unit), self._now()
        rests = self._rest.feed(grams, at)
        return Weight(
            grams, stable=rests if where.stable_bit is None else bool(status >> where.stable_bit & 1), at=at
        )

    def _flawed(self, why: Why) -> Weight:
        self._rest.forget()
        return Weight(0, stable=False, at=self._now(), flaw=why)

    def _registers(self, address: int, count: int) -> list[int]:
        name = "read_input_registers" if self._map.input_registers else "read_holding_registers"
        answer = self._bus.call(
            lambda client: getattr(client, name)(address, count=count, device_id=self._map.device_id)
        )
        if len(answer.registers) != count:
            raise DriverProblem("Modbus: a short answer")
        return list(answer.registers)

    def close(self) -> None:
        """Let go of the line."""
        self._bus.close()


def _order(name: str) -> str:
    return "little" if name == "little" else "big"


@dataclass(frozen=True, slots=True)
class RelayMap:
    """Where a relay is. `feedback`: a discrete input, on when the valve is open; `watchdog`: a register written while it is held."""

    device_id: int
    coil: int
    feedback: int | None = None
    watchdog: int | None = None
    watchdog_value: int = 0


class ModbusRelay:
    """A coil that opens the valve while it is on; every write is read back."""

    def __init__(self, bus: Bus, where: RelayMap) -> None:
        self._bus, self._map = bus, where

    def connect(self) -> None:
        """See whether it answers."""
        self._coil()

    def release(self) -> None:
        """Switch it on."""
        self.hold()
        self._write(True)

    def hold(self) -> None:
        """Wind up the board's own watchdog, where it has one."""
        where = self._map
        if where.watchdog is not None:
            register, value = where.watchdog, where.watchdog_value
            self._bus.call(lambda client: client.write_register(register, value, device_id=where.device_id))

    def shut(self) -> None:
        """Switch it off."""
        self._write(False)

    def is_open(self) -> bool | None:
        """The valve's own contact where it has one, else the coil."""
        where = self._map
        if where.feedback is None:
            return self._coil()
        answer = self._bus.call(
            lambda client: client.read_discrete_inputs(where.feedback, count=1, device_id=where.device_id)
        )
        return bool(answer.bits[0])

    def _write(self, on: bool) -> None:
        self._bus.call(lambda client: client.write_coil(self._map.coil, on, device_id=self._map.device_id))
        if self._coil() is not on:
            raise DriverProblem("Modbus: the coil didn't follow")

    def _coil(self) -> bool:
        answer = self._bus.call(
            lambda client: client.read_coils(self._map.coil, count=1, device_id=self._map.device_id)
        )
        return bool(answer.bits[0])

    def close(self) -> None:
        """Let go of the line."""
        self._bus.close()
