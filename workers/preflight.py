"""What is checked before anything is started: the address is free, the data folder is ours and nobody else's at work on it."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.accidents import CannotStart, explain
from workers.interruption import pause

FAREWELL = 40.0  # seconds that a portal which is just stopping may take
GRACE = 1.5  # seconds in which a portal whose starter was killed notices it


def check_address(host: str, port: int) -> None:
    """Raises CannotStart when the portal could not listen there."""
    try:
        if not 0 < port < 65536:
            raise OverflowError
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, OverflowError) as error:
        raise CannotStart(_address_trouble(host, port, error)) from None


def _address_trouble(host: str, port: int, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program: stop that, or choose another port with PORT=8001 make run."
    if number == errno.EACCES:
        return f"Port {port} may only be used by root: choose one above 1023 with PORT=8001 make run."
    return f"The portal can't listen on {host} port {port}: HOST must be an address of this machine and PORT at most 65535."


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Holds DATA_DIR for this process; raises CannotStart when another portal runs on it, after waiting for one that is stopping."""
    try:
        data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        (data_dir / "run").mkdir(mode=0o755, exist_ok=True)
        lock = os.open(data_dir / "run" / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise explain(error, data_dir) from None
    try:
        _take(lock, data_dir)
        _note(lock, "running")
        yield
    finally:
        os.close(lock)


def say_farewell(data_dir: Path) -> None:
    """Tell a successor that waits for DATA_DIR that this process is on its way out."""
    lock = os.open(data_dir / "run" / "lock", os.O_RDWR)
    try:
        _note(lock, "stopping")
    finally:
        os.close(lock)


def _take(lock: int, data_dir: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            state, _, pid = os.pread(lock, 64, 0).decode(errors="replace").strip().partition(" ")
            patience = FAREWELL if state == "stopping" else GRACE
            if time.monotonic() - began > patience:
                raise CannotStart(
                    f"The portal is already running on {data_dir} (process {pid or 'unknown'}): "
                    "stop it first, or choose another folder with DATA_DIR."
                ) from None
        pause(0.1)


def _note(lock: int, state: str) -> None:
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{state} {os.getpid()}\n".encode(), 0)
    except OSError:  # a full disk: the lock itself holds all the same
        return
