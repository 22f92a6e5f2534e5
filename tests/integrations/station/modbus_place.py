"""A scale and a relay on Modbus, played by pymodbus' own server in a thread."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

Looked = Callable[[int, int, list[int], Any], None]


def device(looked: Looked | None = None) -> SimDevice:
    """Coils 0–15, discrete inputs 0–15, holding registers 0–19; `looked(function, address, registers, written)` sees every request."""

    async def action(
        code: int, _start: int, address: int, _count: int, registers: list[int], written: Any
    ) -> None:
        if looked is not None:
            looked(code, address, registers, written)

    bits = [SimData(0, count=1, values=[False] * 16, datatype=DataType.BITS)]
    words = [SimData(0, count=20, values=0, datatype=DataType.REGISTERS)]
    return SimDevice(1, simdata=(bits, list(bits), words, list(words)), action=action)


class Server:
    """Serves until `end`; `make` builds the server inside its own loop."""

    def __init__(self, make: Callable[[], ModbusTcpServer | ModbusSerialServer]) -> None:
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self.server = self._make()
        await self.server.listen()
        self._ready.set()
        with suppress(asyncio.CancelledError):
            await self.server.serving

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.shutdown(), self._loop).result(10)
        self._thread.join(10)


class Wire:
    """Carries bytes between the far ends of two serial lines until `end`."""

    def __init__(self, one: int, other: int) -> None:
        self._ends = {one: other, other: one}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.is_set():
            for ready in select.select(list(self._ends), [], [], 0.05)[0]:
                os.write(self._ends[ready], os.read(ready, 1024))

    def end(self) -> None:
        self._ending.set()
        self._thread.join(10)
