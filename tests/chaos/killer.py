"""SIGKILL, by process id, to processes of this world only: at random, and at the named places of `tenants/faults.py`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from tenants.faults import CrashPoint
from tests.chaos.world import World, kill

WORKERS = ("worker-1", "worker-2")
PASSES_BY: dict[CrashPoint, tuple[str, ...]] = {
    CrashPoint.AFTER_INBOX_INSERT: ("web",),
    CrashPoint.AFTER_COMMIT_BEFORE_REPLY: ("web",),
    CrashPoint.AFTER_CLAIM: WORKERS,
    CrashPoint.MID_APPLY: WORKERS,
    CrashPoint.BEFORE_APPLY_COMMIT: WORKERS,
    CrashPoint.AFTER_APPLY_COMMIT: WORKERS,
    CrashPoint.RELAY_AFTER_READ: ("relay",),
    CrashPoint.RELAY_BEFORE_MARK: ("relay",),
}
COMES_BY_WITHIN = 40.0  # seconds


class Killer:
    """Kills and counts."""

    def __init__(self, world: World, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self._world = world
        self._random = Random(seed)
        self._ways: dict[str, tuple[int, Callable[[], bool]]] = {
            "worker: parent only": (4, lambda: self._kill(self._pid(self._worker()))),
            "worker: child only": (4, lambda: self._kill_some(world.children_of(self._worker()))),
            "worker: both": (3, self._both),
            "relay": (3, lambda: self._kill(self._pid("relay"))),
            "web: one process": (3, lambda: self._kill_some(world.children_of("web"))),
            "web: all": (1, lambda: self._all([*world.children_of("web"), self._pid("web")])),
            "scheduler": (2, lambda: self._kill(self._pid("scheduler"))),
            "redis": (2, lambda: self._kill(self._pid("redis"))),
            "postgres: all processes": (2, lambda: self._all(world.database_processes())),
        }

    @property
    def ways(self) -> tuple[str, ...]:
        """What can be killed."""
        return tuple(self._ways)

    def strike(self, way: str | None = None) -> str | None:
        """Kill in this way, or in one drawn by lot; the way, or None when nobody was there."""
        weights = [weight for weight, _ in self._ways.values()]
        chosen = way or self._random.choices(self.ways, weights)[0]
        if not self._ways[chosen][1]():
            return None
        self.kills[chosen] += 1
        return chosen

    def strike_at(self, point: CrashPoint) -> bool:
        """Let whoever passes that place next die there; whether somebody did."""
        token = self._world.data_dir / f"crash-{point.value}"
        token.touch()
        token.chmod(0o666)
        for name in PASSES_BY[point]:
            self._world.child(name).env["CRASH_AT"] = f"{point.value}:{token}"
            self._all([*self._world.children_of(name), self._pid(name)])  # it starts again with that in mind
        deadline = time.monotonic() + COMES_BY_WITHIN
        while token.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        died = not token.exists()
        token.unlink(missing_ok=True)
        if died:
            self.kills[f"at {point.value}"] += 1
        return died

    def _worker(self) -> str:
        return self._random.choice(WORKERS)

    def _pid(self, name: str) -> int | None:
        return self._world.pid(name)

    def _both(self) -> bool:
        name = self._worker()
        return self._all([*self._world.children_of(name), self._pid(name)])

    def _kill(self, pid: int | None) -> bool:
        return pid is not None and kill(pid)

    def _kill_some(self, pids: list[int]) -> bool:
        return bool(pids) and kill(self._random.choice(pids))

    def _all(self, pids: list[int | None] | list[int]) -> bool:
        return any([self._kill(pid) for pid in pids])  # noqa: C419 - each of them, not the first
