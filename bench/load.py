"""Sending requests with wrk, and reading what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class NoLoadGenerator(Exception):
    """wrk is not installed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a run of requests showed; times in milliseconds."""

    per_second: float
    median_ms: float
    p99_ms: float
    failed: int


def send(url: str, seconds: int, script: str = "", connections: int = CONNECTIONS) -> Answered:
    """Requests to a loopback address for so many seconds, made by a Lua script where they aren't all the same."""
    if shutil.which("wrk") is None:
        raise NoLoadGenerator("The benchmarks need wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "requests.lua"
        made.write_text(script)
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--latency",
            "--timeout",
            "10s",
            "-s",
            str(made),
            url,
        ]
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=seconds + 30
        ).stdout
    return _read(said)


def _read(said: str) -> Answered:
    def milliseconds(share: str) -> float:
        found = re.search(rf"^\s+{share}%\s+([\d.]+)(us|ms|s|m)$", said, re.MULTILINE)
        return float(found[1]) * _UNITS[found[2]] if found else float("nan")

    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failed = int(bad[1]) if bad else 0
    failed += sum(int(number) for number in broken.groups()) if broken else 0
    return Answered(float(rate[1]) if rate else 0.0, milliseconds("50"), milliseconds("99"), failed)
