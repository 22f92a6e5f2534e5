"""The campaign: `python -m tests.chaos.campaign [--seconds 60] [--seed 7]`; exit status 1 when anything was lost or doubled."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tenants.faults import CrashPoint
from tests.cast import BOTH
from tests.chaos.client import Client
from tests.chaos.invariants import Found, come_to_rest, drift_now, look
from tests.chaos.killer import PASSES_BY, Killer
from tests.chaos.world import World, running_world

CLIENTS = 3  # of each enterprise


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to kill at random, how often at each named place, and how many seconds lie between two kills."""

    seconds: float
    repeats: int
    seed: int
    between: tuple[float, float] = (0.3, 1.5)
    points: tuple[CrashPoint, ...] = tuple(PASSES_BY)


@dataclass(frozen=True, slots=True)
class Story:
    """How it went."""

    plan: Plan
    kills: dict[str, int]
    not_reached: list[str]
    calls: int
    failures: int
    repeats: int
    found: Found

    @property
    def fine(self) -> bool:
        """Nothing was lost or doubled, and every named place was reached."""
        return self.found.fine and not self.not_reached

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        found = self.found
        return {
            "seed": self.plan.seed,
            "seconds": self.plan.seconds,
            "kills": dict(self.kills),
            "kills_total": sum(self.kills.values()),
            "crash_points_not_reached": self.not_reached,
            "calls": self.calls,
            "calls_failed": self.failures,
            "calls_repeated": self.repeats,
            "events_acknowledged": found.events,
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "judged_otherwise": len(found.judged_otherwise),
            "quarantined": found.quarantined,
            "uploads_overtaken": found.overtaken,
            "wrong": found.wrong[:20],
            "lag_s": found.lag_s,
        }


def play(world: World, plan: Plan, cylinders: int) -> Story:
    """Send, kill, let everything come to rest, and look."""
    before = {enterprise.tenant_id: drift_now(enterprise.tenant_id) for enterprise in BOTH}
    origin = world.settings.public_origin
    clients = [
        Client(origin, e, number, CLIENTS, cylinders, plan.seed) for e in BOTH for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    killer, random = Killer(world, plan.seed), Random(plan.seed)
    not_reached = [
        point.value for _ in range(plan.repeats) for point in plan.points if not killer.strike_at(point)
    ]
    ends = time.monotonic() + plan.seconds
    while time.monotonic() < ends:
        time.sleep(random.uniform(*plan.between))
        killer.strike()
    for client in clients:
        client.finish()
    world.await_ready()
    for client in clients:
        client.join(60)
    come_to_rest(world)
    logs = [client.log for client in clients]
    return Story(
        plan, dict(killer.kills), not_reached, sum(log.calls for log in logs), sum(log.failures for log in logs),
        sum(log.repeats for log in logs), look(world, logs, before),
    )  # fmt: skip


def tell(story: Story) -> None:
    """The table."""
    figures = story.as_json()
    print(f"\n{'killed':<34}{'times':>7}")
    for way, times in sorted(story.kills.items()):
        print(f"  {way:<32}{times:>7}")
    print(f"  {'together':<32}{figures['kills_total']:>7}\n")
    for name in ("calls", "calls_failed", "calls_repeated", "events_acknowledged", "lost", "doubled", "judged_otherwise",
                 "quarantined", "uploads_overtaken"):  # fmt: skip
        print(f"  {name:<32}{figures[name]:>7}")
    print(
        "  lag from receipt to done, s     "
        + "  ".join(f"{name} {value:g}" for name, value in figures["lag_s"].items())
    )
    for line in (*story.found.wrong[:10], *story.found.judged_otherwise[:10]):
        print(f"  ! {line}")
    for point in story.not_reached:
        print(f"  ! nobody died at {point}")
    print("\n  nothing lost, nothing doubled" if story.fine else "\n  FAILED")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.campaign", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of killing at random")
    parser.add_argument("--repeats", type=int, default=1, help="of each named crash point")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cylinders", type=int, default=60, help="of each enterprise")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    wanted = parser.parse_args(arguments)
    with running_world(wanted.cylinders) as world:
        story = play(world, Plan(wanted.seconds, wanted.repeats, wanted.seed), wanted.cylinders)
    tell(story)
    if wanted.json:
        wanted.json.write_text(json.dumps(story.as_json(), ensure_ascii=False, indent=1) + "\n")
    return 0 if story.fine else 1


if __name__ == "__main__":
    sys.exit(main())
