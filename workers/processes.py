"""Processes on a leash: in a session of their own, gone when their keeper is gone, stopped to the last descendant.

Every process carries `PORTAL_KEPT=DATA_DIR#name` in its environment, and so do its descendants, whatever group they moved to.
That mark, readable under /proc, is how leftovers of a killed run are told from everybody else's processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from workers.interruption import pause

MARK = "PORTAL_KEPT"
TICK = 0.05  # seconds between two looks at a process
LARGEST_LOG = 20 * 1024 * 1024  # bytes; a larger log is set aside when its process starts


class Kept:
    """One process that is started, watched and stopped; subclasses say how it is started."""

    stop_signal = signal.SIGTERM
    last_signal = signal.SIGKILL  # when the first was not heeded in time
    death_signal = "KILL"  # what the kernel sends it when the keeper dies

    def __init__(self, name: str, data_dir: Path) -> None:
        self.name = name
        self.data_dir = data_dir
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The file that gets everything the process says."""
        return self.data_dir / "logs" / f"{self.name}.log"

    @property
    def mark(self) -> str:
        """What tells this process and its descendants from all others."""
        return f"{self.data_dir}#{self.name}"

    @property
    def pid(self) -> int | None:
        """The number of the running process, or None."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None

    def start(self) -> None:
        """Start the process and return when it is of use; raises CannotStart with one sentence."""
        raise TypeError(f"{type(self).__name__} doesn't say how it is started")

    def ended(self) -> str | None:
        """How the process ended by itself, in a word or two; None while it runs or was never started."""
        if self.process is None or (status := self.process.poll()) is None:
            return None
        return f"signal {-status}" if status < 0 else f"status {status}"

    def ask_to_stop(self) -> None:
        """Send the polite signal, and don't wait."""
        if self.pid is not None:
            os.kill(self.pid, self.stop_signal)

    def finish(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then end it and whatever it left behind."""
        if self.process is None:
            return
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(TICK)
        if self.process.poll() is None:
            os.kill(self.process.pid, self.last_signal)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        self.sweep()
        self.process = None

    def stop(self, seconds: float = 10.0) -> None:
        """Stop it politely within so many seconds, otherwise firmly; nothing happens when it isn't running."""
        self.ask_to_stop()
        self.finish(time.monotonic() + seconds)

    def sweep(self) -> None:
        """End what a dead process left behind, so that nothing runs twice when it is started again."""
        kill_marked(self.mark)

    def spawn(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        """Start a command on the leash, its words going to the log."""
        leash = ("setpriv", "--pdeathsig", self.death_signal)
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                [*leash, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**env, MARK: self.mark},
                cwd=cwd,
                start_new_session=True,
            )


def open_log(path: Path):  # type: ignore[no-untyped-def]  # the type of a raw binary file has no short name
    """A log opened for appending, readable by its owner only; a very large one is set aside first."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def tail(path: Path, since: int = 0, size: int = 8192) -> str:
    """The end of a file as text, from byte `since` at the earliest; empty when there is none."""
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(since, path.stat().st_size - size))
        return file.read().decode(errors="replace")
    return ""


def size_of(path: Path) -> int:
    """The size of a file in bytes, 0 when there is none."""
    return path.stat().st_size if path.exists() else 0


def kill_marked(mark: str, seconds: float = 5.0) -> int:
    """Kill every process whose mark begins so, but never this one or its ancestors; returns how many there were."""
    found: set[int] = set()
    deadline = time.monotonic() + seconds
    while alive := set(marked(mark)):
        for pid in alive - found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        found |= alive
        if time.monotonic() > deadline:
            break
        time.sleep(TICK)
    return len(found)


def end_leftover(pid_file: Path, folder: Path, sign: signal.Signals, seconds: float) -> bool:
    """Stop the server that an earlier run left behind: the process of the pid file, if it really lives in `folder`."""
    pid = leftover(pid_file, folder)
    if pid is None:
        return False
    for number, patience in ((sign, seconds), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while leftover(pid_file, folder) == pid and time.monotonic() < deadline:
            pause(TICK)
        if not _lives_in(pid, folder):
            break
    return True


def leftover(pid_file: Path, folder: Path) -> int | None:
    """The process named by a pid file, if it is alive and works in `folder`; a number given to another process is not it."""
    try:
        pid = int(pid_file.read_text().split(maxsplit=1)[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    return pid if _lives_in(pid, folder) else None


def living_in(folder: Path) -> list[int]:
    """Every process whose working folder is `folder`."""
    return [pid for pid in _pids() if _lives_in(pid, folder)]


def _lives_in(pid: int, folder: Path) -> bool:
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", folder) and not _is_zombie(pid)
    except OSError:
        return False


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def marked(mark: str) -> Iterator[int]:
    """Every process whose mark begins so, except this one and its ancestors."""
    wanted = f"{MARK}={mark}".encode()
    spared = _self_and_ancestors()
    for pid in _pids():
        with suppress(OSError):
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            if pid not in spared and any(_belongs(variable, wanted) for variable in variables):
                yield pid


def _belongs(variable: bytes, wanted: bytes) -> bool:
    return variable == wanted or variable.startswith(wanted + b"#")


def _self_and_ancestors() -> set[int]:
    found, pid = set(), os.getpid()
    while pid > 1:
        found.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]
