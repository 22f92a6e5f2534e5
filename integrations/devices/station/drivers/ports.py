"""Lines of bytes: a serial port, a TCP connection, this terminal. Each gives pieces as they come."""

from __future__ import annotations

import os
import select
import socket
import sys
from typing import Protocol

import serial

from integrations.devices.station.drivers.base import DriverProblem

MOMENT = 0.3  # seconds
MOST = 4096


class Port(Protocol):
    """Where bytes come from."""

    def open(self) -> None:
        """Connect; raises OSError."""

    def take(self) -> bytes:
        """What came within a moment, maybe nothing; raises OSError when the line is dead."""

    def close(self) -> None:
        """Let go."""


class SerialPort:
    """A serial line, as `/dev/ttyUSB0`; nobody else may have it."""

    def __init__(
        self, device: str, baud: int = 9600, parity: str = "N", stop_bits: int = 1, data_bits: int = 8
    ) -> None:
        self._settings = (device, baud, data_bits, parity, stop_bits)
        self._line: serial.Serial | None = None

    def open(self) -> None:
        """Connect; what lies in the port from before is thrown away."""
        try:
            self._line = serial.Serial(*self._settings, timeout=MOMENT, exclusive=True)
            self._line.reset_input_buffer()
        except (serial.SerialException, ValueError) as problem:
            raise DriverProblem(str(problem)) from problem

    def take(self) -> bytes:
        """What came."""
        if self._line is None:
            raise DriverProblem("not connected")
        try:
            found: bytes = self._line.read(1)
            return found + self._line.read(min(self._line.in_waiting, MOST)) if found else b""
        except (serial.SerialException, TypeError) as problem:
            raise DriverProblem(str(problem)) from problem

    def close(self) -> None:
        """Let go."""
        if self._line is not None:
            self._line.close()
        self._line = None


class TcpPort:
    """A connection to a reader that speaks on a port of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._line: socket.socket | None = None

    def open(self) -> None:
        """Connect; a dead peer is noticed by keep-alives."""
        self._line = socket.create_connection(self._address, timeout=3)
        self._line.settimeout(MOMENT)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 3)):
            self._line.setsockopt(socket.IPPROTO_TCP, option, value)

    def take(self) -> bytes:
        """What came."""
        if self._line is None:
            raise DriverProblem("not connected")
        try:
            piece = self._line.recv(MOST)
        except TimeoutError:
            return b""
        if not piece:
            raise DriverProblem("the reader hung up")
        return piece

    def close(self) -> None:
        """Let go."""
        if self._line is not None:
            self._line.close()
        self._line = None


class Terminal:
    """A scanner that types into this terminal."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor

    def open(self) -> None:
        """Nothing to do but to know which."""
        if self._descriptor is None:
            self._descriptor = sys.stdin.fileno()

    def take(self) -> bytes:
        """What was typed."""
        if self._descriptor is None:
            raise DriverProblem("not connected")
        ready, _, _ = select.select([self._descriptor], [], [], MOMENT)
        if not ready:
            return b""
        piece = os.read(self._descriptor, MOST)
        if not piece:
            raise DriverProblem("the terminal was closed")
        return piece

    def close(self) -> None:
        """The terminal isn't ours to close."""
