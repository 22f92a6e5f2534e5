"""Watches over processes: starts them, starts again what dies, and stops them all, last stage first."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from workers.accidents import CannotStart
from workers.folders import write_private
from workers.processes import Kept

FIRST_DELAY = 0.25  # seconds before a dead process is started again; doubles with each early death
LONGEST_DELAY = 5.0
GROWN_UP = 10.0  # seconds after which a death is no longer an early one


class Child(Kept):
    """A process of the portal itself, started from a command."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        data_dir: Path,
        env: Mapping[str, str],
        *,
        death_signal: str = "KILL",
        cwd: Path | None = None,
    ) -> None:
        super().__init__(name, data_dir)
        self.command = tuple(command)
        self.env = dict(env)
        self.death_signal = death_signal
        self.cwd = cwd or Path.cwd()

    def start(self) -> None:
        """Start the command; whether it is of use is for its own readiness check to say."""
        self.spawn(self.command, self.env, self.cwd)


class Nursery:
    """The processes of one DATA_DIR in the order in which they are started; one loop calls `watch` again and again."""

    def __init__(
        self, data_dir: Path, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stages: list[list[Kept]] = []
        self._data_dir = data_dir
        self._say = say
        self._clock = clock
        self._born: dict[str, float] = {}
        self._early_deaths: dict[str, int] = {}
        self._due: dict[str, float] = {}

    def add(self, *stage: Kept) -> None:
        """Start these, which need everything added before; raises CannotStart when one of them doesn't come up."""
        self.stages.append(list(stage))
        for kept in stage:
            self._start(kept)
        self._write_pids()

    def watch(self) -> None:
        """Look at every process once: note a death, and start again what is due."""
        for kept in self._all():
            if kept.name in self._due:
                if self._clock() >= self._due[kept.name]:
                    self._start_again(kept)
            elif ended := kept.ended():
                self._note_death(kept, ended)

    def stop(self, seconds: float) -> None:
        """Stop everything, the last stage first, giving each stage so many seconds before it is ended firmly."""
        while self.stages:
            stage = self.stages.pop()
            for kept in stage:
                kept.ask_to_stop()
            deadline = time.monotonic() + seconds
            for kept in stage:
                kept.finish(deadline)
        self._write_pids()

    def pids(self) -> dict[str, int]:
        """The running processes by name."""
        return {kept.name: kept.pid for kept in self._all() if kept.pid is not None}

    def hopeless(self, deaths: int) -> Kept | None:
        """A process that died so often in a row, each time soon after its start; None when all is well."""
        return next((kept for kept in self._all() if self._early_deaths.get(kept.name, 0) >= deaths), None)

    def _all(self) -> list[Kept]:
        return [kept for stage in self.stages for kept in stage]

    def _start(self, kept: Kept) -> None:
        kept.start()
        self._born[kept.name] = self._clock()

    def _note_death(self, kept: Kept, ended: str) -> None:
        early = self._clock() - self._born[kept.name] < GROWN_UP
        deaths = self._early_deaths[kept.name] = self._early_deaths.get(kept.name, 0) + 1 if early else 0
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** max(0, deaths - 1))
        self._due[kept.name] = self._clock() + delay
        kept.sweep()
        if deaths & (deaths - 1) == 0:  # the first, second, fourth, eighth … in a row: a terminal is no log
            self._say(
                f"{kept.name} ended ({ended}) and starts again in {delay:g} s; its words are in {kept.log}"
            )

    def _start_again(self, kept: Kept) -> None:
        del self._due[kept.name]
        try:
            self._start(kept)
        except CannotStart as error:
            self._born[kept.name] = self._clock()
            self._note_death(kept, str(error).rstrip("."))
        except (
            OSError
        ) as error:  # a full disk or no room for a process passes; giving up would stop all the others
            self._born[kept.name] = self._clock()
            self._note_death(kept, error.strerror or str(error))
        self._write_pids()

    def _write_pids(self) -> None:
        try:
            write_private(self._data_dir / "run" / "processes.json", json.dumps(self.pids(), indent=1) + "\n")
        except OSError as error:
            self._say(f"processes.json could not be written: {error.strerror}")
