"""The portal and the bare route, side by side, on servers of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.chaos.world import World
from tests.workers.playing import free_port
from workers.children import WEB, web_processes

CYLINDERS, DEVICES = 2000, 8


class BenchWorld(World):
    """A world whose limits are out of the way: the load comes from one address and asks all the time."""

    workers = 2

    def _environment(self) -> dict[str, str]:
        open_wide = {"LOOKUPS_PER_MINUTE": "100000000", "TRUSTED_PROXIES": "1", "WORKERS": str(self.workers)}
        return {**super()._environment(), **open_wide}


@contextmanager
def portal(workers: int = 2) -> Iterator[BenchWorld]:
    """The whole portal with 2,000 cylinders and 8 devices in each of two enterprises; gone afterwards."""
    data_dir = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    data_dir.chmod(0o711)
    world = BenchWorld(data_dir, durable=True)
    world.workers = workers
    try:
        world.begin(CYLINDERS, DEVICES)
        yield world
    finally:
        world.end()
        shutil.rmtree(data_dir, ignore_errors=True)


@contextmanager
def bare_route() -> Iterator[str]:
    """The address of a Flask route that does nothing, served with the portal's own settings."""
    port = free_port()
    address = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(web_processes())]
    command = [sys.executable, "-m", "granian", *WEB.split(), *address, "bench.bare:app"]
    url = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(url)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _await(url: str) -> None:
    for _ in range(100):
        with suppress(OSError), urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own loopback address
            return
        time.sleep(0.1)
    raise TimeoutError(url)
