"""How a test plays with the make-believe portal: start it, look at it, wait for something to become true."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workers.processes import marked

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds until a test gives up; not a measurement


def wait_until(look: Callable[[], Any], what: str) -> Any:
    """What `look` returns as soon as it is true."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)
    return seen


def free_port() -> int:
    """A port of the loopback address that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MakeBelieve:
    """One DATA_DIR and the runs of the make-believe portal on it."""

    def __init__(self, data_dir: Path, **env: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        inherited = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
        }
        self.env = inherited | {"DATA_DIR": str(data_dir), "HOST": "127.0.0.1", "PORT": str(self.port)} | env
        self.runs: list[subprocess.Popen[str]] = []

    def begin(self) -> subprocess.Popen[str]:
        """Start a run and return at once."""
        run = subprocess.Popen(
            [sys.executable, "-m", "tests.workers.make_believe"],
            cwd=ROOT,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.runs.append(run)
        return run

    def begin_and_wait(self) -> subprocess.Popen[str]:
        """Start a run and return when it has said that the portal is ready."""
        run = self.begin()
        said = ""
        while "ready" not in said:
            said = run.stdout.readline()
            assert said or run.poll() is None, run.stderr.read()
        return run

    def end(self, run: subprocess.Popen[str]) -> int:
        """Ask a run to stop; its exit status."""
        run.terminate()
        run.communicate(timeout=PATIENCE)
        return run.returncode

    def pids(self) -> dict[str, int]:
        """The processes of the running portal by name."""
        return json.loads((self.data_dir / "run" / "processes.json").read_text())

    def marked(self, name: str = "") -> set[int]:
        """Every process that belongs to this DATA_DIR, or to one of its processes, down to the last descendant."""
        return set(marked(f"{self.data_dir}#{name}" if name else str(self.data_dir)))

    def tidy(self) -> None:
        """Leave nothing running."""
        for run in self.runs:
            if run.poll() is None:
                self.end(run)


def is_alive(pid: int) -> bool:
    """Whether a process still does something."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
